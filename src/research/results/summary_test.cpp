// Figures over the days of a run, against the same made from its equity curve by another way.
#include <gtest/gtest.h>

#include <cmath>

#include "research/simulation/test_data.h"

namespace prom {
namespace {

constexpr std::size_t kDayBars = 1'440;

RunResult run_of(const Dataset& data) {
  auto simulation = Simulation::create(data, test_data::trend_config(data), {});
  EXPECT_TRUE(simulation.has_value());
  EXPECT_TRUE((*simulation)->begin().has_value());
  EXPECT_TRUE((*simulation)->run({}).has_value());
  return (*simulation)->result();
}

/// From the samples at midnight and the opening cash alone.
double sharpe_at_midnights(const RunResult& result) {
  std::vector<double> equity{result.summary.opening_cash.to_double()};
  for (const EquityPoint& point : result.equity)
    if (point.time > result.from && floor_to(point.time, kDay) == point.time) equity.push_back(point.equity.to_double());
  std::vector<double> returns;
  double mean = 0, squares = 0;
  for (std::size_t i = 1; i < equity.size(); ++i) returns.push_back(equity[i] / equity[i - 1] - 1);
  for (const double x : returns) mean += x / static_cast<double>(returns.size());
  for (const double x : returns) squares += (x - mean) * (x - mean);
  return mean / std::sqrt(squares / static_cast<double>(returns.size() - 1)) * std::sqrt(365.0);
}

// The opening sample at 00:00 counted as the last of the day before the run: a return of zero that nobody had.
TEST(Summary, a_run_from_midnight_has_as_many_returns_as_days) {
  const RunResult result = run_of(test_data::wave(2, 8 * kDayBars, 3));
  ASSERT_EQ(result.from.ns % kDay.ns, 0);
  ASSERT_GT(result.summary.trades, 5U);
  ASSERT_TRUE(result.summary.sharpe.has_value());
  EXPECT_NEAR(*result.summary.sharpe, sharpe_at_midnights(result), 1e-9);
}

TEST(Summary, four_days_have_no_sharpe) {
  const Dataset data = test_data::wave(1, 6 * kDayBars, 3);
  const TimeNs from = data.first();
  for (const DurationNs later : {DurationNs{0}, kMinute, DurationNs{12 * 60 * kMinute.ns}}) {
    const RunResult result = run_of(data.slice(from + later, from + later + DurationNs{4 * kDay.ns}));
    EXPECT_FALSE(result.summary.sharpe.has_value()) << later.ns;
    EXPECT_FALSE(result.summary.net_interval.has_value());
  }
  EXPECT_TRUE(run_of(data.slice(from, from + DurationNs{5 * kDay.ns})).summary.sharpe.has_value());
}

}  // namespace
}  // namespace prom
