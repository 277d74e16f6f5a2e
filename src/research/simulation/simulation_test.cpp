// The loop as a whole on made-up bars: cash adds up, books agree with the venue, the same run gives the same digest.
#include "research/simulation/simulation.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "engine/risk/equity.h"
#include "research/simulation/test_data.h"
#include "runtime/hosts/strategy_host.h"
#include "strategies/trend_following.h"

namespace prom {
namespace {

RunResult run_once(const Dataset& data, std::unique_ptr<Simulation>& kept) {
  auto simulation = Simulation::create(data, test_data::trend_config(data), {});
  EXPECT_TRUE(simulation.has_value()) << simulation.error();
  kept = std::move(*simulation);
  EXPECT_TRUE(kept->begin().has_value());
  EXPECT_TRUE(kept->run({}).has_value());
  return kept->result();
}

TEST(Simulation, trades_and_every_sum_agrees) {
  const Dataset data = test_data::wave(2, 20'000, 7);
  std::unique_ptr<Simulation> simulation;
  const RunResult result = run_once(data, simulation);
  ASSERT_GT(result.trades.size(), 10U);
  Decimal sum;
  for (const Posting& posting : result.postings) sum += posting.amount;
  const AccountState& account = simulation->state().accounts[0];
  EXPECT_EQ(sum, balance_of(account, AssetIx{0}));
  const std::vector<Money> venue = simulation->venue().balances(AccountIx{0});
  ASSERT_EQ(venue.size(), 1U);
  EXPECT_EQ(venue[0].amount, sum) << "our books and the venue's own file are kept by different code and must agree to the last digit";
  for (const SimPosition& position : simulation->venue().positions(AccountIx{0})) {
    const Holding* holding = simulation->state().find_holding(position.account, position.instrument, position.leg);
    ASSERT_NE(holding, nullptr);
    EXPECT_EQ(holding->position.quantity, position.quantity);
  }
  EXPECT_EQ(result.summary.closing_equity - result.summary.opening_cash, result.summary.net);
}

TEST(Simulation, same_data_same_digest) {
  const Dataset data = test_data::wave(3, 10'000, 11);
  std::unique_ptr<Simulation> first, second;
  const RunResult a = run_once(data, first);
  const RunResult b = run_once(data, second);
  EXPECT_GT(a.fills.size(), 0U);
  EXPECT_EQ(a.digest, b.digest);
}

TEST(Simulation, every_fill_lies_inside_its_bar) {
  const Dataset data = test_data::wave(2, 10'000, 3);
  std::unique_ptr<Simulation> simulation;
  const RunResult result = run_once(data, simulation);
  for (const Fill& fill : result.fills) {
    const BarColumns& bars = data.series[fill.instrument.v].bars;
    const std::size_t i = bars.lower_bound(fill.time + DurationNs{1}) - 1;
    EXPECT_GE(fill.price.v, bars.low[i]);
    EXPECT_LE(fill.price.v, bars.high[i]);
    EXPECT_LT(fill.time, TimeNs{bars.open_time_ns[i]} + data.interval);
  }
}

TEST(Simulation, every_open_position_is_covered) {
  const Dataset data = test_data::wave(2, 5'000, 5);
  auto simulation = Simulation::create(data, test_data::trend_config(data), {});
  ASSERT_TRUE(simulation.has_value());
  ASSERT_TRUE((*simulation)->begin().has_value());
  int seen = 0;
  SimulationHooks hooks;
  hooks.pace = [&](const Progress&) {
    for (const Holding& holding : (*simulation)->state().accounts[0].holdings) {
      if (holding.position.is_flat()) continue;
      ++seen;
      EXPECT_EQ(holding.coverage.state, CoverageState::covered);
    }
    return Flow::go_on;
  };
  ASSERT_TRUE((*simulation)->run(hooks).has_value());
  EXPECT_GT(seen, 100);
}

TEST(Simulation, an_instance_whose_right_to_send_has_ended_sends_nothing_more) {
  const Dataset data = test_data::wave(2, 5'000, 5);
  bool permitted = true;
  SimulationParts parts;
  parts.may_send = [&] { return permitted; };
  auto simulation = Simulation::create(data, test_data::trend_config(data), parts);
  ASSERT_TRUE(simulation.has_value());
  ASSERT_TRUE((*simulation)->begin().has_value());
  std::size_t stops = 0;
  SimulationHooks hooks;
  hooks.pace = [&](const Progress&) {
    if (permitted && (*simulation)->state().accounts[0].open_positions > 0) {
      permitted = false;
      stops = (*simulation)->venue().open_orders(AccountIx{0}).size();
    }
    return Flow::go_on;
  };
  const auto ended = (*simulation)->run(hooks);
  ASSERT_FALSE(ended.has_value());
  EXPECT_EQ(ended.error().fault, ShardFault::permit);
  EXPECT_FALSE(permitted);
  EXPECT_GT(stops, 0U) << "the position's stop rests at the venue";
  EXPECT_LE((*simulation)->venue().open_orders(AccountIx{0}).size(), stops) << "nothing new came";
}

}  // namespace
}  // namespace prom
