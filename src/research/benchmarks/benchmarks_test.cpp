// Yardsticks against figures worked out by hand.
#include "research/benchmarks/benchmarks.h"

#include <gtest/gtest.h>

#include <cmath>

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

/// Free of fees; funding as recorded or assumed.
BenchmarkCosts free_of_rates() {
  BenchmarkCosts costs = free_of_costs();
  costs.funding_rate.reset();
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
  // Three settlements of 8 h before the second bar, on the 800 that its coins were worth at the close of the first, three before the third, on 900. Those up
  // to the end of the last bar are no longer the run's.
  EXPECT_EQ(buy_and_hold(three_days(), Decimal::from_int(1'000), costs)[0].net.to_string(), "-105.1");
  costs.funding_rate.reset();
  // The instrument's assumed rate is 0.0001.
  EXPECT_EQ(buy_and_hold(three_days(), Decimal::from_int(1'000), costs)[0].net.to_string(), "-100.51");
}

constexpr std::int64_t kStart = 1'746'316'800'000'000'000;  // 2025-05-04T00:00:00Z
constexpr DurationNs kHour{3'600'000'000'000};

/// Hourly bars, each open at the close before, prices at two digits; the first opens `hours` after the start at `closes[0]`.
InstrumentData hourly(std::size_t ix, std::int64_t hours, const std::vector<std::int64_t>& closes) {
  InstrumentData d;
  d.instrument = test_data::perpetual(ix);
  d.bars.price_digits = 2;
  d.bars.quantity_digits = 3;
  d.bars.interval = kHour;
  std::int64_t price = closes.front();
  for (std::size_t i = 0; i < closes.size(); ++i) {
    d.bars.open_time_ns.push_back(kStart + (hours + static_cast<std::int64_t>(i)) * kHour.ns);
    d.bars.open.push_back(price);
    d.bars.high.push_back(std::max(price, closes[i]));
    d.bars.low.push_back(std::min(price, closes[i]));
    d.bars.close.push_back(closes[i]);
    d.bars.volume.push_back(1'000);
    price = closes[i];
  }
  d.bars.make_floats();
  return d;
}

Dataset dataset_of(std::vector<InstrumentData> series) { return make_dataset({"USDT", "COIN0", "COIN1"}, std::move(series)).value(); }

Dataset alone(InstrumentData series) {
  std::vector<InstrumentData> all;
  all.push_back(std::move(series));
  return dataset_of(std::move(all));
}

// A fall of half that was over before the day's close was not seen, while the run's own curve has a point every hour.
TEST(BuyAndHold, DrawdownSeesWhatTheRunSees) {
  std::vector<std::int64_t> closes(96, 10'000);
  for (std::size_t i = 30; i < 34; ++i) closes[i] = 5'000;
  const Dataset data = alone(hourly(0, 0, closes));
  const auto held = buy_and_hold(data, Decimal::from_int(1'000), free_of_costs());
  EXPECT_NEAR(held[0].max_drawdown, 0.5, 1e-12);
  EXPECT_EQ(held[0].equity.size(), 4U) << "reports draw a point a day";
  BenchmarkCosts daily = free_of_costs();
  daily.equity_interval = kDay;
  EXPECT_NEAR(buy_and_hold(data, Decimal::from_int(1'000), daily)[0].max_drawdown, 0, 1e-12);
}

// The parts were paired by index and cut at the shortest: a series that begins later was added to the wrong days.
TEST(BuyAndHold, BasketIsJoinedByTime) {
  std::vector<std::int64_t> flat_then_half(48, 10'000), later(24, 10'000);
  for (std::size_t i = 40; i < 48; ++i) flat_then_half[i] = 5'000;
  for (std::size_t i = 4; i < 24; ++i) later[i] = 20'000;
  std::vector<InstrumentData> both;
  both.push_back(hourly(0, 0, flat_then_half));
  both.push_back(hourly(1, 24, later));
  const auto held = buy_and_hold(dataset_of(std::move(both)), Decimal::from_int(1'000), free_of_costs());
  ASSERT_EQ(held.size(), 3U);
  // 500 + 500 in cash, 500 + 1,000 from hour 28 on, 250 + 1,000 from hour 40 on.
  EXPECT_NEAR(held[2].max_drawdown, 250.0 / 1'500, 1e-12);
  ASSERT_EQ(held[2].equity.size(), 2U);
  EXPECT_EQ(held[2].equity[0].equity.to_string(), "1000");
  EXPECT_EQ(held[2].equity[1].equity.to_string(), "1250");
}

// What it paid was not what a run pays: rates beyond the records were nothing, and the settlement at the end of the last bar was charged.
TEST(BuyAndHold, PaysTheAssumedRateWhereNoneWasRecorded) {
  InstrumentData series = hourly(0, 0, std::vector<std::int64_t>(24, 10'000));
  series.funding.push_back({TimeNs{kStart + 8 * kHour.ns}, Decimal::from_units(5, 3)});
  // 0.005 recorded at 8 h, 0.0001 assumed at 16 h, nothing at 24 h, the end.
  EXPECT_EQ(buy_and_hold(alone(std::move(series)), Decimal::from_int(1'000), free_of_rates())[0].net.to_string(), "-5.1");
}

/// A run whose only trade was long 10 coins at 100 for so long.
RunResult one_trade(DurationNs held) {
  RunResult result;
  JournalEntry trade;
  trade.instrument = InstrumentIx{0};
  trade.side = Side::buy;
  trade.quantity = QuantityUnits{10'000};
  trade.entry_price = Decimal::from_int(100);
  trade.opened_at = TimeNs{kStart};
  trade.closed_at = trade.opened_at + held;
  result.trades.push_back(trade);
  return result;
}

// Every entry was held for one bar more than the trade that it stands for, and no entry was in the last bars.
TEST(RandomEntries, AreHeldAsLongAsTheTrade) {
  InstrumentData series = hourly(0, 0, std::vector<std::int64_t>(48, 10'000));
  double price = 10'000;
  for (std::size_t i = 0; i < 48; ++i) {  // 1 % a bar, unrounded
    series.bars.open_f[i] = price;
    series.bars.close_f[i] = price *= 1.01;
  }
  const Dataset data = alone(std::move(series));
  for (const int bars : {1, 5, 48}) {
    const auto random = random_entries(data, one_trade(DurationNs{bars * kHour.ns}), free_of_costs(), 50, 7);
    ASSERT_TRUE(random.has_value()) << bars;
    EXPECT_NEAR(random->median.to_double(), 1'000 * (std::pow(1.01, bars) - 1), 0.011) << bars;
  }
  const auto within_a_bar = random_entries(data, one_trade(kMinute), free_of_costs(), 50, 7);
  EXPECT_NEAR(within_a_bar->median.to_double(), 10, 0.011);
}

// They paid the assumed rate although rates were recorded.
TEST(RandomEntries, PayTheRecordedFunding) {
  InstrumentData series = hourly(0, 0, std::vector<std::int64_t>(24, 10'000));
  for (const int hour : {8, 16}) series.funding.push_back({TimeNs{kStart + hour * kHour.ns}, Decimal::from_units(1, 2)});
  const Dataset data = alone(std::move(series));
  const auto random = random_entries(data, one_trade(DurationNs{24 * kHour.ns}), free_of_rates(), 5, 7);
  ASSERT_TRUE(random.has_value());
  EXPECT_EQ(random->median.to_string(), "-20");
}

}  // namespace
}  // namespace prom
