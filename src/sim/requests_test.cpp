// Requests, the venue's checks, queries, latency and planned faults.
#include <gtest/gtest.h>

#include "sim/test_support.h"

namespace prom::sim_test {
namespace {

std::optional<RejectCode> code_of(OrderSpec spec) {
  World w = World::funded();
  w.place(spec, at_bar(1));
  const auto rejected = w.all<VenueRejected>();
  return rejected.empty() ? std::nullopt : std::optional(rejected[0].code);
}

TEST(Checks, FiltersOfTheInstrument) {
  Trader t;
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1000, 100000)), std::nullopt);
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 0, 100000)), RejectCode::quantity_filter);
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1'000'000'001, 100)), RejectCode::quantity_filter);
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1000, 0)), RejectCode::price_filter);
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1000, -5)), RejectCode::price_filter);
  EXPECT_EQ(code_of(t.order(kPerp, Side::buy, 1000, OrderType::limit)), RejectCode::price_filter);
  EXPECT_EQ(code_of(t.order(kPerp, Side::buy, 1000, OrderType::stop_market)), RejectCode::price_filter);
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1, 49999)), RejectCode::min_notional);  // 0.001 * 4,999.9 < 5
  EXPECT_EQ(code_of(t.limit(kPerp, Side::buy, 1, 50000)), std::nullopt);
  EXPECT_EQ(code_of(t.exit(kPerp, Side::sell, 1, OrderType::stop_market, 100)), std::nullopt);  // futures exits are exempt
  EXPECT_EQ(code_of(t.exit(kSpot, Side::sell, 1, OrderType::stop_market, 100)), RejectCode::min_notional);
  OrderSpec legged = t.limit(kSpot, Side::buy, 1000, 10000);
  legged.leg = PositionLeg::long_leg;
  EXPECT_EQ(code_of(legged), RejectCode::position_mode);
  OrderSpec nowhere = t.limit(InstrumentIx{9}, Side::buy, 1000, 10000);
  EXPECT_EQ(code_of(nowhere), RejectCode::instrument_closed);
}

TEST(Checks, MarketBelowMinimumNotionalIsRejectedAtTheMarket) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1), at_bar(1));
  w.play(kPerp, bar(1, 40000, 40000, 40000, 40000));
  ASSERT_EQ(w.all<VenueRejected>().size(), 1U);
  EXPECT_EQ(w.all<VenueRejected>()[0].code, RejectCode::min_notional);
}

TEST(Checks, DuplicateClientIdNeverMakesASecondOrder) {
  World w = World::funded();
  const OrderSpec spec = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  w.place(spec, at_bar(1));
  EXPECT_EQ(w.venue->open_orders(kAccount).size(), 1U);
  w.cancel(spec, at_bar(1));
  w.place(spec, at_bar(1));
  EXPECT_TRUE(w.venue->open_orders(kAccount).empty());
  ASSERT_EQ(w.all<VenueRejected>().size(), 2U);
  EXPECT_EQ(w.all<VenueRejected>()[1].code, RejectCode::duplicate_client_id);
}

TEST(Spot, LocksAndNoShorting) {
  World w = World::funded();
  w.place(w.trader.limit(kSpot, Side::buy, 9000, 100000), at_bar(1));  // locks 90,000 + 45
  w.place(w.trader.limit(kSpot, Side::buy, 1000, 100000), at_bar(1));  // 10,005 > 9,955
  EXPECT_EQ(w.all<VenueRejected>().size(), 1U);
  w.place(w.trader.limit(kSpot, Side::sell, 10001, 110000), at_bar(1));
  EXPECT_EQ(w.all<VenueRejected>().size(), 2U);
  w.place(w.trader.limit(kSpot, Side::sell, 6000, 110000), at_bar(1));
  w.place(w.trader.limit(kSpot, Side::sell, 6000, 111000), at_bar(1));
  EXPECT_EQ(w.all<VenueRejected>().size(), 3U);
  w.place(w.trader.order(kSpot, Side::sell, 5000), at_bar(1));  // a market order meets the lock at the market
  w.play(kSpot, bar(1, 105000, 105000, 105000, 105000));
  EXPECT_EQ(w.all<VenueRejected>().size(), 4U);
  EXPECT_TRUE(w.fills().empty());
}

TEST(Spot, OcoOrdersShareTheLock) {
  World w = World::funded();
  OrderSpec target = w.trader.limit(kSpot, Side::sell, 10000, 110000);
  OrderSpec stop = w.trader.order(kSpot, Side::sell, 10000, OrderType::stop_market);
  stop.trigger = PriceUnits{90000};
  target.oco_group = stop.oco_group = 1;
  w.place(target, at_bar(1));
  w.place(stop, at_bar(1));
  EXPECT_TRUE(w.all<VenueRejected>().empty());
  w.play(kSpot, bar(1, 100000, 110500, 100000, 110000));
  EXPECT_EQ(w.balance(kBtc), Decimal{});
  EXPECT_EQ(w.balance(kUsdt), "100000"_dec + "110000"_dec - "22"_dec);  // maker fee 0.02 %
  EXPECT_EQ(w.all<VenueCancelled>().size(), 1U);
}

TEST(Spot, OcoPartialFillShrinksTheSibling) {
  SimVenueConfig config;
  config.participation = "0.1"_dec;
  World w = World::funded(config);
  OrderSpec target = w.trader.limit(kSpot, Side::sell, 10000, 110000);
  OrderSpec stop = w.trader.order(kSpot, Side::sell, 10000, OrderType::stop_market);
  stop.trigger = PriceUnits{90000};
  target.oco_group = stop.oco_group = 1;
  w.place(target, at_bar(1));
  w.place(stop, at_bar(1));
  w.play(kSpot, bar(1, 100000, 110500, 100000, 110000, 40'000));
  EXPECT_EQ(w.balance(kBtc), "6"_dec);
  w.play(kSpot, bar(2, 100000, 100000, 89000, 89500, 1'000'000));
  EXPECT_EQ(w.fills().back().quantity.v, 6000);
  EXPECT_EQ(w.balance(kBtc), Decimal{});
}

TEST(Spot, FeeInTheReceivedCoinLeavesLessToSell) {
  SimVenueConfig config;
  config.fee_asset = FeeAsset::received;
  World w(config);
  w.venue->transfer(kAccount, {kUsdt, "100000"_dec}, TimeNs{0});
  w.place(w.trader.order(kSpot, Side::buy, 1000), at_bar(1));
  w.play(kSpot, bar(1, 100000, 100000, 100000, 100000));
  EXPECT_EQ(w.balance(kBtc), "0.9995"_dec);
  w.place(w.trader.exit(kSpot, Side::sell, 1000, OrderType::stop_market, 90000), at_bar(2));
  w.play(kSpot, bar(2, 95000, 95000, 89000, 89000));
  EXPECT_EQ(w.fills().back().quantity.v, 999);
  EXPECT_EQ(w.balance(kBtc), "0.0005"_dec);
  EXPECT_TRUE(w.venue->open_orders(kAccount).empty());
}

TEST(Margin, LeverageLimitsWhatCanBeOpened) {
  World w = World::funded();
  w.place(w.trader.limit(kPerp, Side::buy, 10000, 100000), at_bar(1));  // 100,000 + fee at leverage 1
  EXPECT_EQ(w.all<VenueRejected>().size(), 1U);
  w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kPerp, "2"_dec, MarginMode::cross}), at_bar(1));
  w.place(w.trader.limit(kPerp, Side::buy, 10000, 100000), at_bar(1));
  EXPECT_EQ(w.all<VenueRejected>().size(), 1U);
  w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, kEthPerp, "50"_dec, MarginMode::cross}), at_bar(1));  // above the tier: not taken
  w.place(w.trader.limit(kEthPerp, Side::buy, 10000, 100000), at_bar(1));
  EXPECT_EQ(w.all<VenueRejected>().size(), 2U);
  w.place(w.trader.order(kEthPerp, Side::buy, 10000), at_bar(1));
  w.play(kEthPerp, bar(1, 100000, 100000, 100000, 100000));
  EXPECT_EQ(w.all<VenueRejected>().size(), 3U);
  EXPECT_EQ(w.all<VenueRejected>()[2].code, RejectCode::insufficient_balance);
}

TEST(Margin, TurningAPositionFreesItsMarginFirst) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 9000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100000, 100000, 100000));
  w.place(w.trader.order(kPerp, Side::sell, 18000), at_bar(2));
  w.play(kPerp, bar(2, 100000, 100000, 100000, 100000));
  EXPECT_EQ(w.position(kPerp), -9000);
  w.place(w.trader.order(kPerp, Side::buy, 9000), at_bar(3));
  w.play(kPerp, bar(3, 90000, 90000, 90000, 90000));
  // fees 45 + 90 + 40.5; profit 9 * 1,000
  EXPECT_EQ(w.balance(kUsdt), "100000"_dec - "175.5"_dec + "9000"_dec);
}

TEST(Hedge, LegsAreApart) {
  World w = World::funded();
  OrderSpec up = w.trader.order(kPerp, Side::buy, 1000);
  up.leg = PositionLeg::long_leg;
  OrderSpec down = w.trader.order(kPerp, Side::sell, 400);
  down.leg = PositionLeg::short_leg;
  OrderSpec close = w.trader.order(kPerp, Side::sell, 5000);
  close.leg = PositionLeg::long_leg;
  w.place(up, at_bar(1));
  w.place(down, at_bar(1));
  w.play(kPerp, bar(1, 100000, 100000, 100000, 100000));
  ASSERT_EQ(w.venue->positions(kAccount).size(), 2U);
  EXPECT_EQ(w.venue->positions(kAccount)[1].quantity.v, -400);
  w.place(close, at_bar(2));
  w.play(kPerp, bar(2, 100000, 100000, 100000, 100000));
  ASSERT_EQ(w.venue->positions(kAccount).size(), 1U);
}

TEST(Approval, ExpiredIsRefusedAndNeverArrives) {
  World w = World::funded();
  const OrderSpec spec = w.trader.limit(kPerp, Side::buy, 1000, 90000);
  w.venue->place(RiskEngine::mint(spec, TimeNs{99}), TimeNs{100});
  EXPECT_EQ(w.all<DispatchRefused>().size(), 1U);
  EXPECT_TRUE(w.venue->open_orders(kAccount).empty());
  w.venue->place(RiskEngine::mint(spec, TimeNs{100}), TimeNs{100});
  EXPECT_EQ(w.venue->open_orders(kAccount).size(), 1U);
}

// DispatchRefused says that the order never left; for a cancel or an amend that would be a lie about an order that works at the venue.
TEST(Approval, OfACancelOrAmendThatExpiredSaysNothingAboutTheOrder) {
  World w = World::funded();
  const OrderSpec spec = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  w.venue->cancel(RiskEngine::mint(CancelSpec{spec.id, spec.client_id, spec.instrument}, TimeNs{99}), TimeNs{100});
  w.venue->amend(RiskEngine::mint(AmendSpec{spec.id, spec.client_id, spec.instrument, {500}, {}, {}}, TimeNs{99}), TimeNs{100});
  EXPECT_EQ(w.all<VenueCancelRefused>().size(), 1U);
  EXPECT_EQ(w.all<VenueAmendRefused>().size(), 1U);
  EXPECT_TRUE(w.all<DispatchRefused>().empty());
  EXPECT_EQ(w.venue->open_orders(kAccount).size(), 1U);
}

TEST(Batch, IsOneRequestAndEachOrderIsAnsweredByItself) {
  SimVenueConfig config;
  config.latency_to_venue = DurationNs{50};
  config.request_spacing = DurationNs{1'000};
  config.batch_limit = 3;
  World w = World::funded(config);
  std::vector<Approved<OrderSpec>> batch;
  for (const std::int64_t price : {90000, 90001, 90000}) batch.push_back(RiskEngine::mint(w.trader.limit(kPerp, Side::buy, price == 90001 ? 0 : 1000, price)));
  w.venue->place_batch(batch, TimeNs{100});
  w.venue->place(RiskEngine::mint(w.trader.limit(kPerp, Side::buy, 1000, 80000)), TimeNs{100});
  Input input;
  ASSERT_TRUE(w.venue->poll(TimeNs{150}, input));
  EXPECT_TRUE(std::holds_alternative<VenueAccepted>(input.body));
  ASSERT_TRUE(w.venue->poll(TimeNs{150}, input));
  EXPECT_TRUE(std::holds_alternative<VenueRejected>(input.body)) << "a quantity of zero";
  ASSERT_TRUE(w.venue->poll(TimeNs{150}, input));
  EXPECT_TRUE(std::holds_alternative<VenueAccepted>(input.body));
  EXPECT_FALSE(w.venue->poll(TimeNs{1'149}, input)) << "the next request waits for its slot";
  EXPECT_TRUE(w.venue->poll(TimeNs{1'150}, input));
}

TEST(Cancel, BeforeAndAfterTheFill) {
  World w = World::funded();
  const OrderSpec spec = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  w.cancel(spec, at_bar(1));
  w.cancel(spec, at_bar(1));
  EXPECT_EQ(w.all<VenueCancelled>().size(), 1U);
  EXPECT_EQ(w.all<VenueCancelRefused>().size(), 1U);
}

TEST(Amend, MovesQuantityAndPrices) {
  World w = World::funded();
  const OrderSpec spec = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  w.venue->amend(RiskEngine::mint(AmendSpec{spec.id, spec.client_id, kPerp, {2000}, PriceUnits{95000}, {}}), at_bar(1));
  ASSERT_EQ(w.all<VenueAmended>().size(), 1U);
  EXPECT_EQ(w.venue->open_orders(kAccount)[0].limit->v, 95000);
  w.venue->amend(RiskEngine::mint(AmendSpec{spec.id, spec.client_id, kPerp, {200000}, {}, {}}), at_bar(1));
  EXPECT_EQ(w.all<VenueAmendRefused>().size(), 1U);
  w.play(kPerp, bar(1, 100000, 100000, 94000, 95000));
  ASSERT_EQ(w.fills().size(), 1U);
  EXPECT_EQ(w.fills()[0].quantity.v, 2000);
  EXPECT_EQ(w.fills()[0].price.v, 95000);
  w.venue->amend(RiskEngine::mint(AmendSpec{spec.id, spec.client_id, kPerp, {3000}, {}, {}}), at_bar(2));
  EXPECT_EQ(w.all<VenueAmendRefused>().size(), 2U);
}

TEST(Query, AnswersForLivingFinishedAndUnknownOrders) {
  World w = World::funded();
  const OrderSpec resting = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  const OrderSpec market = w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  const OrderSpec bad = w.place(w.trader.limit(kPerp, Side::buy, 0, 90000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100000, 100000, 100000));
  OrderSpec never = w.trader.order(kPerp, Side::buy, 1);
  for (const OrderSpec& spec : {resting, market, bad, never}) w.venue->query({spec.id, spec.client_id, kPerp}, at_bar(2));
  const auto found = w.all<VenueOrderFound>();
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].state, FoundState::working);
  EXPECT_EQ(found[1].state, FoundState::filled);
  EXPECT_EQ(found[1].filled.v, 1000);
  EXPECT_EQ(found[2].state, FoundState::rejected);
  EXPECT_EQ(found[3].state, FoundState::absent);
}

TEST(Snapshot, RepeatsFillsAndFundingThenSaysWhatIsHeld) {
  World w = World::funded();
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(1));
  w.play(kPerp, bar(1, 100000, 100000, 100000, 100000));
  w.venue->on_funding(kPerp, at_bar(2), std::nullopt, {100000});
  w.place(w.trader.order(kPerp, Side::buy, 1000), at_bar(2));
  w.play(kPerp, bar(2, 100000, 100000, 100000, 100000));
  w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(3));
  w.listen();
  w.heard.clear();
  w.venue->query_snapshot({kAccount, at_bar(2)}, at_bar(3));
  w.listen();
  ASSERT_EQ(w.heard.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<VenueFunding>(w.heard[0].body));
  EXPECT_EQ(std::get<VenueFilled>(w.heard[1].body).fill.trade.v, 2U);
  const auto& snapshot = std::get<VenueSnapshot>(w.heard[2].body);
  ASSERT_EQ(snapshot.positions.size(), 1U);
  EXPECT_EQ(snapshot.positions[0].quantity.v, 2000);
  EXPECT_EQ(snapshot.orders.size(), 1U);
  EXPECT_EQ(snapshot.balances.size(), 2U);
}

TEST(Idle, TellsWhetherPhasesMatter) {
  SimVenueConfig config;
  config.latency_to_venue = kSecond;
  World w = World::funded(config);
  EXPECT_TRUE(w.venue->is_idle(kPerp));
  const OrderSpec spec = w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1));
  EXPECT_FALSE(w.venue->is_idle(kPerp));
  EXPECT_TRUE(w.venue->is_idle(kSpot));
  EXPECT_EQ(w.venue->next_delivery(), at_bar(1) + kSecond);
  w.cancel(spec, at_bar(1));
  w.listen();
  EXPECT_TRUE(w.venue->is_idle(kPerp));
  EXPECT_EQ(w.venue->next_delivery().ns, INT64_MAX);
}

TEST(Faults, RepliesLostDoubledDelayedAndInDoubt) {
  World w = World::funded();
  w.venue->set_faults({{{FaultSubject::place, FaultAction::drop_reply, 1, {}},
                        {FaultSubject::place, FaultAction::duplicate_reply, 2, {}},
                        {FaultSubject::place, FaultAction::delay_reply, 3, kMinute},
                        {FaultSubject::place, FaultAction::in_doubt, 4, {}},
                        {FaultSubject::place, FaultAction::lose_request, 5, {}},
                        {FaultSubject::stop_order, FaultAction::reject, std::nullopt, {}},
                        {FaultSubject::cancel, FaultAction::reject, 1, {}},
                        {FaultSubject::fill, FaultAction::duplicate_reply, 1, kMinute}}});
  std::vector<OrderSpec> specs;
  for (int i = 0; i < 5; ++i) specs.push_back(w.place(w.trader.limit(kPerp, Side::buy, 1000, 90000), at_bar(1)));
  w.place(w.trader.exit(kPerp, Side::sell, 1000, OrderType::stop_market, 80000), at_bar(1));
  EXPECT_EQ(w.venue->open_orders(kAccount).size(), 4U);
  w.listen(at_bar(1));
  ASSERT_EQ(w.heard.size(), 4U);  // twice accepted, in doubt, stop rejected
  EXPECT_EQ(std::get<VenueAccepted>(w.heard[0].body).order, specs[1].id);
  EXPECT_EQ(std::get<VenueAccepted>(w.heard[1].body).order, specs[1].id);
  EXPECT_EQ(std::get<VenueInDoubt>(w.heard[2].body).order, specs[3].id);
  EXPECT_TRUE(std::holds_alternative<VenueRejected>(w.heard[3].body));
  w.cancel(specs[0], at_bar(1));
  w.play(kPerp, bar(1, 100000, 100000, 89000, 90000));
  EXPECT_EQ(w.all<VenueCancelRefused>().size(), 1U);
  EXPECT_EQ(w.position(kPerp), 4000);
  EXPECT_EQ(w.fills().size(), 5U);
}

}  // namespace
}  // namespace prom::sim_test
