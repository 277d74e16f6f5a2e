// The inner loops of the batch indicators, over chunks of columns: once as the build's baseline compiles them and once with AVX2, which the program takes where the
// CPU has it (PROM_CPU=baseline in the environment forbids it). Every loop adds in one fixed order for each bar, lanes are bars, and nothing is contracted, so
// both give the same bits, and those of the operators. Outputs never overlap inputs unless said otherwise.
// Pure functions, any thread.
#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "analysis/columns.h"

namespace prom::indicators {

struct SmootherWeights;
struct CarriedSum;

// One of two smoothers that run side by side.
struct SmootherTask {
  const SmootherWeights* weights;
  const double* in;
  double* out;
};

// Bars a batch works on at once, so that what passes between two loops stays in the first-level cache.
inline constexpr std::size_t kChunk = 256;

// Doubles of scratch that a loop over n windows of `period` values needs.
constexpr std::size_t window_scratch(std::size_t period, std::size_t n = kChunk) { return 10 * (n + period + 1); }

// That of ultimate_line: levels, zeros and three sums, of two columns each.
constexpr std::size_t ultimate_stride(std::size_t longest) { return kChunk + longest; }
constexpr std::size_t ultimate_scratch(std::size_t longest) { return 2 * (std::bit_width(longest) + 4) * ultimate_stride(longest); }

// A loop over windows: x[1 - period, n) is read; out[i] belongs to the window that ends with x[i].
using WindowLoop = void (*)(const double* x, double* out, std::size_t n, std::size_t period, double* scratch);
// Columns of bars; element -1 of each is read as the bar before.
struct BarPointers {
  const double *high, *low, *close, *volume;
};
inline BarPointers bars_from(const OhlcvView& bars, std::size_t first) {
  return {bars.high.data() + first, bars.low.data() + first, bars.close.data() + first, bars.volume.data() + first};
}

// A loop over `n` values, a multiple of four, through two or three smoothers; `bases` holds their averages before, and the last ones after.
using ChainLoop = void (*)(const SmootherWeights& weights, double* bases, const double* in, double* out, std::size_t n);

struct BulkKernels {
  // Smoother over n bars, n a multiple of four: the average after each; returns the last one. `base` is the average before the first. `out` may be `in`.
  double (*smooth)(const SmootherWeights& weights, double base, const double* in, double* out, std::size_t n);
  // The same over true ranges.
  double (*smooth_ranges)(const SmootherWeights& weights, double base, BarPointers bars, double* out, std::size_t n);
  // Two at once, so that neither waits for itself; `bases` before, and the last averages after.
  void (*smooth_two)(const SmootherTask& first, const SmootherTask& second, double* bases, std::size_t n);
  // Two over the same values, the second's average taken from the first's.
  void (*smooth_gap)(const SmootherWeights& fast, const SmootherWeights& slow, double* bases, const double* in, double* out, std::size_t n);

  // AffineLine over n pairs, a multiple of four, from the value before the first; returns the last one.
  double (*affine_line)(const double* kept, const double* pulled, double base, double* out, std::size_t n);

  // Averages of averages, all between fours: 2 once - twice; 3 once - 3 twice + thrice; growth of thrice from the one before, in percent.
  ChainLoop smooth_dema, smooth_tema, smooth_trix;

  // WindowTree of SumNode, and that of WeightedNode over its weights.
  WindowLoop window_sum;
  WindowLoop window_mean, window_weighted_mean;
  // Bollinger bands.
  void (*window_bands)(const double* x, double deviations, double* const* out, std::size_t n, std::size_t period, double* scratch);
  // slope, fitted, r_squared.
  void (*window_line)(const double* x, double* const* out, std::size_t n, std::size_t period, double* scratch);
  void (*window_slope)(const double* x, double* slope, double* fitted, std::size_t n, std::size_t period, double* scratch);
  // CCI from typical prices.
  WindowLoop window_cci;
  // Extremes, and 100 (period - 1 - age) / (period - 1) of the newest of equal ones. No NaN may be among x.
  WindowLoop window_max, window_min, window_max_aroon, window_min_aroon;
  bool (*any_nan)(const double* x, std::size_t n);

  // Bar by bar.
  void (*typical)(BarPointers bars, double* out, std::size_t n);
  void (*gains_and_losses)(const double* x, double* gains, double* losses, std::size_t n);  // x[-1] is read
  void (*movements)(BarPointers bars, double* range, double* plus, double* minus, std::size_t n);
  // out[i] = 100 part / (part + other), 50 where both are 0.
  void (*share)(const double* part, const double* other, double* out, std::size_t n);
  // adx's DX: out = plus_di, minus_di, dx; `plus_di` and `minus_di` may be `plus` and `minus`.
  void (*directions)(const double* range, const double* plus, const double* minus, double* plus_di, double* minus_di, double* dx, std::size_t n);
  // 100 (close - low) / (high - low), 50 without a range; times -1 from the high for Williams.
  void (*stochastic)(const double* close, const double* highest, const double* lowest, double* out, std::size_t n);
  void (*williams)(const double* close, const double* highest, const double* lowest, double* out, std::size_t n);
  // Means of three-bar and other short windows, held within 0..100: as WindowTree's sum times 1/period.
  WindowLoop window_mean_percent;
  void (*rate_of_change)(const double* x, const double* past, double* out, std::size_t n);  // NaN where past is 0
  void (*difference)(const double* a, const double* b, double* out, std::size_t n);
  void (*steps)(const double* x, double* out, std::size_t n);  // |x - x[-1]|
  // Kaufman: c x and 1 - c.
  void (*kaufman)(const double* x, const double* past, const double* walked, double fast_less_slow, double slow, double* pulled, double* kept, std::size_t n);
  void (*pressure)(BarPointers bars, double* pressure, double* range, std::size_t n);
  // Ultimate from pressures and, ultimate_stride() behind them, ranges; periods: fast, medium, slow. scratch: ultimate_scratch().
  void (*ultimate_line)(const double* pressure, std::size_t stride, double* out, std::size_t n, const std::size_t* periods, double* scratch);
  void (*money_flows)(BarPointers bars, const double* typical, double* up, double* down, std::size_t n);  // typical[-1] is read
  // RunningTotal (carried_sum.h) of multiplier * volume and of signed volumes, n a multiple of eight.
  void (*flow_line)(BarPointers bars, CarriedSum& sum, double* out, std::size_t n);
  // smooth_gap of the flow line; returns the line's last value.
  double (*flow_gap)(BarPointers bars, CarriedSum& sum, const SmootherWeights& fast, const SmootherWeights& slow, double* bases, double* out, std::size_t n);
  void (*volume_line)(BarPointers bars, CarriedSum& sum, double* out, std::size_t n);
};

// What this process uses.
const BulkKernels& bulk_kernels();
// The two forms, for tests; avx2 is null where the CPU or the build has none.
const BulkKernels& bulk_kernels_baseline();
const BulkKernels* bulk_kernels_avx2();

// Calls work(first, count) for [from, end) in chunks, of which the first is `lead` bars long where that is not 0 (Smoother::to_fours: the others then begin there).
template <class Work>
void in_chunks(std::size_t from, std::size_t end, Work work, std::size_t lead = 0, std::size_t chunk = kChunk) {
  for (std::size_t first = from, size = lead == 0 ? chunk : lead; first < end; first += std::exchange(size, chunk)) work(first, std::min(size, end - first));
}

}  // namespace prom::indicators
