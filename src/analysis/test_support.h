// For the tests of analysis only: CSV fixtures, seeded bars, bit comparison, and the properties that every operator must have.
// Test threads only.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/columns.h"
#include "analysis/series.h"
#include "base/detmath.h"
#include "base/prng.h"

namespace prom::test {

inline std::string fixture_path(const std::string& name) { return std::string(PROM_SOURCE_DIR) + "/tests/fixtures/indicators/" + name; }

// Columns by header; text that is not a number, and an empty cell, is NaN.
using Table = std::map<std::string, std::vector<double>>;

inline Table read_csv(std::istream& in) {
  Table table;
  std::vector<std::string> names;
  std::string line, cell;
  while (std::getline(in, line)) {
    std::vector<std::string> cells;
    std::stringstream parts(line);
    while (std::getline(parts, cell, ',')) cells.push_back(cell);
    if (names.empty()) {
      names = cells;
      continue;
    }
    cells.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      char* end = nullptr;
      const double x = std::strtod(cells[i].c_str(), &end);
      table[names[i]].push_back(cells[i].empty() || *end != 0 ? kMissing : x);
    }
  }
  return table;
}

inline Table load_fixture(const std::string& name) {
  std::ifstream in(fixture_path(name));
  EXPECT_TRUE(in.good()) << "fixture missing: " << fixture_path(name);
  return read_csv(in);
}

// Owns the columns of a view.
struct Bars {
  std::vector<std::int64_t> time;
  std::vector<double> open, high, low, close, volume, taker;
  [[nodiscard]] OhlcvView view() const { return {time, open, high, low, close, volume, taker}; }
  [[nodiscard]] OhlcvView view(std::size_t n) const { return view().slice(0, n); }
  void push(double o, double h, double l, double c) {
    time.push_back(static_cast<std::int64_t>(time.size()) * 3'600'000'000'000);
    open.push_back(o), high.push_back(h), low.push_back(l), close.push_back(c), volume.push_back(1), taker.push_back(0.5);
  }
};

inline double uniform(Xoshiro256pp& rng) { return static_cast<double>(rng.below(1u << 30)) / static_cast<double>(1u << 30); }

// Hourly bars of a random walk with volatility that comes and goes, flat stretches and equal prices (a coarse tick) among them.
// Bars from `changed_from` on come from another seed and another price level.
inline Bars random_bars(std::uint64_t seed, std::size_t n, std::size_t changed_from = SIZE_MAX) {
  Xoshiro256pp rng(seed);
  Bars bars;
  double price = 100;
  const auto tick = [](double x) { return std::max(0.25, std::round(x * 4) / 4); };
  for (std::size_t i = 0; i < n; ++i) {
    if (i == changed_from) {
      rng = Xoshiro256pp(seed ^ 0xabcdef);
      price *= 1.7;
    }
    const bool flat = i % 97 > 90;
    const double size = flat ? 0 : (i / 50 % 3 + 1) * 0.01 * price;
    const double open = tick(price), close = tick(price + size * (2 * uniform(rng) - 1 + 0.1));
    const double high = tick(std::max(open, close) + size * 0.5 * uniform(rng));
    const double low = tick(std::min(open, close) - size * 0.5 * uniform(rng));
    bars.time.push_back(1'600'000'000'000'000'000 + static_cast<std::int64_t>(i) * 3'600'000'000'000);
    bars.open.push_back(open), bars.close.push_back(close);
    bars.high.push_back(high), bars.low.push_back(low);
    const double volume = 1 + 50 * uniform(rng);
    bars.volume.push_back(volume);
    bars.taker.push_back(volume * uniform(rng));
    price = close;
  }
  return bars;
}

// Bits of a row, so that NaN equals NaN and nothing else is forgiven.
template <class Value>
std::vector<std::uint64_t> bits(const Value& value) {
  if constexpr (std::is_same_v<Value, double>) {
    return {std::bit_cast<std::uint64_t>(value)};
  } else {
    std::vector<std::uint64_t> out;
    for (const double x : value.columns()) out.push_back(std::bit_cast<std::uint64_t>(x));
    return out;
  }
}

template <class Op>
typename Op::Input input_of(const Bars& bars, std::size_t n) {
  if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
    return bars.view(n);
  } else {
    return std::span(bars.close).first(n);
  }
}

template <class Op>
void feed_one(Op& op, const Bars& bars, std::size_t i) {
  if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
    op.update(bar_at(bars.view(), i));
  } else {
    op.update(bars.close[i]);
  }
}

// 1. Batch equals the operator fed bar by bar, in all bits, as rows and as columns. 2. A copy taken in the middle continues with the same bits. 3. Changing the
// future changes no earlier row. 4. The first row stands at index `first_row`.
template <class Op>
void check_operator(const typename Op::Params& params, std::size_t first_row) {
  constexpr std::size_t kBars = 900, kCut = 430;
  const Bars bars = random_bars(7, kBars), other = random_bars(7, kBars, kCut);
  const auto batch = evaluate<Op>(params, input_of<Op>(bars, kBars));
  const auto future = evaluate<Op>(params, input_of<Op>(other, kBars));
  ASSERT_TRUE(batch && future);
  std::array<std::vector<double>, column_count<Op>()> columns;
  std::array<std::span<double>, column_count<Op>()> spans;
  for (std::size_t c = 0; c < columns.size(); ++c) spans[c] = columns[c] = std::vector<double>(kBars);
  auto columnwise = *Op::make(params);
  feed_into(columnwise, input_of<Op>(bars, kBars), spans);
  auto op = *Op::make(params);
  std::optional<Op> copy;
  std::size_t seen_first = SIZE_MAX;
  for (std::size_t i = 0; i < kBars; ++i) {
    feed_one(op, bars, i);
    if (copy) feed_one(*copy, bars, i);
    if (i == kCut) copy = op;
    const auto row = op.value().value_or(missing_value<typename Op::Value>());
    if (op.value() && seen_first == SIZE_MAX) seen_first = i;
    ASSERT_EQ(bits((*batch)[i]), bits(row)) << "batch, row " << i;
    for (std::size_t c = 0; c < columns.size(); ++c) ASSERT_EQ(bits(columns[c][i])[0], bits(row)[c]) << "column " << c << ", row " << i;
    if (copy) ASSERT_EQ(bits(copy->value().value_or(missing_value<typename Op::Value>())), bits(row)) << "copy, row " << i;
    if (i < kCut) ASSERT_EQ(bits((*future)[i]), bits(row)) << "the future changed row " << i;
  }
  // What goes on after a batch is the operator after its last bar.
  ASSERT_EQ(bits(columnwise.value().value_or(missing_value<typename Op::Value>())), bits((*batch).back()));
  EXPECT_EQ(seen_first, first_row);
  EXPECT_NE(bits((*future)[kBars - 1]), bits((*batch)[kBars - 1])) << "the changed future must show in the end";
}

// An empty column gives no rows, a short one none with a value; a NaN never turns into a number as long as it is in the window.
template <class Op>
void check_little_and_nan(const typename Op::Params& params) {
  Bars bars = random_bars(11, 400);
  EXPECT_EQ(evaluate<Op>(params, input_of<Op>(bars, 0))->size(), 0u);
  const auto one = evaluate<Op>(params, input_of<Op>(bars, 1));
  ASSERT_EQ(one->size(), 1u);
  bars.open[200] = bars.high[200] = bars.low[200] = bars.close[200] = kMissing;
  const auto rows = *evaluate<Op>(params, input_of<Op>(bars, 400));
  if constexpr (std::is_same_v<typename Op::Value, double>) {
    EXPECT_FALSE(std::isfinite(rows[200])) << rows[200];
  } else {
    const auto columns = rows[200].columns();
    EXPECT_TRUE(std::ranges::any_of(columns, [](double x) { return !std::isfinite(x); })) << columns[0];
  }
}

// Equal within 1e-9 relative (1e-9 absolute below 1); missing only where expected is missing.
inline ::testing::AssertionResult close_to(double actual, double expected, double tolerance = 1e-9) {
  if (std::isnan(actual) != std::isnan(expected)) return ::testing::AssertionFailure() << actual << " against " << expected;
  if (std::isnan(actual) || std::fabs(actual - expected) <= tolerance * std::max(1.0, std::fabs(expected))) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << actual << " against " << expected << ", off by " << actual - expected;
}

}  // namespace prom::test
