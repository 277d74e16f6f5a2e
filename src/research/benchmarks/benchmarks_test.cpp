// Yardsticks against figures worked out by hand.
#include "research/benchmarks/benchmarks.h"

#include <gtest/gtest.h>

#include "research/simulation/test_data.h"

namespace prom {
namespace {

/// Three days that open at 100 and close at 80, 90, 90; prices at two digits.
Dataset three_days() {
  InstrumentData d;
  d.instrument = test_data::perpetual(0);
  d.bars.price_digits = 2;
  d.bars.quantity_digits = 3;
  d.bars.interval = kDay;
  const std::int64_t close[] = {8'000, 9'000, 9'000};
  std::int64_t price = 10'000;
  for (int i = 0; i < 3; ++i) {
    d.bars.open_time_ns.push_back(1'746'316'800'000'000'000 + i * kDay.ns);
    d.bars.open.push_back(price);
    d.bars.high.push_back(std::max(price, close[i]));
    d.bars.low.push_back(std::min(price, close[i]));
    d.bars.close.push_back(close[i]);
    d.bars.volume.push_back(1'000);
    price = close[i];
  }
  d.bars.make_floats();
  std::vector<InstrumentData> all;
  all.push_back(std::move(d));
  auto data = make_dataset({"USDT", "COIN0"}, std::move(all));
  EXPECT_TRUE(data.has_value());
  return std::move(*data);
}

BenchmarkCosts free_of_costs() {
  BenchmarkCosts costs;
  costs.fees = FeeSchedule{};
  costs.funding_rate = Decimal{};
  return costs;
}

// The first day's fall was left out, because the curve began at its close: it said 0.
TEST(BuyAndHold, DrawdownCountsFromTheCash) {
  const auto held = buy_and_hold(three_days(), Decimal::from_int(1'000), free_of_costs());
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].net.to_string(), "-100");
  EXPECT_NEAR(held[0].max_drawdown, 0.2, 1e-12);
}

// A funding rate given for the run was charged to the run and not to its yardstick.
TEST(BuyAndHold, PaysTheFundingRateOfTheRun) {
  BenchmarkCosts costs = free_of_costs();
  costs.funding_rate = Decimal::from_units(1, 3);
  // Nine settlements of 8 h in three days, each a thousandth of the 1,000 that were invested.
  EXPECT_EQ(buy_and_hold(three_days(), Decimal::from_int(1'000), costs)[0].net.to_string(), "-109");
  costs.funding_rate.reset();
  // The instrument's assumed rate is 0.0001.
  EXPECT_EQ(buy_and_hold(three_days(), Decimal::from_int(1'000), costs)[0].net.to_string(), "-100.9");
}

}  // namespace
}  // namespace prom
