// How orders meet bars and trades: each rule by hand-computed numbers. Prices in tenths, quantities in thousandths.
#include <gtest/gtest.h>

#include "sim/test_support.h"

namespace prom::sim_test {
namespace {

SimVenueConfig slipping() {
  SimVenueConfig config;
  config.slippage = "0.001"_dec;
  return config;
}

TEST(Market, FillsAtTheOpenWorsenedBySlippage) {
  World w = World::funded(slipping());
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100500, 99500, 100200));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0].price.v, 100100);                   // 10,000.0 * 1.001
  EXPECT_EQ(fills[0].slippage, "10"_dec);                // 1 coin * 10.0
  EXPECT_EQ(fills[0].fee, (Money{kUsdt, "5.005"_dec}));  // 10,010 * 0.0005
  EXPECT_EQ(fills[0].time, at_bar(1));
  EXPECT_EQ(fills[0].liquidity, Liquidity::taker);
  EXPECT_EQ(fills[0].trade.v, 1U);
  EXPECT_EQ(w.position(kPerp), 1000);
  EXPECT_EQ(w.balance(kUsdt), "99994.995"_dec);
}

TEST(Market, SlippageNeverLeavesTheBar) {
  World w = World::funded(slipping());
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100050, 99990, 100000));
  w.place(w.trader.order(kPerp, Side::sell, 1000), at_bar(2));
  w.play(kPerp, bar(2, 100000, 100050, 99990, 100000));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[0].price.v, 100050);
  EXPECT_EQ(fills[1].price.v, 99990);
}

TEST(Market, InsideTheBarGetsTheWorseOfOpenAndClose) {
  World w = World::funded();
  w.venue->on_bar_open(kPerp, bar(1, 100000, 100500, 99500, 100200), kBarLength);
  const TimeNs later = at_bar(1) + kSecond;
  w.place(w.trader.order(kPerp, Side::buy, 1000), later);
  w.place(w.trader.order(kPerp, Side::sell, 2000), later);
  w.venue->on_bar_range(kPerp, bar(1, 100000, 100500, 99500, 100200), kBarLength);
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[0].price.v, 100200);
  EXPECT_EQ(fills[0].time, later);
  EXPECT_EQ(fills[1].price.v, 100000);
}

TEST(Market, LatencyMovesTheOrderToTheNextPhase) {
  SimVenueConfig config;
  config.latency_to_venue = kSecond;
  config.latency_to_engine = kSecond;
  World w = World::funded(config);
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.venue->on_bar_open(kPerp, bar(1, 100000, 100500, 99500, 100200), kBarLength);
  EXPECT_EQ(w.position(kPerp), 0);
  EXPECT_FALSE(w.venue->is_idle(kPerp));
  w.venue->on_bar_range(kPerp, bar(1, 100000, 100500, 99500, 100200), kBarLength);
  w.listen();
  ASSERT_EQ(w.heard.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<VenueAccepted>(w.heard[0].body));
  EXPECT_EQ(w.heard[0].available_at, at_bar(1) + 2 * kSecond);
  EXPECT_EQ(std::get<VenueFilled>(w.heard[1].body).fill.time, at_bar(1) + kSecond);
  EXPECT_LT(w.heard[0].source_seq, w.heard[1].source_seq);
}

TEST(Stop, GapFillsAtTheOpenInsideFillsAtTheTrigger) {
  World w = World::funded(slipping());
  w.place(w.trader.order(kPerp, Side::buy, 2000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100500, 99500, 100200));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 99000), at_bar(2));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 97000), at_bar(2));
  w.play(kPerp, bar(2, 99500, 99600, 98900, 99000));
  w.play(kPerp, bar(3, 96000, 96500, 95000, 96400));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 3U);
  EXPECT_EQ(fills[1].price.v, 98901);  // 9,900.0 * 0.999
  EXPECT_EQ(fills[1].slippage, "9.9"_dec);
  EXPECT_EQ(fills[1].time.ns, at_bar(3).ns - 1);
  EXPECT_EQ(fills[2].price.v, 95904);  // the open 9,600.0 * 0.999, far below the trigger
  EXPECT_EQ(fills[2].time, at_bar(3));
  EXPECT_EQ(w.all<VenueTriggered>().size(), 2U);
  EXPECT_EQ(w.position(kPerp), 0);
}

TEST(Stop, ThatComesAfterTheOpenAndIsBeyondItFillsAtTheMarketAndNotBetter) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 92500), at_bar(1) + DurationNs{1});
  w.play(kPerp, bar(1, 80000, 98000, 79000, 97000));
  EXPECT_EQ(w.fills().at(1).price.v, 80000) << "nobody paid 92,500 when the stop was triggered";
  w.place(w.trader.order(kPerp, Side::sell, 1000), at_bar(2));
  w.place(w.trader.exit(kPerp, Side::buy, 1000, OrderType::stop_market, 93000), at_bar(2) + DurationNs{1});
  w.play(kPerp, bar(2, 97000, 98000, 90000, 91000));
  EXPECT_EQ(w.fills().at(3).price.v, 97000) << "the worse of open and close";
}

TEST(Stop, ComesBeforeTheTargetInTheSameBarAndCancelsIt) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  OrderSpec stop = w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 99000);
  OrderSpec target = w.trader.exit(kPerp, Side::sell, 1000, OrderType::take_profit_market, 101000);
  stop.oco_group = target.oco_group = 7;
  w.place(target, at_bar(2));
  w.place(stop, at_bar(2));
  w.play(kPerp, bar(2, 100000, 101500, 98500, 101000));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[1].order, stop.id);
  EXPECT_EQ(fills[1].price.v, 99000);
  const auto cancelled = w.all<VenueCancelled>();
  ASSERT_EQ(cancelled.size(), 1U);
  EXPECT_EQ(cancelled[0].order, target.id);
  EXPECT_EQ(cancelled[0].cause, CancelCause::oco_sibling);
  EXPECT_TRUE(w.venue->is_idle(kPerp));
}

TEST(Stop, OfAnEntryInsideTheSameBarIsHitTheTargetIsNot) {
  World w = World::funded();
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 99500), at_bar(1));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::limit, 100400), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100500, 99400, 100000));
  EXPECT_EQ(w.position(kPerp), 1000);  // the target traded through, but perhaps before the entry
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 99500), at_bar(2));
  w.place(w.trader.exit(kPerp, Side::sell, 2000, OrderType::stop_market, 99000), at_bar(2));
  w.play(kPerp, bar(2, 100000, 100000, 98900, 100000));
  EXPECT_EQ(w.position(kPerp), 1000);  // the stop took the first coin before the second was bought
}

TEST(TakeProfit, TouchFillsAtTheTriggerAsTaker) {
  World w = World::funded(slipping());
  w.place(w.trader.order(kPerp, Side::sell, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  w.place(w.trader.exit(kPerp, Side::buy, 1000, OrderType::take_profit_market, 99000), at_bar(2));
  w.play(kPerp, bar(2, 99500, 99600, 99000, 99100));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[1].price.v, 99099);
  EXPECT_EQ(fills[1].liquidity, Liquidity::taker);
}

TEST(Limit, FillsOnlyWhenTradedThrough) {
  World w = World::funded();
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 99500), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99500, 100000));
  EXPECT_EQ(w.fills().size(), 0U);
  w.play(kPerp, bar(2, 100000, 100100, 99499, 100000));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 1U);
  EXPECT_EQ(fills[0].price.v, 99500);
  EXPECT_EQ(fills[0].liquidity, Liquidity::maker);
  EXPECT_EQ(fills[0].fee, (Money{kUsdt, "1.99"_dec}));  // 9,950 * 0.0002
  EXPECT_EQ(fills[0].slippage, Decimal{});
  EXPECT_EQ(fills[0].time.ns, at_bar(3).ns - 1);
}

TEST(Limit, ABarBeyondTheLimitFillsInsideTheBar) {
  World w = World::funded();
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 99500), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  w.play(kPerp, bar(2, 98000, 98500, 97000, 98000));
  ASSERT_EQ(w.fills().size(), 1U);
  EXPECT_EQ(w.fills()[0].price.v, 98500);
}

TEST(Limit, MarketableOnArrivalTakesAndNeverBeyondItsPrice) {
  World w = World::funded(slipping());
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 100050), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100500, 99500, 100200));
  ASSERT_EQ(w.fills().size(), 1U);
  EXPECT_EQ(w.fills()[0].price.v, 100050);  // slippage would ask 100,100
  EXPECT_EQ(w.fills()[0].liquidity, Liquidity::taker);
}

TEST(Limit, TimeInForce) {
  World w = World::funded();
  OrderSpec post = w.trader.limit(kPerp, Side::buy, 1000, 100050);
  post.time_in_force = TimeInForce::post_only;
  OrderSpec passive = w.trader.limit(kPerp, Side::buy, 1000, 99000);
  passive.time_in_force = TimeInForce::post_only;
  OrderSpec ioc = w.trader.limit(kPerp, Side::buy, 1000, 99000);
  ioc.time_in_force = TimeInForce::ioc;
  OrderSpec fok = w.trader.limit(kPerp, Side::buy, 1000, 99000);
  fok.time_in_force = TimeInForce::fok;
  for (const OrderSpec& spec : {post, passive, ioc, fok}) w.place(spec, at_bar(1));
  w.play(kPerp, bar(1, 100000, 100500, 99500, 100200));
  ASSERT_EQ(w.all<VenueRejected>().size(), 1U);
  EXPECT_EQ(w.all<VenueRejected>()[0].order, post.id);
  EXPECT_EQ(w.all<VenueRejected>()[0].code, RejectCode::post_only_would_cross);
  ASSERT_EQ(w.all<VenueCancelled>().size(), 1U);
  EXPECT_EQ(w.all<VenueCancelled>()[0].cause, CancelCause::ioc_remainder);
  ASSERT_EQ(w.all<VenueExpired>().size(), 1U);
  EXPECT_EQ(w.all<VenueExpired>()[0].order, fok.id);
  EXPECT_EQ(w.venue->open_orders(kAccount).size(), 1U);
}

TEST(StopLimit, TakesAtTheTriggerOrRestsWhenTheLimitIsPassed) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 2000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  OrderSpec near = w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_limit, 99500);
  near.limit = PriceUnits{99400};
  OrderSpec far = w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_limit, 99000);
  far.limit = PriceUnits{98950};
  w.place(near, at_bar(2));
  w.place(far, at_bar(2));
  w.play(kPerp, bar(2, 100000, 100100, 99400, 99600));
  EXPECT_EQ(w.fills().back().price.v, 99500);
  w.play(kPerp, bar(3, 98000, 98900, 97000, 98500));  // gapped through trigger and limit: it rests at the limit
  EXPECT_EQ(w.position(kPerp), 1000);
  EXPECT_EQ(w.all<VenueTriggered>().size(), 2U);
  w.play(kPerp, bar(4, 98500, 99000, 98400, 98900));
  EXPECT_EQ(w.fills().back().price.v, 98950);
  EXPECT_EQ(w.fills().back().liquidity, Liquidity::maker);
  EXPECT_EQ(w.position(kPerp), 0);
}

TEST(Trailing, TheOldLevelIsTestedBeforeItFollows) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  OrderSpec trail = w.trader.exit(kPerp, Side::sell, 1000, OrderType::trailing_stop, 99000);
  trail.trailing_distance = PriceUnits{1000};
  w.place(trail, at_bar(2));
  w.play(kPerp, bar(2, 100000, 102000, 99500, 101500));  // new level 101,000; the low of this bar is before it
  ASSERT_EQ(w.venue->open_orders(kAccount).size(), 1U);
  EXPECT_EQ(w.venue->open_orders(kAccount)[0].trigger->v, 101000);
  w.play(kPerp, bar(3, 101500, 101600, 100500, 100600));
  ASSERT_EQ(w.fills().size(), 2U);
  EXPECT_EQ(w.fills()[1].price.v, 101000);
}

TEST(Trailing, WithoutATriggerItStartsAtItsDistance) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::sell, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  OrderSpec trail = w.trader.exit(kPerp, Side::buy, 1000, OrderType::trailing_stop, 1);
  trail.trigger.reset();
  trail.trailing_distance = PriceUnits{500};
  w.place(trail, at_bar(2));
  w.play(kPerp, bar(2, 100000, 100400, 99000, 99100));
  ASSERT_EQ(w.venue->open_orders(kAccount).size(), 1U);
  EXPECT_EQ(w.venue->open_orders(kAccount)[0].trigger->v, 99500);
}

TEST(ReduceOnly, ClippedToThePositionAndVoidWithoutOne) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 600), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  OrderSpec close = w.trader.order(kPerp, Side::sell, 1000);
  close.effect = Effect::reduce_only;
  w.place(close, at_bar(2));
  const OrderSpec stop = w.place(w.trader.exit(kPerp, Side::sell, 600, OrderType::stop_market, 99000), at_bar(2));
  w.play(kPerp, bar(2, 100000, 100100, 99900, 100000));
  EXPECT_EQ(w.position(kPerp), 0);
  EXPECT_EQ(w.fills().back().quantity.v, 600);
  const auto cancelled = w.all<VenueCancelled>();
  ASSERT_EQ(cancelled.size(), 2U);  // the rest of the close, and the stop of what is no more
  for (const VenueCancelled& c : cancelled) EXPECT_EQ(c.cause, CancelCause::reduce_only_void);
  EXPECT_EQ(cancelled[1].order, stop.id);
  OrderSpec again = w.trader.order(kPerp, Side::sell, 1000);
  again.effect = Effect::reduce_only;
  w.place(again, at_bar(3));
  w.play(kPerp, bar(3, 100000, 100100, 99900, 100000));
  EXPECT_EQ(w.all<VenueCancelled>().size(), 3U);
  EXPECT_EQ(w.position(kPerp), 0);
}

TEST(Volume, ParticipationMakesPartialFills) {
  SimVenueConfig config;
  config.participation = "0.1"_dec;
  World w = World::funded(config);
  w.place(w.trader.order(kPerp, Side::buy, 2500), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000, 10'000));
  w.play(kPerp, bar(2, 100100, 100200, 100000, 100100, 10'000));
  w.play(kPerp, bar(3, 100200, 100300, 100100, 100200, 10'000));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 3U);
  EXPECT_EQ(fills[0].quantity.v, 1000);
  EXPECT_EQ(fills[1].price.v, 100100);
  EXPECT_EQ(fills[2].quantity.v, 500);
  OrderSpec fok = w.trader.limit(kPerp, Side::sell, 2500, 100000);
  fok.time_in_force = TimeInForce::fok;
  w.place(fok, at_bar(4));
  w.play(kPerp, bar(4, 100200, 100300, 100100, 100200, 10'000));
  EXPECT_EQ(w.all<VenueExpired>().size(), 1U);
}

TEST(Trade, TriggersAndLimitsByTheTradesPrice) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1000), TimeNs{10});
  w.venue->on_trade(kPerp, TimeNs{11}, {100000}, {5});
  EXPECT_EQ(w.position(kPerp), 1000);
  w.place(w.trader.exit(kPerp, Side::sell, 500, OrderType::limit, 101000), TimeNs{12});
  w.place(w.trader.exit(kPerp, Side::sell, 500, OrderType::stop_market, 99000), TimeNs{12});
  w.venue->on_trade(kPerp, TimeNs{13}, {101000}, {5});
  EXPECT_EQ(w.position(kPerp), 1000);
  w.venue->on_trade(kPerp, TimeNs{14}, {101001}, {5});
  EXPECT_EQ(w.position(kPerp), 500);
  w.venue->on_trade(kPerp, TimeNs{15}, {98000}, {5});
  EXPECT_EQ(w.position(kPerp), 0);
  EXPECT_EQ(w.fills()[1].price.v, 101000);
  EXPECT_EQ(w.fills()[2].price.v, 98000);
}

TEST(Funding, LongsPayAndTheAssumedRateIsLabelled) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 2000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  const Decimal before = w.balance(kUsdt);
  w.venue->on_funding(kPerp, at_bar(2), "0.0003"_dec, {100000});
  w.venue->on_funding(kPerp, at_bar(2), "0.0003"_dec, {100000});  // sent again: nothing
  w.venue->on_funding(kPerp, at_bar(3), std::nullopt, {100000});
  const auto records = w.all<VenueFunding>();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].amount, (Money{kUsdt, -"6"_dec}));  // 2 * 10,000 * 0.0003
  EXPECT_EQ(records[0].provenance, Provenance::venue);
  EXPECT_EQ(records[1].amount, (Money{kUsdt, -"2"_dec}));
  EXPECT_EQ(records[1].provenance, Provenance::assumed);
  EXPECT_EQ(w.balance(kUsdt), before - "8"_dec);
}

TEST(Liquidation, ClosesWhereEquityMeetsMaintenance) {
  World w;
  w.venue->transfer(kAccount, {kUsdt, "1010"_dec}, TimeNs{0});
  w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kPerp, "10"_dec, MarginMode::cross}), at_bar(1));
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 80000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  ASSERT_EQ(w.position(kPerp), 1000);  // fee 5: balance 1,005
  w.play(kPerp, bar(2, 99000, 99100, 91000, 91500));
  EXPECT_EQ(w.position(kPerp), 1000);
  w.play(kPerp, bar(3, 91500, 91600, 85000, 90000));
  const auto fills = w.fills();
  ASSERT_EQ(fills.size(), 2U);
  EXPECT_EQ(fills[1].source, FillSource::liquidation);
  // 1,005 + p - 10,000 = 0.01 p  ->  p = 8,995 / 0.99 = 9,085.858...; the first price at or below it is 9,085.8
  EXPECT_EQ(fills[1].price.v, 90858);
  ASSERT_EQ(w.all<VenueCancelled>().size(), 1U);
  EXPECT_TRUE(w.venue->is_idle(kPerp));
}

TEST(Liquidation, AStopBeforeItComesFirst) {
  World w;
  w.venue->transfer(kAccount, {kUsdt, "1010"_dec}, TimeNs{0});
  w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kPerp, "10"_dec, MarginMode::cross}), at_bar(1));
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 95000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  w.play(kPerp, bar(2, 99000, 99100, 85000, 91500));
  ASSERT_EQ(w.fills().size(), 2U);
  EXPECT_EQ(w.fills()[1].source, FillSource::venue);
  EXPECT_EQ(w.fills()[1].price.v, 95000);
}

TEST(Liquidation, AGapLeavesANegativeBalanceOnTheBooks) {
  World w;
  w.venue->transfer(kAccount, {kUsdt, "1010"_dec}, TimeNs{0});
  w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kPerp, "10"_dec, MarginMode::cross}), at_bar(1));
  w.place(w.trader.order(kPerp, Side::sell, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100100, 99900, 100000));
  w.play(kPerp, bar(2, 150000, 150100, 149900, 150000));
  ASSERT_EQ(w.fills().size(), 2U);
  EXPECT_EQ(w.fills()[1].price.v, 150000);
  EXPECT_EQ(w.balance(kUsdt), "1010"_dec - "5"_dec - "5000"_dec - "7.5"_dec);
}

TEST(Liquidation, InverseShortAndLong) {
  for (const Side side : {Side::buy, Side::sell}) {
    World w;
    w.venue->transfer(kAccount, {kBtc, "0.11"_dec}, TimeNs{0});
    w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kInverse, "10"_dec, MarginMode::cross}), at_bar(1));
    w.place(w.trader.order(kInverse, side, 100), at_bar(1));  // 10,000 quote = 1 coin at 10,000
    w.play(kInverse, bar(1, 100000, 100100, 99900, 100000));
    ASSERT_EQ(std::abs(w.position(kInverse)), 100);
    std::int64_t n = 2;
    for (std::int64_t price = 100000; w.position(kInverse) != 0 && n < 400; ++n) {
      const std::int64_t next = side == Side::buy ? price - 100 : price + 100;
      w.play(kInverse, bar(n, price, std::max(price, next), std::min(price, next), next));
      price = next;
    }
    const auto fills = w.fills();
    ASSERT_EQ(fills.size(), 2U);
    EXPECT_EQ(fills[1].source, FillSource::liquidation);
    // long: 0.1095 + 1 - v = 0.01 v -> v = 1.0985149 -> p = 9,103.2; short: 0.1095 + v - 1 = 0.01 v -> v = 0.8994949 -> p = 11,117.4
    EXPECT_NEAR(static_cast<double>(fills[1].price.v), side == Side::buy ? 91032.0 : 111174.0, 1.0);
  }
}

}  // namespace
}  // namespace prom::sim_test
