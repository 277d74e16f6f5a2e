// P1 on spot, where no order is reduce-only: coins that an exit in doubt may have sold are not offered a second time before the venue has said that it never saw it.
#include <algorithm>

#include "house.h"

namespace prom::scenario {
namespace {

std::size_t exits(const House& house, OrderPurpose purpose) {
  return static_cast<std::size_t>(std::ranges::count_if(house.venue.placed, [&](const OrderSpec& spec) { return spec.purpose == purpose; }));
}

/// One coin, bought at 100, with its stop at rest.
void hold(House& house) {
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
}

TEST(Pains, p01_on_spot_a_close_in_doubt_is_not_sent_again_before_it_is_known_not_to_exist) {
  House house(1, Payoff::spot);
  hold(house);
  house.take(ProposalPosted{house.closing()});
  const OrderSpec exit = house.venue.placed.back();
  ASSERT_EQ(exit.purpose, OrderPurpose::close);
  house.take(VenueInDoubt{exit.id});
  EXPECT_EQ(house.venue.queried.back(), exit.id);
  house.take(ProposalPosted{house.closing()});
  ASSERT_TRUE(house.last_denial().has_value());
  EXPECT_EQ(house.last_denial()->code, DenialCode::nothing_to_close);
  EXPECT_EQ(exits(house, OrderPurpose::close), 1U);
  house.take(VenueOrderFound{exit.id, FoundState::absent, {}});
  house.take(ProposalPosted{house.closing()});
  EXPECT_EQ(exits(house, OrderPurpose::close), 2U) << "the venue never saw the first";
}

TEST(Pains, p01_on_spot_a_flatten_in_doubt_is_not_sent_again_before_it_is_known_not_to_exist) {
  House house(1, Payoff::spot);
  house.open();
  house.wait(DurationNs{5'100'000'000});  // the stop is never answered
  const OrderSpec flatten = house.venue.placed.back();
  ASSERT_EQ(flatten.purpose, OrderPurpose::flatten);
  house.take(VenueInDoubt{flatten.id});
  for (int i = 0; i < 4; ++i) house.wait(DurationNs{5'100'000'000});
  EXPECT_EQ(exits(house, OrderPurpose::flatten), 1U);
  EXPECT_GT(std::ranges::count(house.venue.queried, flatten.id), 1) << "it is asked about instead";
  house.take(VenueOrderFound{flatten.id, FoundState::absent, {}});
  house.wait(DurationNs{5'100'000'000});
  EXPECT_EQ(exits(house, OrderPurpose::flatten), 2U);
}

TEST(Pains, p01_on_spot_the_kill_switch_does_not_sell_what_a_close_may_have_sold) {
  House house(1, Payoff::spot);
  hold(house);
  TradeProposal half = house.closing();
  half.intent = Intent::reduce;
  half.quantity = {400};
  house.take(ProposalPosted{half});
  const OrderSpec exit = house.venue.placed.back();
  ASSERT_EQ(exit.quantity.v, 400);
  house.take(VenueInDoubt{exit.id});
  house.take(KillSwitchPulled{UserIx{0}, "test"});
  ASSERT_EQ(exits(house, OrderPurpose::flatten), 1U);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 600) << "the rest goes at once";
  house.take(VenueOrderFound{exit.id, FoundState::absent, {}});
  VenueSnapshot there;
  there.positions.push_back({InstrumentIx{0}, PositionLeg::net, {1'000}});
  house.take(there);
  ASSERT_EQ(exits(house, OrderPurpose::flatten), 2U);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 400) << "and this part when the venue has said that it never saw the close";
}

TEST(Pains, p01_on_derivatives_an_exit_in_doubt_counts_as_absent_because_the_next_is_reduce_only) {
  House house;
  hold(house);
  house.take(ProposalPosted{house.closing()});
  house.take(VenueInDoubt{house.venue.placed.back().id});
  house.take(ProposalPosted{house.closing()});
  EXPECT_EQ(exits(house, OrderPurpose::close), 2U);
  EXPECT_EQ(house.venue.placed.back().effect, Effect::reduce_only);
}

}  // namespace
}  // namespace prom::scenario
