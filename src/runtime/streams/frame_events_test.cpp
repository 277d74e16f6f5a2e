// What each kind of frame says to others, word for word: readers outside depend on it. The expected texts are written by hand from docs/event_streams.md.
#include "runtime/streams/frame_events.h"

#include <gtest/gtest.h>

#include "domain/test_support.h"

namespace prom {
namespace {

using namespace literals;

struct FrameEventsTest : ::testing::Test {
  FrameEventsTest() {
    take(AssetRegistered{AssetIx{0}, "USDT"});
    Instrument perpetual = testing::okx_swap();
    perpetual.ix = InstrumentIx{0};
    take(InstrumentRegistered{perpetual});
    Account account;
    account.ix = AccountIx{3};
    account.user = UserIx{7};
    take(AccountRegistered{account});
  }
  std::vector<StreamEvent> take(InputBody body, std::vector<Event> events = {}, std::vector<RecordedCommand> commands = {}) {
    ++seq;
    return book.take({seq, {kNow, seq, std::move(body)}, std::move(events), std::move(commands)});
  }
  /// The one event of the frame beside its notification.
  StreamEvent only(std::vector<Event> events) {
    auto made = take(TimePassed{}, std::move(events));
    std::erase_if(made, [](const StreamEvent& event) { return event.topic == Topic::notifications_telegram; });
    EXPECT_EQ(made.size(), 1U);
    return made.empty() ? StreamEvent{} : made.front();
  }
  static OrderSpec order(std::uint64_t id = 11) {
    OrderSpec spec;
    spec.id = OrderId{id};
    spec.client_id = {AccountIx{3}, 2, OrderId{id}};
    spec.account = AccountIx{3};
    spec.side = Side::sell;
    spec.type = OrderType::stop_limit;
    spec.effect = Effect::reduce_only;
    spec.purpose = OrderPurpose::stop_loss;
    spec.quantity = {150};
    spec.limit = PriceUnits{950'005};
    spec.trigger = PriceUnits{950'010};
    return spec;
  }
  static Fill fill(std::int64_t quantity, std::uint64_t trade = 1, std::uint64_t of = 11) {
    Fill out;
    out.trade = VenueTradeId{trade};
    out.order = OrderId{of};
    out.account = AccountIx{3};
    out.side = Side::sell;
    out.price = {950'000};
    out.quantity = {quantity};
    out.fee = {AssetIx{0}, "0.071250000001"_dec};
    out.slippage = "0.5"_dec;
    out.time = kVenueTime;
    return out;
  }
  static constexpr TimeNs kNow{1'746'316'800'000'000'000}, kVenueTime{1'746'316'799'500'000'000};
  FrameEvents book{"run-1"};
  std::uint64_t seq = 0;
};

const std::string kOrderHead =
    R"("user_id":7,"account_id":3,"instrument":"okx:linear:BTCUSDT","order_id":11,"client_order_id":"p3e2sB","purpose":"stop_loss","side":"sell",)";

TEST_F(FrameEventsTest, AnOrderIsPlaced) {
  const StreamEvent event = only({OrderCreated{order()}});
  EXPECT_EQ(event.topic, Topic::orders_placed);
  EXPECT_EQ(event.key, "7") << "the user";
  EXPECT_EQ(event.id, "run-1/4/e0");
  EXPECT_EQ(event.schema_version, kEventSchema);
  EXPECT_EQ(event.occurred_at, kNow);
  EXPECT_EQ(event.payload, R"({"seq":4,)" + kOrderHead +
                               R"("type":"stop_limit","time_in_force":"gtc","effect":"reduce_only","leg":"net","quantity":"1.5","limit":"95000.5",)"
                               R"("trigger":"95001","trailing_distance":null,"proposal_id":null})");
}

TEST_F(FrameEventsTest, FillsTellHowFarTheOrderIs) {
  take(TimePassed{}, {OrderCreated{order()}, OrderMoved{OrderId{11}, OrderEventKind::sent, {}}, OrderMoved{OrderId{11}, OrderEventKind::accepted, {}}});
  const StreamEvent first = only({FillApplied{fill(50)}});
  EXPECT_EQ(first.topic, Topic::orders_filled);
  EXPECT_EQ(first.occurred_at, kVenueTime) << "the venue's time";
  const std::string of_fill = R"("leg":"net","price":"95000","quantity":)";
  const std::string costs = R"("fee":"0.071250000001","fee_asset":"USDT","slippage":"0.5","liquidity":"taker","source":"venue",)";
  EXPECT_EQ(first.payload, R"({"seq":5,)" + kOrderHead + R"("trade_id":1,)" + of_fill + R"("0.5",)" + costs +
                               R"("state":"partially_filled","order_quantity":"1.5","order_filled":"0.5"})");
  const StreamEvent last = only({FillApplied{fill(100, 2)}});
  EXPECT_NE(last.payload.find(R"("state":"filled","order_quantity":"1.5","order_filled":"1.5"})"), std::string::npos) << last.payload;
  EXPECT_TRUE(take(TimePassed{}, {OrderMoved{OrderId{11}, OrderEventKind::cancelled, {}}}).empty()) << "a cancel that came too late ends nothing";
}

TEST_F(FrameEventsTest, AFillOfAnUnknownOrderIsToldWithoutOne) {
  const StreamEvent event = only({FillApplied{fill(50, 1, 99)}});
  EXPECT_NE(event.payload.find(R"("order_id":99,"client_order_id":null,"purpose":null,"side":"sell")"), std::string::npos) << event.payload;
  EXPECT_NE(event.payload.find(R"("state":null,"order_quantity":null,"order_filled":null})"), std::string::npos) << event.payload;
}

TEST_F(FrameEventsTest, AnOrderThatEndsWithoutBeingFilledIsCanceledOnceWithItsEnd) {
  take(TimePassed{}, {OrderCreated{order()}, OrderMoved{OrderId{11}, OrderEventKind::accepted, {}}, FillApplied{fill(50)}});
  EXPECT_TRUE(take(TimePassed{}, {OrderMoved{OrderId{11}, OrderEventKind::cancel_requested, {}}}).empty()) << "not yet";
  const StreamEvent event = only({OrderMoved{OrderId{11}, OrderEventKind::cancelled, "reduce_only_void"}});
  EXPECT_EQ(event.topic, Topic::orders_canceled);
  EXPECT_EQ(event.payload, R"({"seq":6,)" + kOrderHead + R"("state":"cancelled","reason":"reduce_only_void","quantity":"1.5","filled":"0.5"})");
  EXPECT_TRUE(take(TimePassed{}, {OrderMoved{OrderId{11}, OrderEventKind::cancelled, {}}}).empty()) << "once";
  take(TimePassed{}, {OrderCreated{order(12)}});
  EXPECT_NE(only({OrderMoved{OrderId{12}, OrderEventKind::rejected, {}}}).payload.find(R"("state":"rejected","reason":null)"), std::string::npos);
  take(TimePassed{}, {OrderCreated{order(13)}, OrderMoved{OrderId{13}, OrderEventKind::in_doubt, {}}});
  EXPECT_NE(only({OrderMoved{OrderId{13}, OrderEventKind::found_absent, {}}}).payload.find(R"("state":"not_sent")"), std::string::npos);
}

PositionSet position(std::int64_t quantity, std::uint64_t round_trip) {
  PositionSet set;
  set.position.account = AccountIx{3};
  set.position.quantity = {quantity};
  set.position.cost = "475"_dec;
  set.position.round_trip = RoundTripId{round_trip};
  set.position.opened_at = FrameEventsTest::kVenueTime;
  return set;
}

TEST_F(FrameEventsTest, ATradeIsOpenedOnceAndAgainWhenThePositionTurns) {
  const StreamEvent event = only({position(50, 5)});
  EXPECT_EQ(event.topic, Topic::trades_opened);
  // 0.5 contracts of 0.01 BTC cost 475: 95,000 a coin.
  EXPECT_EQ(event.payload, R"({"seq":4,"user_id":7,"account_id":3,"instrument":"okx:linear:BTCUSDT","trade_id":5,"leg":"net","side":"long",)"
                           R"("quantity":"0.5","entry_price":"95000","opened_at":"2025-05-03T23:59:59.5Z"})");
  EXPECT_TRUE(take(TimePassed{}, {position(80, 5)}).empty()) << "adding opens nothing";
  EXPECT_NE(only({position(-50, 6)}).payload.find(R"("trade_id":6,"leg":"net","side":"short","quantity":"0.5")"), std::string::npos);
  EXPECT_TRUE(take(TimePassed{}, {position(0, 6)}).empty());
  EXPECT_EQ(only({position(50, 7)}).topic, Topic::trades_opened);
}

TEST_F(FrameEventsTest, ATradeIsClosedWithItsReckoning) {
  JournalEntry entry;
  entry.trade = RoundTripId{5};
  entry.account = AccountIx{3};
  entry.side = Side::sell;
  entry.decider = "agents";
  entry.decision = DecisionId{9};
  entry.opened_at = kVenueTime;
  entry.closed_at = kNow;
  entry.quantity = {50};
  entry.entry_price = "95000"_dec;
  entry.exit_price = "94000"_dec;
  entry.gross = "4"_dec;
  entry.slippage = "1"_dec;
  entry.fees = "0.5"_dec;
  entry.funding = "-0.25"_dec;
  entry.net = "3.25"_dec;
  entry.exit_reason = "take_profit";
  const StreamEvent event = only({RoundTripClosed{entry}});
  EXPECT_EQ(event.topic, Topic::trades_closed);
  EXPECT_EQ(event.payload,
            R"({"seq":4,"user_id":7,"account_id":3,"instrument":"okx:linear:BTCUSDT","trade_id":5,"side":"short","decider":"agents","decision_id":9,)"
            R"("proposal_id":null,"opened_at":"2025-05-03T23:59:59.5Z","closed_at":"2025-05-04T00:00:00Z","quantity":"0.5","entry_price":"95000",)"
            R"("exit_price":"94000","gross":"5","fees":"0.5","funding":"-0.25","slippage":"1","net":"3.25","risked":"0","best_excursion":"0",)"
            R"("worst_excursion":"0","exit_reason":"take_profit","regime":null,"lesson":null})");
}

TEST_F(FrameEventsTest, RiskSpeaks) {
  auto made = take(TimePassed{},
                   {BreakerTripped{UserIx{7}, BreakerKind::daily_loss, "500"_dec, "501.5"_dec, kNow}, BreakerResumed{UserIx{7}, BreakerKind::daily_loss},
                    KillSwitchMoved{UserIx{7}, KillPhase::flattening, "by hand"}, ProposalDenied{}},
                   {OrderSpec{}, Alert{Severity::critical, UserIx{7}, "kill_switch", "All \"orders\" are cancelled."}});
  ASSERT_EQ(made.size(), 5U);
  for (const StreamEvent& event : made) EXPECT_EQ(event.key, "7");
  const StreamEvent notice = made[3];
  made.erase(made.begin() + 3);
  EXPECT_EQ(notice.topic, Topic::notifications_telegram);
  EXPECT_EQ(notice.id, "run-1/4/c1n");
  EXPECT_EQ(notice.payload, R"({"seq":4,"user_id":7,"kind":"alert","about":)" + made[3].payload + "}") << "an alert is told to the person that it is for";
  EXPECT_EQ(made[0].topic, Topic::risk_circuit_breaker);
  EXPECT_EQ(made[0].payload, R"({"seq":4,"user_id":7,"state":"tripped","breaker":"daily_loss","limit":"500","actual":"501.5","until":"2025-05-04T00:00:00Z"})");
  EXPECT_EQ(made[1].payload, R"({"seq":4,"user_id":7,"state":"resumed","breaker":"daily_loss"})");
  EXPECT_EQ(made[2].topic, Topic::risk_kill_switch);
  EXPECT_EQ(made[2].payload, R"({"seq":4,"user_id":7,"phase":"flattening","reason":"by hand"})");
  EXPECT_EQ(made[3].topic, Topic::risk_alerts);
  EXPECT_EQ(made[3].id, "run-1/4/c1");
  EXPECT_EQ(made[3].payload, R"({"seq":4,"user_id":7,"severity":"critical","code":"kill_switch","text":"All \"orders\" are cancelled."})");
}

TEST_F(FrameEventsTest, ADecisionIsToldWholeAndWithoutItsVerdictsWhereItIsTooLong) {
  DecisionRecord record;
  record.id = DecisionId{9};
  record.account = AccountIx{3};
  record.action = DecisionAction::hold;
  record.summary = "Nothing to do.";
  auto made = take(DecisionRecorded{record});
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].topic, Topic::agents_decisions);
  EXPECT_EQ(made[0].id, "run-1/4/i");
  EXPECT_TRUE(made[0].payload.starts_with(
      R"({"seq":4,"user_id":7,"account_id":3,"instrument":"okx:linear:BTCUSDT","price_digits":1,"quantity_digits":2,"decision":{"id":9,)"))
      << made[0].payload;
  EXPECT_TRUE(made[0].payload.ends_with(R"("verdicts":[],"proposal":null}})")) << made[0].payload;
  record.verdicts.resize(3);
  record.verdicts[0].summary = std::string(kMaxEventPayload, 'x');
  made = take(DecisionRecorded{record});
  EXPECT_LT(made.at(0).payload.size(), 1'000U);
  EXPECT_NE(made[0].payload.find(R"("verdicts_left_out":3,)"), std::string::npos) << made[0].payload;
}

TEST_F(FrameEventsTest, ABarIsTheMarketsPriceUnlessItWasRefused) {
  const BarClosed closed{InstrumentIx{0}, kMinute, Bar{kNow - kMinute, {950'000}, {950'010}, {949'990}, {950'005}, {150}}};
  const auto made = take(closed, {InputTaken{}});
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].topic, Topic::market_prices);
  EXPECT_EQ(made[0].key, "okx:linear:BTCUSDT") << "the instrument: it is nobody's";
  EXPECT_EQ(made[0].payload, R"({"seq":4,"instrument":"okx:linear:BTCUSDT","interval_s":60,"open_time":"2025-05-03T23:59:00Z","open":"95000","high":"95001",)"
                             R"("low":"94999","close":"95000.5","volume":"1.5"})");
  EXPECT_TRUE(take(closed, {OddityNoted{"a bar that cannot be was refused"}}).empty());
  BarClosed unknown = closed;
  unknown.instrument = InstrumentIx{4};
  EXPECT_TRUE(take(unknown, {InputTaken{}}).empty()) << "of an instrument that nobody registered";
}

TEST_F(FrameEventsTest, WhatAnalystsThinkIsToldOnceAnInstant) {
  DecisionRecord record;
  record.account = AccountIx{3};
  record.as_of.time = kNow;
  record.score = 0.25;
  record.regime = "range";
  record.verdicts.resize(2);
  record.verdicts[0].role = AgentRole::smc_analyst;
  record.verdicts[0].stance = Stance::bullish;
  record.verdicts[0].confidence = 0.5;
  record.verdicts[0].weight = 1;
  record.verdicts[0].summary = "Higher highs.";
  record.verdicts[1].role = AgentRole::orchestrator;
  auto made = take(DecisionRecorded{record});
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[1].topic, Topic::agents_signals);
  EXPECT_EQ(made[0].id, "run-1/4/i");
  EXPECT_EQ(made[1].id, "run-1/4/is") << "the decision and its signals are two events";
  EXPECT_EQ(made[1].key, "okx:linear:BTCUSDT");
  EXPECT_EQ(made[1].payload, R"({"seq":4,"instrument":"okx:linear:BTCUSDT","as_of":"2025-05-04T00:00:00Z","regime":"range","score":0.25,"analysts":)"
                             R"([{"agent":"smc_analyst","stance":"bullish","confidence":0.5,"weight":1,"summary":"Higher highs."}]})");
  EXPECT_EQ(take(DecisionRecorded{record}).size(), 1U) << "another user's desk at the same instant says nothing new of the market";
  record.as_of.time = kNow + kHour;
  EXPECT_EQ(take(DecisionRecorded{record}).size(), 2U);
}

TEST_F(FrameEventsTest, TradesAreToldToTheirUser) {
  const auto made = take(TimePassed{}, {position(50, 5)});
  ASSERT_EQ(made.size(), 2U);
  EXPECT_EQ(made[0].topic, Topic::notifications_telegram);
  EXPECT_EQ(made[0].key, "7");
  EXPECT_EQ(made[0].id, "run-1/4/e0n");
  EXPECT_EQ(made[0].payload, R"({"seq":4,"user_id":7,"kind":"trade_opened","about":)" + made[1].payload + "}");
}

TEST_F(FrameEventsTest, TheSameFramesGiveTheSameEvents) {
  FrameEvents one{"r"}, two{"r"};
  const RecordedFrame frame{1, {kNow, 1, TimePassed{}}, {OrderCreated{order()}, FillApplied{fill(50)}}, {}};
  EXPECT_EQ(one.take(frame), two.take(frame));
}

TEST_F(FrameEventsTest, EndedOrdersAreForgottenBeyondTheBoundAndWorkingOnesNever) {
  take(TimePassed{}, {OrderCreated{order(1)}});
  std::vector<Event> events;
  for (std::uint64_t id = 2; id <= FrameEvents::kOrdersKept + 10; ++id) {
    events.emplace_back(OrderCreated{order(id)});
    events.emplace_back(OrderMoved{OrderId{id}, OrderEventKind::rejected, {}});
  }
  take(TimePassed{}, std::move(events));
  EXPECT_NE(only({FillApplied{fill(50, 1, 1)}}).payload.find(R"("state":"partially_filled")"), std::string::npos);
  EXPECT_NE(only({FillApplied{fill(50, 2, 2)}}).payload.find(R"("state":null)"), std::string::npos);
}

}  // namespace
}  // namespace prom
