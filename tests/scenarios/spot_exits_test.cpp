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

/// A fee of a thousandth in coins, of a market whose step is ten units: 1,230 bought leave 1,228, of which 1,220 can be sold.
struct FeeInCoins {
  explicit FeeInCoins(std::optional<PriceUnits> target = std::nullopt) {
    Instrument coarse = house.state().instruments[0];
    coarse.step = coarse.min_quantity = {10};
    house.take(InstrumentRegistered{coarse});
    TradeProposal proposal = house.opening(1'230);
    if (target) proposal.targets = {{*target, kDecimalOne}};
    house.take(ProposalPosted{proposal});
    const OrderId entry = house.venue.placed.back().id;
    house.take(VenueAccepted{entry});
    Fill bought = house.fill(entry, 1'230, 10'000);
    bought.fee = {AssetIx{1}, Decimal::from_units(123, 5)};
    house.take(VenueFilled{bought});
    stop = *std::ranges::find_if(house.venue.placed, [](const OrderSpec& spec) { return spec.purpose == OrderPurpose::stop_loss; });
  }
  void expect_that_the_next_position_has_its_own_stop() {
    EXPECT_EQ(house.holding()->coverage.state, CoverageState::none);
    house.price(10'000);
    house.take(ProposalPosted{house.opening(1'000, 9'900)});
    const OrderSpec entry = house.venue.placed.back();
    ASSERT_EQ(entry.effect, Effect::open_or_add);
    house.take(VenueFilled{house.fill(entry.id, 1'000, 10'000)});
    EXPECT_EQ(house.venue.placed.back().trigger, PriceUnits{9'900});
  }
  House house{1, Payoff::spot};
  OrderSpec stop;
};

TEST(Pains, p08_a_fee_taken_in_coins_leaves_a_stop_that_the_venue_takes) {
  FeeInCoins f;
  ASSERT_EQ(f.stop.purpose, OrderPurpose::stop_loss);
  EXPECT_EQ(f.house.holding()->position.quantity.v, 1'228);
  EXPECT_EQ(f.stop.quantity.v, 1'220);
  f.house.take(VenueAccepted{f.stop.id});
  EXPECT_EQ(f.house.holding()->coverage.state, CoverageState::covered);
  EXPECT_TRUE(f.house.venue.amended.empty());
  f.house.take(VenueFilled{f.house.fill(f.stop.id, 1'220, 9'800)});
  EXPECT_TRUE(f.house.holding()->position.is_flat()) << "the coins that no order can sell stay in the balance";
  f.expect_that_the_next_position_has_its_own_stop();
}

TEST(Pains, p08_what_a_close_leaves_off_the_step_is_closed_in_the_books) {
  FeeInCoins f;
  f.house.take(VenueAccepted{f.stop.id});
  f.house.take(ProposalPosted{f.house.closing()});
  const OrderSpec exit = f.house.venue.placed.back();
  ASSERT_EQ(exit.quantity.v, 1'220);
  f.house.take(VenueFilled{f.house.fill(exit.id, 1'220, 10'000)});
  for (const CancelSpec& cancel : std::vector<CancelSpec>(f.house.venue.cancelled)) f.house.take(VenueCancelled{cancel.order});
  EXPECT_TRUE(f.house.holding()->position.is_flat());
  EXPECT_TRUE(f.house.holding()->working.empty());
  f.expect_that_the_next_position_has_its_own_stop();
}

TEST(Pains, p08_a_target_whose_coins_are_gone_is_not_placed_again) {
  FeeInCoins f(PriceUnits{11'000});
  std::vector<OrderId> targets;
  for (const OrderSpec& spec : f.house.venue.placed)
    if (spec.purpose == OrderPurpose::take_profit) targets.push_back(spec.id);
  ASSERT_EQ(targets.size(), 1U);
  f.house.take(VenueAccepted{targets[0]});
  f.house.take(VenueRejected{f.stop.id, RejectCode::rate_limited, "test"});
  const OrderSpec second = f.house.venue.placed.back();
  ASSERT_EQ(second.purpose, OrderPurpose::stop_loss);
  f.house.take(VenueAccepted{second.id});
  f.house.take(ProposalPosted{f.house.closing()});
  f.house.take(VenueFilled{f.house.fill(f.house.venue.placed.back().id, 1'220, 10'000)});
  f.house.take(VenueCancelled{targets[0]});
  f.house.take(VenueCancelled{second.id});
  EXPECT_TRUE(f.house.holding()->position.is_flat());
  for (const OrderSpec& spec : f.house.venue.placed) EXPECT_GT(spec.quantity.v, 0);
}

TEST(Pains, p29_coins_that_no_order_can_sell_do_not_keep_the_kill_switch_from_being_flat) {
  FeeInCoins f;
  f.house.take(VenueAccepted{f.stop.id});
  f.house.take(VenueFilled{f.house.fill(f.stop.id, 1'220, 9'800)});
  const std::size_t placed = f.house.venue.placed.size();
  f.house.take(KillSwitchPulled{UserIx{0}, "test"});
  VenueSnapshot there;
  there.positions.push_back({InstrumentIx{0}, PositionLeg::net, {8}});
  f.house.take(there);
  EXPECT_EQ(f.house.user().kill_phase, KillPhase::flat);
  EXPECT_EQ(f.house.venue.placed.size(), placed);
}

TEST(Pains, p08_the_emergency_close_of_such_a_position_is_on_the_step_too) {
  FeeInCoins f;
  f.house.take(VenueRejected{f.stop.id, RejectCode::would_trigger_immediately, "test"});
  const OrderSpec flatten = f.house.venue.placed.back();
  ASSERT_EQ(flatten.purpose, OrderPurpose::flatten);
  EXPECT_EQ(flatten.quantity.v, 1'220);
  f.house.take(VenueFilled{f.house.fill(flatten.id, 1'220, 9'700)});
  EXPECT_TRUE(f.house.holding()->position.is_flat());
  f.expect_that_the_next_position_has_its_own_stop();
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
