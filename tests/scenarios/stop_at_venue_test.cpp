// P9: the stop is compared with what rests at the venue, by side, type, trigger and quantity, and put right there, whatever else differs.
#include "house.h"

namespace prom::scenario {
namespace {

/// A long position whose stop rests at the venue.
struct Covered {
  Covered() {
    house.open();
    stop = house.venue.placed.back();
    house.take(VenueAccepted{stop.id});
    there.positions.push_back({InstrumentIx{0}, PositionLeg::net, {1'000}});
    VenueOpenOrder order;
    order.client_id = stop.client_id;
    order.side = stop.side;
    order.type = stop.type;
    order.effect = Effect::reduce_only;
    order.quantity = stop.quantity;
    order.trigger = stop.trigger;
    there.orders.push_back(order);
  }
  VenueOpenOrder& at_venue() { return there.orders[0]; }
  std::ptrdiff_t alerts() const {
    return std::ranges::count_if(house.alerts, [](const Alert& alert) { return alert.code == "coverage_differs"; });
  }

  House house{2};
  OrderSpec stop;
  VenueSnapshot there;
};

TEST(Pains, p09_a_stop_that_rests_as_it_should_is_left_alone) {
  Covered c;
  c.house.take(c.there);
  EXPECT_EQ(c.alerts(), 0);
  EXPECT_TRUE(c.house.venue.amended.empty());
  EXPECT_TRUE(c.house.venue.cancelled.empty());
}

TEST(Pains, p09_a_stop_of_another_trigger_or_size_at_the_venue_is_amended_back) {
  for (const bool size : {false, true}) {
    Covered c;
    if (size)
      c.at_venue().quantity = {400};
    else
      c.at_venue().trigger = PriceUnits{9'000};
    c.house.take(c.there);
    EXPECT_EQ(c.alerts(), 1);
    ASSERT_EQ(c.house.venue.amended.size(), 1U) << size;
    EXPECT_EQ(c.house.venue.amended[0].trigger, c.stop.trigger);
    EXPECT_EQ(c.house.venue.amended[0].quantity, c.stop.quantity);
    c.house.take(VenueAmended{c.stop.id, c.stop.quantity, std::nullopt, c.stop.trigger});
    EXPECT_EQ(c.house.holding()->coverage.state, CoverageState::covered);
  }
}

TEST(Pains, p09_a_stop_of_another_side_or_type_at_the_venue_is_cancelled_and_placed_again) {
  for (const bool type : {false, true}) {
    Covered c;
    if (type)
      c.at_venue().type = OrderType::limit;
    else
      c.at_venue().side = Side::buy;
    c.house.take(c.there);
    EXPECT_EQ(c.alerts(), 1);
    ASSERT_EQ(c.house.venue.cancelled.size(), 1U) << type;
    EXPECT_EQ(c.house.venue.cancelled[0].order, c.stop.id);
    c.house.take(VenueCancelled{c.stop.id});
    EXPECT_NE(c.house.venue.placed.back().id, c.stop.id);
    EXPECT_EQ(c.house.venue.placed.back().purpose, OrderPurpose::stop_loss);
    EXPECT_EQ(c.house.venue.placed.back().trigger, c.stop.trigger);
  }
}

TEST(Pains, p09_a_position_that_we_never_opened_does_not_keep_the_stop_of_another_from_being_compared) {
  Covered c;
  c.at_venue().trigger = PriceUnits{9'000};
  c.there.positions.push_back({InstrumentIx{1}, PositionLeg::net, {700}});
  c.house.take(c.there);
  EXPECT_EQ(c.alerts(), 1);
  EXPECT_EQ(c.house.venue.amended.size(), 1U);
}

}  // namespace
}  // namespace prom::scenario
