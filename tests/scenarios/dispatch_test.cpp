// Orders that never left: the dispatcher refuses what waited too long for it. A person hears of it, and protection is made again until it stands or is given up.
#include <algorithm>

#include "house.h"

namespace prom::scenario {
namespace {

std::ptrdiff_t alerts_of(const House& house, const std::string& code, Severity severity) {
  return std::ranges::count_if(house.alerts, [&](const Alert& alert) { return alert.code == code && alert.severity == severity; });
}

TEST(Pains, p09_a_stop_that_was_not_sent_alerts_and_is_made_again_until_it_rests) {
  House house;
  house.open();
  const OrderSpec stop = house.venue.placed.back();
  ASSERT_EQ(stop.purpose, OrderPurpose::stop_loss);
  house.take(DispatchRefused{stop.id, "approval expired before dispatch"});
  EXPECT_EQ(house.state().find_order(stop.id)->state, OrderState::not_sent);
  EXPECT_EQ(alerts_of(house, "exit_not_sent", Severity::critical), 1) << "a position stands without its stop";
  const OrderSpec again = house.venue.placed.back();
  EXPECT_NE(again.id, stop.id);
  ASSERT_EQ(again.purpose, OrderPurpose::stop_loss);
  EXPECT_EQ(again.quantity, stop.quantity);
  EXPECT_EQ(again.trigger, stop.trigger);
  house.take(VenueAccepted{again.id});
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered);
  EXPECT_EQ(house.holding()->coverage.failures, 0U);
}

TEST(Pains, p09_stops_that_are_never_sent_end_in_a_market_close_and_not_in_a_loop) {
  House house;
  house.open();
  int stops = 0;
  while (house.venue.placed.back().purpose == OrderPurpose::stop_loss && stops < 10) {
    ++stops;
    house.take(DispatchRefused{house.venue.placed.back().id, "no venue client serves this account"});
  }
  EXPECT_EQ(stops, 3) << "bounded retries";
  const OrderSpec flatten = house.venue.placed.back();
  ASSERT_EQ(flatten.purpose, OrderPurpose::flatten);
  EXPECT_EQ(alerts_of(house, "protection_failed", Severity::critical), 1);
  // Nor does that leave: tried again at the deadline, and said each time.
  house.take(DispatchRefused{flatten.id, "no venue client serves this account"});
  EXPECT_EQ(house.venue.placed.back().id, flatten.id) << "not in a loop";
  house.wait(house.shard.engine().options().coverage_deadline);
  EXPECT_NE(house.venue.placed.back().id, flatten.id);
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::flatten);
  EXPECT_EQ(house.venue.placed.back().quantity.v, 1'000);
}

TEST(Pains, p09_an_exit_that_was_not_sent_alerts_and_can_be_asked_for_again) {
  House house;
  house.open();
  house.take(VenueAccepted{house.venue.placed.back().id});
  house.take(ProposalPosted{house.closing()});
  const OrderSpec exit = house.venue.placed.back();
  ASSERT_EQ(exit.purpose, OrderPurpose::close);
  house.take(DispatchRefused{exit.id, "approval expired before dispatch"});
  EXPECT_EQ(alerts_of(house, "exit_not_sent", Severity::critical), 1);
  EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered) << "the stop stands";
  house.take(ProposalPosted{house.closing()});
  EXPECT_NE(house.venue.placed.back().id, exit.id);
  EXPECT_EQ(house.venue.placed.back().purpose, OrderPurpose::close);
}

TEST(Dispatch, an_entry_that_was_not_sent_is_told_of_and_counts_no_more) {
  House house;
  house.take(ProposalPosted{house.opening()});
  house.take(DispatchRefused{house.venue.placed.back().id, "approval expired before dispatch"});
  EXPECT_EQ(alerts_of(house, "order_not_sent", Severity::warning), 1);
  EXPECT_EQ(house.holding()->pending_buy.v, 0);
  EXPECT_EQ(house.venue.placed.size(), 1U) << "an opening is decided anew, never sent late";
}

TEST(Dispatch, a_target_that_was_not_sent_is_told_of_and_the_stop_stands) {
  for (const Payoff payoff : {Payoff::linear, Payoff::spot}) {
    House house(1, payoff);
    TradeProposal proposal = house.opening();
    proposal.targets = {{PriceUnits{10'500}, kDecimalOne}};
    house.take(ProposalPosted{proposal});
    const OrderId entry = house.venue.placed.back().id;
    house.take(VenueAccepted{entry});
    house.take(VenueFilled{house.fill(entry, 1'000, 10'000)});
    ASSERT_EQ(house.venue.placed.size(), 3U);
    ASSERT_EQ(house.venue.placed.back().purpose, OrderPurpose::take_profit);
    house.take(VenueAccepted{house.venue.placed[1].id});
    house.take(DispatchRefused{house.venue.placed.back().id, "no venue client serves this account"});
    EXPECT_EQ(alerts_of(house, "exit_not_sent", Severity::warning), 1) << "a missing target costs profit, never protection";
    EXPECT_EQ(house.venue.placed.size(), 3U) << "not in a loop";
    EXPECT_EQ(house.holding()->coverage.state, CoverageState::covered);
  }
}

}  // namespace
}  // namespace prom::scenario
