// Cancels that do not take: an order that was to go and still works is cancelled again, a few times at once and then whenever the venue lists it; a person hears of it.
#include <algorithm>

#include "house.h"

namespace prom::scenario {
namespace {

/// An entry that rests at 99.00.
OrderSpec resting_entry(House& house) {
  TradeProposal waiting = house.opening(1'000, 9'700);
  waiting.limit = PriceUnits{9'900};
  house.take(ProposalPosted{waiting});
  const OrderSpec entry = house.venue.placed.back();
  house.take(VenueAccepted{entry.id});
  return entry;
}

VenueSnapshot listing(const OrderSpec& spec) {
  VenueSnapshot snapshot;
  VenueOpenOrder order;
  order.client_id = spec.client_id;
  order.instrument = spec.instrument;
  order.side = spec.side;
  order.type = spec.type;
  order.effect = spec.effect;
  order.quantity = spec.quantity;
  order.limit = spec.limit;
  snapshot.orders.push_back(order);
  return snapshot;
}

bool alerted(const House& house) {
  return std::ranges::any_of(house.alerts, [](const Alert& alert) { return alert.code == "cancel_refused" && alert.severity == Severity::critical; });
}

TEST(Pains, p07_a_refused_cancel_of_an_order_that_still_works_is_sent_again) {
  House house;
  const OrderSpec entry = resting_entry(house);
  house.take(CancelRequested{AccountIx{0}, InstrumentIx{0}});
  ASSERT_EQ(house.venue.cancelled.size(), 1U);
  house.take(VenueCancelRefused{entry.id});
  EXPECT_EQ(house.venue.cancelled.size(), 1U) << "asked first: it may have filled";
  EXPECT_EQ(house.venue.queried.back(), entry.id);
  house.take(VenueOrderFound{entry.id, FoundState::working, {}});
  ASSERT_EQ(house.venue.cancelled.size(), 2U);
  EXPECT_EQ(house.venue.cancelled.back().order, entry.id);
  house.take(VenueCancelled{entry.id});
  EXPECT_EQ(house.state().find_order(entry.id)->state, OrderState::cancelled);
  EXPECT_FALSE(alerted(house));
}

TEST(Pains, p07_a_cancel_that_the_venue_always_refuses_ends_in_an_alarm_and_not_in_a_loop) {
  House house;
  const OrderSpec entry = resting_entry(house);
  house.take(CancelRequested{AccountIx{0}, InstrumentIx{0}});
  for (int i = 0; i < 50; ++i) {
    const std::size_t sent = house.venue.cancelled.size();
    house.take(VenueCancelRefused{entry.id});
    house.take(VenueOrderFound{entry.id, FoundState::working, {}});
    if (house.venue.cancelled.size() == sent) break;
  }
  EXPECT_EQ(house.venue.cancelled.size(), house.shard.engine().options().cancel_attempts);
  EXPECT_TRUE(alerted(house));
  EXPECT_EQ(house.state().find_order(entry.id)->state, OrderState::accepted) << "it works, and counts";
  EXPECT_EQ(house.holding()->pending_buy.v, 1'000);
  // Whenever the venue is seen to list it still, it is tried once more.
  const std::size_t sent = house.venue.cancelled.size();
  house.take(listing(entry));
  EXPECT_EQ(house.venue.cancelled.size(), sent + 1);
}

TEST(Pains, p07_a_cancel_whose_request_was_lost_is_sent_again_when_the_venue_lists_the_order) {
  House house;
  const OrderSpec entry = resting_entry(house);
  house.take(CancelRequested{AccountIx{0}, InstrumentIx{0}});
  house.take(listing(entry));
  EXPECT_EQ(house.venue.cancelled.size(), 1U) << "the picture may be older than the cancel";
  house.wait(house.shard.engine().options().query_interval);
  house.take(listing(entry));
  ASSERT_EQ(house.venue.cancelled.size(), 2U);
  EXPECT_EQ(house.venue.cancelled.back().order, entry.id);
}

TEST(Pains, p04_a_cancel_that_was_under_way_at_a_restart_is_not_forgotten) {
  House house;
  const OrderSpec entry = resting_entry(house);
  house.take(CancelRequested{AccountIx{0}, InstrumentIx{0}});
  house.take(EpochStarted{2});
  EXPECT_EQ(house.state().find_order(entry.id)->state, OrderState::in_doubt);
  house.take(VenueOrderFound{entry.id, FoundState::working, {}});
  ASSERT_EQ(house.venue.cancelled.size(), 2U);
  EXPECT_EQ(house.venue.cancelled.back().order, entry.id);
  EXPECT_EQ(house.state().find_order(entry.id)->state, OrderState::cancel_pending);
}

TEST(Cancel, an_order_that_nobody_wanted_to_go_is_left_alone_when_it_is_found) {
  House house;
  const OrderSpec entry = resting_entry(house);
  house.take(VenueInDoubt{entry.id});
  house.take(VenueOrderFound{entry.id, FoundState::working, {}});
  house.take(listing(entry));
  EXPECT_TRUE(house.venue.cancelled.empty());
}

}  // namespace
}  // namespace prom::scenario
