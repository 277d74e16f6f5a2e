// The breaker on the venue's rejections and failures: on whatever the user's setting for loss limits, and counting what the venue did, not what we did.
#include "house.h"

namespace prom::scenario {
namespace {

/// Entries that the venue rejects, one after the other.
void reject(House& house, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times; ++i) {
    house.price(10'000);
    house.take(ProposalPosted{house.opening()});
    house.take(VenueRejected{house.venue.placed.back().id, RejectCode::unknown, "no"});
  }
}

TEST(Breakers, errors_of_the_venue_stop_new_positions_though_the_circuit_breaker_for_losses_is_off) {
  House house;
  RiskLimits limits = house.user().user.limits;
  limits.circuit_breaker = Switch::off;
  limits.max_errors_per_hour = 4;
  house.take(LimitsSet{UserIx{0}, limits});
  house.now = floor_to(house.now, kHour) + kHour;
  reject(house, 4);
  ASSERT_EQ(house.user().breakers.size(), 1U);
  EXPECT_EQ(house.user().breakers[0].kind, BreakerKind::errors);
  house.take(ProposalPosted{house.opening()});
  EXPECT_EQ(house.last_denial()->code, DenialCode::error_breaker_open);
}

TEST(Breakers, a_loss_limit_that_the_user_has_switched_off_trips_nothing) {
  House house;
  RiskLimits limits = house.user().user.limits;
  limits.circuit_breaker = Switch::off;
  house.take(LimitsSet{UserIx{0}, limits});
  house.open(200'000, 10'000);
  house.take(VenueAccepted{house.venue.placed.back().id});
  house.bar(10'000, 7'400, 10'000);
  EXPECT_TRUE(house.user().breakers.empty());
}

TEST(Breakers, orders_that_a_restart_puts_in_doubt_are_no_errors_of_the_venue) {
  House house(6);
  RiskLimits limits = house.user().user.limits;
  limits.max_errors_per_hour = 5;
  house.take(LimitsSet{UserIx{0}, limits});
  house.now = floor_to(house.now, kHour) + kHour;
  for (std::size_t i = 0; i < 6; ++i) {
    house.price(10'000, i);
    TradeProposal waiting = house.opening(1'000, 9'700, i);
    waiting.limit = PriceUnits{9'900};
    house.take(ProposalPosted{waiting});
    house.take(VenueAccepted{house.venue.placed.back().id});
  }
  house.take(EpochStarted{2});
  ASSERT_EQ(house.state().in_doubt.size(), 6U);
  EXPECT_EQ(house.user().errors_this_hour, 0U);
  const OrderId first = house.state().in_doubt.front();
  house.take(VenueOrderFound{first, FoundState::working, {}});
  house.take(VenueRejected{first, RejectCode::unknown, "no"});
  EXPECT_EQ(house.user().errors_this_hour, 1U);
  EXPECT_TRUE(house.user().breakers.empty()) << "one rejection, not seven";
}

TEST(Breakers, a_request_that_timed_out_after_a_restart_is_an_error_of_the_venue) {
  House house;
  house.take(EpochStarted{2});
  house.take(ProposalPosted{house.opening()});
  house.take(VenueInDoubt{house.venue.placed.back().id});
  EXPECT_EQ(house.user().errors_this_hour, 1U);
}

}  // namespace
}  // namespace prom::scenario
