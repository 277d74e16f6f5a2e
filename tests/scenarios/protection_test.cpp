// P9 and the life of a stop: placed on the fill, retried, replaced, and a market close where the venue takes none.
#include "house.h"

namespace prom::scenario {
namespace {

TEST(Pains, p09_a_venue_that_rejects_every_stop_leads_to_a_flat_position_within_the_deadline) {
  House house;
  house.open();
  const TimeNs opened = house.now;
  int stops = 0;
  OrderSpec last = house.venue.placed.back();
  while (last.purpose == OrderPurpose::stop_loss && stops < 10) {
    ++stops;
    house.take(VenueRejected{last.id, RejectCode::price_filter, "no"});
    last = house.venue.placed.back();
  }
  EXPECT_EQ(stops, 3) << "bounded retries";
  ASSERT_EQ(last.purpose, OrderPurpose::flatten);
  EXPECT_EQ(last.effect, Effect::reduce_only);
  EXPECT_EQ(last.type, OrderType::market);
  house.take(VenueAccepted{last.id});
  house.take(VenueFilled{house.fill(last.id, 1'000, 9'990)});
  EXPECT_TRUE(house.holding()->position.is_flat());
  EXPECT_LE((house.now - opened).ns, house.shard.engine().options().coverage_deadline.ns);
  EXPECT_TRUE(
      std::any_of(house.alerts.begin(), house.alerts.end(), [](const Alert& a) { return a.code == "protection_failed" && a.severity == Severity::critical; }));
}

TEST(Pains, p09_a_stop_that_is_never_answered_is_not_trusted) {
  House house;
  house.open();
  ASSERT_EQ(house.venue.placed.back().purpose, OrderPurpose::stop_loss);
  house.wait(DurationNs{5'100'000'000});
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::flatten);
}

TEST(Pains, p09_a_stop_that_the_venue_twice_does_not_know_is_placed_again) {
  House house;
  house.open();
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  const std::size_t placed = house.venue.placed.size(), queried = house.venue.queried.size();
  house.take(VenueOrderFound{stop, FoundState::absent, {}});
  EXPECT_EQ(house.venue.placed.size(), placed) << "a venue's books may lag behind its gateway";
  EXPECT_EQ(house.venue.queried.size(), queried + 1) << "asked again";
  house.take(VenueOrderFound{stop, FoundState::absent, {}});
  ASSERT_EQ(house.venue.placed.size(), placed + 1);
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::stop_loss);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 1'000);
}

TEST(Pains, p09_a_stop_that_vanishes_at_the_venue_is_replaced) {
  House house;
  house.open();
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered);
  house.take(VenueCancelled{stop, CancelCause::venue});
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::stop_loss);
  EXPECT_NE(house.venue.placed.back().id, stop);
}

TEST(Pains, p09_a_venue_that_ends_every_stop_at_once_leads_to_a_market_close_and_not_to_a_loop) {
  for (const Payoff payoff : {Payoff::linear, Payoff::spot}) {
    House house(1, payoff);
    house.open(2'000);
    std::size_t stops = 0;
    for (; stops < 20 && house.venue.placed.back().purpose == OrderPurpose::stop_loss; ++stops) {
      const OrderId stop = house.venue.placed.back().id;
      house.take(VenueAccepted{stop});
      house.take(VenueCancelled{stop, CancelCause::venue});
    }
    EXPECT_EQ(stops, 3U) << "bounded retries";
    EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::flatten);
    EXPECT_EQ(house.venue.placed.back().quantity.v, 2'000);
    EXPECT_TRUE(std::ranges::any_of(house.alerts, [](const Alert& alert) { return alert.code == "protection_failed"; }));
  }
}

TEST(Protection, stops_that_go_with_the_targets_of_their_group_on_spot_are_no_reason_to_close) {
  House house(1, Payoff::spot);
  TradeProposal proposal = house.opening(4'000);
  for (std::int64_t i = 1; i <= 4; ++i) proposal.targets.push_back({PriceUnits{10'000 + 100 * i}, Decimal::from_units(25, 2)});
  house.take(ProposalPosted{proposal});
  const OrderId entry = house.venue.placed.back().id;
  house.take(VenueFilled{house.fill(entry, 4'000, 10'000)});
  std::size_t answered = 0;
  for (int target = 1; target <= 3; ++target) {
    for (; answered < house.venue.placed.size(); ++answered)
      if (house.venue.placed[answered].id != entry) house.take(VenueAccepted{house.venue.placed[answered].id});
    const std::vector<OrderId> working = house.holding()->working;
    const auto hit = std::ranges::find_if(working, [&](OrderId id) { return house.state().find_order(id)->spec.limit == PriceUnits{10'000 + 100 * target}; });
    ASSERT_NE(hit, working.end()) << target;
    house.take(VenueFilled{house.fill(*hit, 1'000, 10'000 + 100 * target)});
    for (const OrderId id : working)
      if (id != *hit) house.take(VenueCancelled{id, CancelCause::oco_sibling});
    EXPECT_NE(house.holding()->coverage.state, CoverageState::emergency) << target;
  }
  EXPECT_EQ(house.holding()->position.quantity.v, 1'000);
  EXPECT_TRUE(std::ranges::none_of(house.venue.placed, [](const OrderSpec& spec) { return spec.purpose == OrderPurpose::flatten; }));
}

TEST(Protection, a_stop_that_rested_for_a_while_is_made_again_however_often_it_vanishes) {
  House house;
  house.open(2'000);
  for (int i = 0; i < 10; ++i) {
    const OrderId stop = house.venue.placed.back().id;
    house.take(VenueAccepted{stop});
    house.price(10'000);
    house.take(VenueCancelled{stop, CancelCause::venue});
    ASSERT_EQ(house.venue.placed.back().purpose, OrderPurpose::stop_loss) << i;
    ASSERT_NE(house.venue.placed.back().id, stop);
  }
}

TEST(Protection, trailing_stop_follows_and_never_loosens) {
  House house;
  TradeProposal proposal = house.opening();
  proposal.trailing_distance = PriceUnits{200};
  house.take(ProposalPosted{proposal});
  const OrderId entry = house.venue.placed.back().id;
  house.take(VenueAccepted{entry});
  house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  std::int64_t last = 9'800;
  for (const std::int64_t close : {10'050, 10'300, 10'150, 10'260, 10'500, 10'350}) {
    house.bar(close + 20, close - 20, close);
    if (house.state().find_order(stop)->state == OrderState::amend_pending) {
      const AmendSpec amend = house.venue.amended.back();
      house.take(VenueAmended{stop, amend.quantity, amend.limit, amend.trigger});
    }
    const std::int64_t now = house.holding()->coverage.stop->v;
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(last, 10'320) << "two dollars below the highest price seen";
  house.take(ProtectionRequested{AccountIx{0}, InstrumentIx{0}, PositionLeg::net, DecisionId{0}, PriceUnits{10'000}, std::nullopt, "looser"});
  EXPECT_EQ(house.holding()->coverage.stop->v, last) << "a looser stop is refused";
}

TEST(Pains, p09_a_stop_that_the_venue_never_lets_grow_ends_in_a_market_close_and_not_in_a_loop) {
  House house;
  house.take(ProposalPosted{house.opening(2'000)});
  const OrderId entry = house.venue.placed.back().id;
  house.take(VenueAccepted{entry});
  house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
  ASSERT_EQ(house.venue.amended.size(), 1U) << "half of the position is without a stop";
  for (int i = 0; i < 20 && house.state().find_order(stop)->state == OrderState::amend_pending; ++i) {
    house.take(VenueAmendRefused{stop});
    house.take(VenueOrderFound{stop, FoundState::working, {}});
  }
  EXPECT_EQ(house.venue.amended.size(), 3U) << "bounded retries";
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::flatten);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 2'000);
}

TEST(Pains, p09_a_stop_that_the_venue_never_lets_shrink_stays_and_does_not_loop) {
  House house;
  house.open(2'000);
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  TradeProposal half = house.closing();
  half.intent = Intent::reduce;
  half.quantity = {1'000};
  house.take(ProposalPosted{half});
  const OrderId exit = house.venue.placed.back().id;
  house.take(VenueFilled{house.fill(exit, 1'000, 10'000)});
  for (int i = 0; i < 20 && house.state().find_order(stop)->state == OrderState::amend_pending; ++i) {
    house.take(VenueAmendRefused{stop});
    house.take(VenueOrderFound{stop, FoundState::working, {}});
  }
  EXPECT_EQ(house.venue.amended.size(), 3U) << "bounded retries";
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered) << "it only reduces";
  EXPECT_EQ(house.venue.placed.back().id, exit) << "nothing is closed for it";
}

TEST(Protection, refused_moves_of_a_stop_that_covers_the_position_close_nothing) {
  House house;
  house.open();
  const OrderId stop = house.venue.placed.back().id;
  house.take(VenueAccepted{stop});
  for (int i = 0; i < 5; ++i) {
    ProtectionRequested raise;
    raise.instrument = InstrumentIx{0};
    raise.stop = PriceUnits{9'900};
    house.take(raise);
    ASSERT_EQ(house.venue.amended.size(), static_cast<std::size_t>(i + 1));
    house.take(VenueAmendRefused{stop});
    house.take(VenueOrderFound{stop, FoundState::working, {}});
  }
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered);
  EXPECT_EQ(house.holding()->coverage.stop, PriceUnits{9'800}) << "as it rests at the venue";
  EXPECT_EQ(house.venue.placed.back().id, stop);
}

/// The open position and its stop, as the venue tells them.
VenueSnapshot snapshot_with_stop(const House& house, const OrderSpec& stop, std::int64_t trigger) {
  VenueSnapshot snapshot;
  snapshot.positions.push_back({InstrumentIx{0}, PositionLeg::net, house.holding()->position.quantity});
  VenueOpenOrder order;
  order.client_id = stop.client_id;
  order.side = stop.side;
  order.type = stop.type;
  order.effect = stop.effect;
  order.quantity = stop.quantity;
  order.trigger = PriceUnits{trigger};
  snapshot.orders.push_back(order);
  return snapshot;
}

TEST(Protection, a_stop_amended_at_the_venue_whose_answer_died_with_the_process_is_known_after_the_restart) {
  House house;
  house.open();
  const OrderSpec stop = house.venue.placed.back();
  house.take(VenueAccepted{stop.id});
  ProtectionRequested raise;
  raise.instrument = InstrumentIx{0};
  raise.stop = PriceUnits{9'900};
  house.take(raise);
  ASSERT_EQ(house.venue.amended.size(), 1U);
  house.take(EpochStarted{2});
  house.take(VenueOrderFound{stop.id, FoundState::working, {}});
  house.take(VenueSnapshot{snapshot_with_stop(house, stop, 9'900)});
  EXPECT_EQ(house.state().find_order(stop.id)->spec.trigger, PriceUnits{9'900});
  EXPECT_EQ(house.holding()->coverage.stop, PriceUnits{9'900}) << "else the next request might loosen it";
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered);
  // An older picture that arrives late takes nothing back.
  house.take(VenueSnapshot{snapshot_with_stop(house, stop, 9'800)});
  EXPECT_EQ(house.state().find_order(stop.id)->spec.trigger, PriceUnits{9'900});
}

TEST(Protection, flat_position_leaves_no_order_behind) {
  House house;
  TradeProposal proposal = house.opening();
  proposal.targets = {{PriceUnits{10'500}, kDecimalOne}};
  house.take(ProposalPosted{proposal});
  const OrderId entry = house.venue.placed.back().id;
  house.take(VenueAccepted{entry});
  house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
  ASSERT_EQ(house.venue.placed.size(), 3U);
  const OrderSpec stop = house.venue.placed[1], target = house.venue.placed[2];
  EXPECT_FALSE(stop.oco_group.has_value()) << "reduce-only orders need no group on derivatives";
  house.take(VenueAccepted{stop.id});
  house.take(VenueAccepted{target.id});
  house.take(VenueFilled{house.fill(target.id, 1'000, 10'500)});
  ASSERT_EQ(house.venue.cancelled.size(), 1U);
  EXPECT_EQ(house.venue.cancelled[0].order, stop.id);
  house.take(VenueCancelRefused{stop.id});  // the venue had ended it by itself: nothing is decided before it says so (P7)
  EXPECT_EQ(house.venue.queried.back(), stop.id);
  house.take(VenueOrderFound{stop.id, FoundState::cancelled, {}});
  EXPECT_TRUE(house.holding()->working.empty());
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::none);
}

}  // namespace
}  // namespace prom::scenario
