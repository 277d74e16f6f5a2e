// Batches against their operators where loops could go wrong: every short period, lengths beside the chunk's, batches in pieces, NaNs; and the loops with AVX2
// against those without.
#include "analysis/indicators/bulk.h"

#include <gtest/gtest.h>

#include "analysis/indicators/carried_sum.h"
#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/smoother.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

using test::Bars;

template <class Op>
using Columns = std::array<std::vector<double>, column_count<Op>()>;

template <class Op>
std::array<std::span<double>, column_count<Op>()> spans_of(Columns<Op>& columns, std::size_t first, std::size_t n) {
  std::array<std::span<double>, column_count<Op>()> spans;
  for (std::size_t c = 0; c < spans.size(); ++c) spans[c] = std::span(columns[c]).subspan(first, n);
  return spans;
}

// NaN is NaN here: which of two NaNs an addition keeps is nobody's promise.
bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)); }

// The batch, cut into pieces at `cuts`, against the operator fed bar by bar.
template <class Op>
void compare(const typename Op::Params& params, const Bars& bars, std::initializer_list<std::size_t> cuts = {}) {
  const std::size_t n = bars.close.size();
  Columns<Op> columns;
  for (auto& column : columns) column.assign(n, 0.0);
  auto batch = *Op::make(params), op = *Op::make(params);
  std::size_t first = 0;
  for (const std::size_t cut : std::vector<std::size_t>(cuts)) {
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
      feed_into(batch, bars.view().slice(first, cut - first), spans_of<Op>(columns, first, cut - first));
    } else {
      feed_into(batch, std::span(bars.close).subspan(first, cut - first), spans_of<Op>(columns, first, cut - first));
    }
    first = cut;
  }
  if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
    feed_into(batch, bars.view().slice(first, n - first), spans_of<Op>(columns, first, n - first));
  } else {
    feed_into(batch, std::span(bars.close).subspan(first, n - first), spans_of<Op>(columns, first, n - first));
  }
  for (std::size_t i = 0; i < n; ++i) {
    test::feed_one(op, bars, i);
    const auto row = test::bits(op.value().value_or(missing_value<typename Op::Value>()));
    for (std::size_t c = 0; c < columns.size(); ++c) ASSERT_TRUE(same(columns[c][i], std::bit_cast<double>(row[c]))) << "column " << c << " row " << i;
  }
}

void compare_all(int period, const Bars& bars, std::initializer_list<std::size_t> cuts = {}) {
  SCOPED_TRACE(period);
  const int two = std::max(period, 2);
  compare<Sma>({period}, bars, cuts);
  compare<Ema>({.period = period}, bars, cuts);
  compare<Wma>({period}, bars, cuts);
  compare<Dema>({period}, bars, cuts);
  compare<Tema>({period}, bars, cuts);
  compare<Kama>({period, 2, 30}, bars, cuts);
  compare<Rsi>({period}, bars, cuts);
  compare<Roc>({period}, bars, cuts);
  compare<Trix>({period}, bars, cuts);
  compare<Macd>({period, period + 3, 5}, bars, cuts);
  compare<Bollinger>({two, 2.0}, bars, cuts);
  compare<LinearRegression>({two}, bars, cuts);
  compare<StochRsi>({14, period, 2, 3}, bars, cuts);
  compare<Atr>({period}, bars, cuts);
  compare<Cci>({two}, bars, cuts);
  compare<Stochastic>({period, 3, 2}, bars, cuts);
  compare<Stochastic>({5, period, 4}, bars, cuts);
  compare<Dmi>({two}, bars, cuts);
  compare<Aroon>({period}, bars, cuts);
  compare<WilliamsR>({period}, bars, cuts);
  compare<Ultimate>({period, period + 1, 2 * period + 5}, bars, cuts);
  compare<Mfi>({period}, bars, cuts);
  compare<ChaikinOscillator>({period, period + 2}, bars, cuts);
  compare<ParabolicSar>({0.02, 0.2}, bars, cuts);
  compare<AccumulationDistribution>({}, bars, cuts);
  compare<Obv>({}, bars, cuts);
}

TEST(Bulk, every_short_period) {
  const Bars bars = test::random_bars(21, 700);
  for (int period = 1; period <= 35; ++period) compare_all(period, bars);
}

TEST(Bulk, periods_beside_the_chunk_and_beyond) {
  const Bars bars = test::random_bars(22, 4 * kChunk + 17);
  for (const int period : {63, 64, 65, 255, 256, 257, 300}) compare_all(period, bars);
}

TEST(Bulk, in_pieces) {
  const Bars bars = test::random_bars(23, 1500);
  for (const int period : {1, 6, 14, 20}) compare_all(period, bars, {1, 2, 30, 31, 700, 760, 1499});
}

TEST(Bulk, a_nan_in_the_middle) {
  Bars bars = test::random_bars(24, 1500);
  bars.high[601] = bars.low[601] = bars.close[601] = kMissing;
  bars.high[900] = kMissing;
  for (const int period : {1, 7, 20}) compare_all(period, bars);
}

using LoopOut = std::array<std::vector<double>, 3>;

// The same loop with AVX2 and without.
template <class Loop>
void same_with_avx2(Loop loop, const char* name) {
  LoopOut a, b;
  for (auto* columns : {&a, &b})
    for (auto& column : *columns) column.assign(kChunk, 0.0);
  loop(bulk_kernels_baseline(), a);
  loop(*bulk_kernels_avx2(), b);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < kChunk; ++i) ASSERT_TRUE(same(a[c][i], b[c][i])) << name << " column " << c << " row " << i;
  EXPECT_TRUE(std::ranges::any_of(a[0], [](double x) { return x != 0; })) << name;
}

constexpr std::size_t kLoopPeriods[] = {2, 3, 7, 14, 20, 33, 100}, kLoopBegin = 500;

// A loop that ran on four bars by another order, or contracted, would show here.
TEST(Bulk, windows_with_avx2_give_the_bits_of_the_baseline) {
  if (bulk_kernels_avx2() == nullptr) GTEST_SKIP() << "this CPU or build has no AVX2: nothing to compare";
  const Bars bars = test::random_bars(25, 1000);
  const double* close = bars.close.data() + kLoopBegin;
  for (const std::size_t period : kLoopPeriods) {
    std::vector<double> scratch(window_scratch(period));
    const auto window = [&](WindowLoop BulkKernels::* loop, const char* name) {
      same_with_avx2([&](const BulkKernels& k, LoopOut& out) { (k.*loop)(close, out[0].data(), kChunk, period, scratch.data()); }, name);
    };
    window(&BulkKernels::window_mean, "mean");
    window(&BulkKernels::window_weighted_mean, "weighted mean");
    window(&BulkKernels::window_cci, "cci");
    window(&BulkKernels::window_max, "max");
    window(&BulkKernels::window_min_aroon, "aroon");
    const auto three = [](LoopOut& out) { return std::array<double*, 3>{out[0].data(), out[1].data(), out[2].data()}; };
    same_with_avx2([&](const BulkKernels& k, LoopOut& out) { k.window_bands(close, 2.0, three(out).data(), kChunk, period, scratch.data()); }, "bands");
    same_with_avx2([&](const BulkKernels& k, LoopOut& out) { k.window_line(close, three(out).data(), kChunk, period, scratch.data()); }, "line");
    const auto ultimate = [&](const BulkKernels& k, LoopOut& out) {
      const std::size_t periods[] = {period, period + 1, 2 * period + 5}, stride = ultimate_stride(periods[2]), before = periods[2] - 1;
      std::vector<double> both(2 * stride), room(ultimate_scratch(periods[2]));
      k.pressure(bars_from(bars.view(), kLoopBegin - before), both.data(), both.data() + stride, before + kChunk);
      k.ultimate_line(both.data() + before, stride, out[0].data(), kChunk, periods, room.data());
    };
    same_with_avx2(ultimate, "ultimate");
  }
}

TEST(Bulk, the_affine_line_gives_the_bits_of_its_steps_wherever_it_is_cut) {
  const Bars bars = test::random_bars(26, 600);
  std::vector<double> kept, steps, run(600);
  for (std::size_t i = 0; i < 600; ++i) kept.push_back(i % 50 == 0 ? 0.0 : 1.0 - std::fabs(std::sin(static_cast<double>(i))) / 3.0);
  AffineLine one;
  one.begin(7.25);
  for (std::size_t i = 0; i < 600; ++i) {
    one.push(kept[i], bars.close[i]);
    steps.push_back(one.value());
  }
  for (const std::size_t cut : {0U, 1U, 3U, 5U, 16U, 17U, 23U, 64U, 255U, 599U}) {
    AffineLine line;
    line.begin(7.25);
    line.run(kept.data(), bars.close.data(), run.data(), cut);
    line.run(kept.data() + cut, bars.close.data() + cut, run.data() + cut, 600 - cut);
    ASSERT_EQ(run, steps) << cut;
  }
}

TEST(Bulk, recursions_with_avx2_give_the_bits_of_the_baseline) {
  if (bulk_kernels_avx2() == nullptr) GTEST_SKIP() << "this CPU or build has no AVX2: nothing to compare";
  const Bars bars = test::random_bars(25, 1000);
  const double* close = bars.close.data() + kLoopBegin;
  const BarPointers at = bars_from(bars.view(), kLoopBegin);
  for (const std::size_t period : kLoopPeriods) {
    const double weight = 1.0 / static_cast<double>(period), keep = 1.0 - weight, keep_2 = keep * keep;
    const SmootherWeights weights{weight, keep, {keep, keep_2, keep_2 * keep, keep_2 * keep_2}};
    same_with_avx2([&](const BulkKernels& k, LoopOut& out) { k.smooth(weights, 100.0, close, out[0].data(), kChunk); }, "smooth");
    same_with_avx2([&](const BulkKernels& k, LoopOut& out) { k.smooth_ranges(weights, 1.0, at, out[0].data(), kChunk); }, "ranges");
    const auto chain = [&](ChainLoop BulkKernels::* loop, const char* name) {
      const auto run = [&](const BulkKernels& k, LoopOut& out) {
        double bases[] = {100.0, 101.0, 102.0};
        (k.*loop)(weights, bases, close, out[0].data(), kChunk);
        std::copy_n(bases, 3, out[1].data());
      };
      same_with_avx2(run, name);
    };
    std::array<double, kChunk> kept;
    for (std::size_t i = 0; i < kChunk; ++i) kept[i] = 1.0 - std::fabs(std::sin(static_cast<double>(i))) / static_cast<double>(period);
    for (const std::size_t n : {std::size_t{4}, std::size_t{12}, std::size_t{16}, std::size_t{28}, kChunk}) {
      const auto line = [&](const BulkKernels& k, LoopOut& out) { out[1][0] = k.affine_line(kept.data(), close, 99.5, out[0].data(), n); };
      same_with_avx2(line, "affine line");
    }
    chain(&BulkKernels::smooth_dema, "dema");
    chain(&BulkKernels::smooth_tema, "tema");
    chain(&BulkKernels::smooth_trix, "trix");
    const auto gap = [&](const BulkKernels& k, LoopOut& out) {
      CarriedSum sum{5.0, 1e-17};
      double bases[] = {1.0, 2.0};
      out[1][0] = k.flow_gap(at, sum, weights, weights, bases, out[0].data(), kChunk);
      std::copy_n(bases, 2, out[1].data() + 1);
      out[1][3] = sum.high, out[1][4] = sum.carry;
    };
    same_with_avx2(gap, "flow gap");
  }
  same_with_avx2([&](const BulkKernels& k, LoopOut& out) { k.movements(at, out[0].data(), out[1].data(), out[2].data(), kChunk); }, "movements");
  const auto flow = [&](const BulkKernels& k, LoopOut& out) {
    CarriedSum sum;
    k.flow_line(at, sum, out[0].data(), kChunk);
  };
  same_with_avx2(flow, "flow line");
}

// Only the fitted value, without the deviations: the same bits as with all columns.
TEST(Bulk, columns_that_nobody_wants) {
  const Bars bars = test::random_bars(26, 900);
  const auto rows = *evaluate<LinearRegression>({14}, bars.close);
  std::vector<double> fitted(900), slope(900);
  auto op = *LinearRegression::make({14});
  feed_into(op, std::span<const double>(bars.close), {std::span<double>(), std::span<double>(fitted), std::span<double>()});
  auto again = *LinearRegression::make({14});
  feed_into(again, std::span<const double>(bars.close), {std::span<double>(slope), std::span<double>(), std::span<double>()});
  for (std::size_t i = 0; i < 900; ++i) {
    ASSERT_TRUE(same(fitted[i], rows[i].fitted)) << i;
    ASSERT_TRUE(same(slope[i], rows[i].slope)) << i;
  }
}

}  // namespace
}  // namespace prom::indicators
