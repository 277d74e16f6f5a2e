// P29 and the breakers: what trips, what does not, what latches, what resumes, and that closing is never in the way.
#include "house.h"

namespace prom::scenario {
namespace {

VenueSnapshot snapshot_of(std::int64_t quantity) {
  VenueSnapshot snapshot;
  if (quantity != 0) snapshot.positions.push_back({InstrumentIx{0}, PositionLeg::net, {quantity}});
  return snapshot;
}

TEST(Pains, p29_kill_switch_cancels_flattens_and_verifies_at_the_venue_before_it_says_flat) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  TradeProposal add = house.opening(500);
  add.intent = Intent::add;
  add.limit = PriceUnits{9'900};
  add.stop = PriceUnits{9'700};
  house.take(ProposalPosted{add});
  const OrderId resting = house.venue.placed.back().id;
  house.take(VenueAccepted{resting});
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening);
  EXPECT_EQ(house.venue.cancelled.back().order, resting);
  const OrderSpec flatten = house.venue.placed.back();
  ASSERT_EQ(flatten.purpose, OrderPurpose::flatten);
  house.take(VenueCancelled{resting});
  house.take(VenueAccepted{flatten.id});
  house.take(VenueSnapshot{snapshot_of(1'000)});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening) << "our own order is not proof: the venue still shows the position";
  house.take(VenueFilled{house.fill(flatten.id, 1'000, 9'950)});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening);
  for (const CancelSpec& cancel : house.venue.cancelled)
    if (cancel.order != resting) house.take(VenueCancelled{cancel.order});
  house.take(VenueSnapshot{snapshot_of(0)});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flat);
  // Latched: nothing opens, not even after days.
  house.wait(DurationNs{5 * kDay.ns});
  house.price(10'000);
  house.take(ProposalPosted{house.opening()});
  EXPECT_EQ(house.last_denial()->code, DenialCode::kill_switch_engaged);
}

TEST(Pains, p29_a_flatten_that_the_venue_refuses_is_sent_again_within_seconds) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  for (int refused = 0; refused < 4; ++refused) {
    const OrderSpec flatten = house.venue.placed.back();
    ASSERT_EQ(flatten.purpose, OrderPurpose::flatten) << refused;
    house.take(VenueRejected{flatten.id, RejectCode::rate_limited, "too many requests"});
    house.take(VenueSnapshot{snapshot_of(1'000)});  // the books agree: that alone would be an hour's peace
    const int asked = house.venue.snapshots;
    house.wait(house.shard.engine().options().reconcile_retry);
    EXPECT_EQ(house.venue.snapshots, asked + 1) << refused;
  }
}

TEST(Pains, p29_a_position_opened_by_hand_is_flattened_too) {
  House house;
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  house.take(VenueSnapshot{snapshot_of(-700)});
  ASSERT_FALSE(house.venue.placed.empty());
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::flatten);
  EXPECT_EQ(house.venue.placed.back().side, Side::buy);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 700);
  EXPECT_NE(house.user().kill_phase, KillPhase::flat);
}

TEST(Pains, p29_flat_means_that_the_venue_has_shown_every_account) {
  House house;
  Account other;
  other.ix = AccountIx{1};
  house.take(AccountRegistered{other});
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  house.take(VenueSnapshot{});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening) << "the other account has not been seen";
  VenueSnapshot there = snapshot_of(300);
  there.account = AccountIx{1};
  house.take(there);
  ASSERT_FALSE(house.venue.placed.empty());
  const OrderSpec flatten = house.venue.placed.back();
  EXPECT_EQ(flatten.account, AccountIx{1}) << "opened by hand, and closed";
  house.take(VenueSnapshot{});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening);
  house.take(VenueRejected{flatten.id, RejectCode::reduce_only_rejected, "nothing to reduce"});
  there.positions.clear();
  house.take(there);
  EXPECT_EQ(house.user().kill_phase, KillPhase::flat);
}

/// An order at rest that no record here explains.
VenueOpenOrder resting(const ClientOrderId& id) {
  VenueOpenOrder order;
  order.client_id = id;
  order.type = OrderType::limit;
  order.quantity = {1'000};
  order.limit = PriceUnits{9'000};
  return order;
}

std::ptrdiff_t foreign_alerts(const House& house) {
  return std::count_if(house.alerts.begin(), house.alerts.end(), [](const Alert& a) { return a.code == "foreign_orders" && a.severity == Severity::critical; });
}

TEST(Pains, p29_the_kill_switch_cancels_what_bears_our_mark_though_no_record_of_it_is_left) {
  House house;
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  const ClientOrderId lost{AccountIx{0}, 7, OrderId{1}};
  VenueSnapshot there;
  there.orders.push_back(resting(lost));
  house.take(there);
  ASSERT_EQ(house.venue.cancelled.size(), 1U);
  EXPECT_EQ(house.venue.cancelled[0].client_id, lost);
  EXPECT_EQ(house.state().find_order(house.venue.cancelled[0].order), nullptr) << "an answer must not end another order of the same number";
  house.take(VenueCancelled{house.venue.cancelled[0].order});
  house.take(VenueSnapshot{});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flat);
}

TEST(Pains, p29_the_kill_switch_cancels_an_order_that_ended_here_and_works_at_the_venue) {
  House house;
  house.take(ProposalPosted{house.opening()});
  const OrderSpec entry = house.venue.placed.back();
  house.take(VenueRejected{entry.id, RejectCode::unknown, "lost"});
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  ASSERT_TRUE(house.venue.cancelled.empty());
  VenueSnapshot there;
  there.orders.push_back(resting(entry.client_id));
  house.take(there);
  ASSERT_EQ(house.venue.cancelled.size(), 1U);
  EXPECT_EQ(house.venue.cancelled[0].order, entry.id);
}

TEST(Pains, p29_orders_placed_by_hand_keep_the_kill_switch_from_saying_flat_and_a_person_is_told_once) {
  House house;
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  VenueSnapshot there;
  there.orders.push_back(resting(ClientOrderId{}));
  for (int i = 0; i < 5; ++i) {
    house.take(there);
    house.wait(house.shard.engine().options().reconcile_retry);
  }
  EXPECT_EQ(house.user().kill_phase, KillPhase::flattening);
  EXPECT_TRUE(house.venue.cancelled.empty()) << "it has no id that we could name";
  EXPECT_EQ(foreign_alerts(house), 1);
  there.orders.push_back(resting(ClientOrderId{}));
  house.take(there);
  EXPECT_EQ(foreign_alerts(house), 2) << "another one";
  house.take(VenueSnapshot{});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flat);
}

TEST(Pains, p29_orders_placed_by_hand_and_seen_before_the_kill_switch_was_pulled_are_told_of) {
  House house;
  VenueSnapshot there;
  there.orders.push_back(resting(ClientOrderId{}));
  house.take(there);
  EXPECT_EQ(foreign_alerts(house), 0) << "left alone (P30)";
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  house.take(there);
  EXPECT_EQ(foreign_alerts(house), 1);
}

TEST(Pains, p30_orders_of_others_are_left_alone) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  VenueSnapshot there = snapshot_of(1'000);
  there.orders.push_back(resting(ClientOrderId{}));
  there.orders.push_back(resting(ClientOrderId{AccountIx{0}, 7, OrderId{1}}));
  house.take(there);
  EXPECT_TRUE(house.venue.cancelled.empty());
  EXPECT_EQ(house.count<QuarantineSet>(), 0U);
}

TEST(Pains, p29_reset_takes_two_steps_and_only_when_flat) {
  House house;
  house.open();
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  house.take(KillSwitchReset{UserIx{0}, ResetStep::request, 77});
  house.take(KillSwitchReset{UserIx{0}, ResetStep::confirm, 77});
  EXPECT_NE(house.user().kill_phase, KillPhase::released) << "not while something is open";
  const OrderId flatten = house.venue.placed.back().id;
  house.take(VenueFilled{house.fill(flatten, 1'000, 10'000)});
  for (const CancelSpec& cancel : std::vector<CancelSpec>(house.venue.cancelled)) house.take(VenueCancelled{cancel.order});
  house.take(VenueSnapshot{snapshot_of(0)});
  ASSERT_EQ(house.user().kill_phase, KillPhase::flat);
  house.take(KillSwitchReset{UserIx{0}, ResetStep::confirm, 78});
  EXPECT_EQ(house.user().kill_phase, KillPhase::flat) << "the wrong challenge";
  house.take(KillSwitchReset{UserIx{0}, ResetStep::confirm, 77});
  EXPECT_EQ(house.user().kill_phase, KillPhase::released);
}

TEST(Pains, p29_a_restart_keeps_the_latch_and_does_not_repeat_the_sweep) {
  House house;
  house.open();
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  const auto restored = decode_snapshot(encode_snapshot(house.state()));
  ASSERT_TRUE(restored.has_value());
  SilentVenue venue;
  Shard shard(EngineOptions{}, venue, nullptr);
  shard.engine().restore(*restored);
  ASSERT_TRUE(shard.take(Input{house.now, 1'000, EpochStarted{2}}).has_value());
  EXPECT_EQ(shard.state().users[0].kill_phase, KillPhase::flattening);
  EXPECT_TRUE(venue.placed.empty()) << "the flatten order is under way already: it is asked about, not sent again";
  EXPECT_FALSE(venue.queried.empty());
  ASSERT_TRUE(shard.take(Input{house.now, 1'001, KillSwitchPulled{UserIx{0}, "again"}}).has_value());
  EXPECT_TRUE(venue.placed.empty());
}

TEST(Pains, p29_daily_loss_counts_unrealised_loss_at_the_adverse_extreme_and_resumes_at_midnight) {
  House house;
  house.open(200'000, 10'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  // 200 coins at 100: a fall to 74 costs 5,200 of 100,000, more than 5 %, though the bar closes where it began.
  house.bar(10'000, 7'400, 10'000);
  ASSERT_EQ(house.user().breakers.size(), 2U) << "calendar day and rolling 24 h";
  house.take(ProposalPosted{house.closing()});
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::close) << "closing is never blocked by a breaker";
  const OrderId exit = house.venue.placed.back().id;
  house.take(VenueFilled{house.fill(exit, 200'000, 10'000)});
  house.take(ProposalPosted{house.opening()});
  EXPECT_EQ(house.last_denial()->code, DenialCode::circuit_breaker_open);
  const TimeNs until = house.user().breakers[0].until;
  EXPECT_EQ(until.ns % kDay.ns, 0) << "the user's next midnight";
  house.wait(until - house.now + kMinute);
  EXPECT_TRUE(house.user().breakers.empty());
}

TEST(Pains, p29_a_loss_that_a_stop_realised_counts_before_the_next_price_comes) {
  House house;
  house.open(200'000, 10'000);
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  // The market jumps over the stop: 200 coins from 100 to 74 cost 5,200 of 100,000, and nothing is held when the next bar comes.
  house.take(VenueFilled{house.fill(stop, 200'000, 7'400)});
  EXPECT_EQ(house.user().breakers.size(), 2U) << "calendar day and rolling 24 h";
  house.take(ProposalPosted{house.opening()});
  EXPECT_EQ(house.last_denial()->code, DenialCode::circuit_breaker_open);
}

TEST(Pains, p29_funding_counts_at_once) {
  House house;
  house.open(200'000, 10'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  VenueFunding funding;
  funding.funding_time = house.now;
  funding.rate = Decimal::from_units(3, 1);
  funding.amount = Money{AssetIx{0}, -Decimal::from_int(6'000)};
  house.take(funding);
  EXPECT_EQ(house.user().breakers.size(), 2U) << "6,000 of 100,000";
}

TEST(Pains, p06_a_position_that_we_never_opened_bars_entries_beside_it) {
  House house(2);
  VenueSnapshot snapshot;
  snapshot.positions.push_back({InstrumentIx{1}, PositionLeg::net, {700}});
  for (std::uint32_t i = 0; i < EngineOptions{}.reconcile_attempts; ++i) house.take(snapshot);
  house.take(ProposalPosted{house.opening(1'000, 9'800, 1)});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::instrument_quarantined);
  house.take(VenueSnapshot{});
  const std::size_t placed = house.venue.placed.size();
  house.take(ProposalPosted{house.opening(1'000, 9'800, 1)});
  EXPECT_EQ(house.venue.placed.size(), placed + 1) << "it is gone, and so is the bar";
}

TEST(Pains, p02_a_resting_entry_is_asked_about_though_nothing_is_held) {
  House house;
  TradeProposal waiting = house.opening(1'000, 9'700);
  waiting.limit = PriceUnits{9'900};
  house.take(ProposalPosted{waiting});
  house.take(VenueAccepted{house.venue.placed.back().id});
  const int before = house.venue.snapshots;
  for (int i = 0; i < 3; ++i) house.wait(kHour);
  EXPECT_GT(house.venue.snapshots, before);
}

TEST(Gate, an_exit_that_waits_for_its_price_is_not_in_the_way_of_one_at_market) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  TradeProposal patient = house.closing();
  patient.limit = PriceUnits{11'000};
  house.take(ProposalPosted{patient});
  const OrderId waiting = house.venue.placed.back().id;
  house.take(VenueAccepted{waiting});
  house.take(ProposalPosted{house.closing()});
  EXPECT_EQ(house.venue.placed.back().type, OrderType::market);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 1'000);
  EXPECT_EQ(house.venue.cancelled.back().order, waiting);
}

TEST(Pains, p29_deposits_and_withdrawals_are_neither_gain_nor_loss) {
  House house;
  house.open(1'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{0}, -Decimal::from_int(60'000)}});
  house.price(10'000);
  EXPECT_TRUE(house.user().breakers.empty());
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{0}, Decimal::from_int(200'000)}});
  house.price(10'000);
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{0}, -Decimal::from_int(200'000)}});
  house.price(10'000);
  EXPECT_TRUE(house.user().breakers.empty());
}

TEST(Pains, p29_unknown_equity_blocks_entries_and_trips_nothing) {
  House house;
  // A balance in a coin that nothing prices: what the account is worth is not known.
  house.take(TransferBooked{AccountIx{0}, Money{AssetIx{1}, Decimal::from_int(3)}});
  house.price(5'000);
  house.take(ProposalPosted{house.opening(1'000, 4'900)});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::equity_unknown);
  EXPECT_TRUE(house.user().breakers.empty());
  house.take(ConversionPrice{AssetIx{1}, AssetIx{0}, Decimal::from_int(50)});
  TradeProposal again = house.opening(1'000, 4'900);
  const std::size_t placed = house.venue.placed.size();
  house.take(ProposalPosted{again});
  EXPECT_EQ(house.venue.placed.size(), placed + 1);
}

TEST(Pains, p29_zero_negative_and_nan_prices_do_not_exist) {
  EXPECT_FALSE(Price::from(Decimal{}).has_value());
  EXPECT_FALSE(Price::from(Decimal::from_int(-1)).has_value());
  House house;
  const PriceUnits before = house.state().market[0].last;
  house.now = house.now + kMinute;
  house.take(BarClosed{InstrumentIx{0}, kMinute, Bar{house.now - kMinute, {0}, {0}, {0}, {0}, {1}}});
  house.take(TradePrinted{InstrumentIx{0}, {-5}, {1}, Side::buy});
  EXPECT_EQ(house.state().market[0].last, before);
  EXPECT_EQ(house.count<OddityNoted>(), 2U);
}

TEST(Breakers, three_losses_in_a_row_stop_new_positions) {
  House house;
  for (int i = 0; i < 3; ++i) {
    house.open(1'000);
    const OrderId stop = house.venue.placed.back().id;
    house.take(VenueAccepted{stop});
    house.take(VenueFilled{house.fill(stop, 1'000, 9'800)});
    house.price(10'000);
  }
  ASSERT_EQ(house.user().breakers.size(), 1U);
  EXPECT_EQ(house.user().breakers[0].kind, BreakerKind::consecutive_losses);
  house.take(ProposalPosted{house.opening()});
  EXPECT_EQ(house.last_denial()->code, DenialCode::circuit_breaker_open);
}

TEST(Breakers, a_silent_feed_blocks_entries_while_something_is_held_and_clears_by_itself) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  house.wait(DurationNs{600'000'000'000});
  ASSERT_EQ(house.user().breakers.size(), 1U);
  EXPECT_EQ(house.user().breakers[0].kind, BreakerKind::data_feed);
  house.price(10'000);
  house.wait(DurationNs{1'000'000'000});
  EXPECT_TRUE(house.user().breakers.empty());
}

}  // namespace
}  // namespace prom::scenario
