// What operators and batch loops (bulk_loops.h) both compute for one bar, written once so that both give the same bits. Internal linkage, always inlined and without
// any library call, because bulk_avx2.cpp is compiled for another CPU than the rest. Pure functions, any thread.
#pragma once
#include <cstddef>

namespace prom::indicators {
namespace {

#define PROM_FORMULA [[gnu::always_inline, maybe_unused]] constexpr

// As std::max and std::min, where a NaN in `a` stays.
PROM_FORMULA double larger(double a, double b) { return a < b ? b : a; }
PROM_FORMULA double smaller(double a, double b) { return b < a ? b : a; }
PROM_FORMULA double magnitude(double x) { return __builtin_fabs(x); }

PROM_FORMULA double range_from(double high, double low, double previous_close) { return larger(high, previous_close) - smaller(low, previous_close); }
PROM_FORMULA double typical_of(double high, double low, double close) { return (high + low + close) / 3.0; }

// 100 part / whole, `otherwise` where there is no whole.
PROM_FORMULA double percent_of(double part, double whole, double otherwise) {
  const double percent = 100.0 * (part / whole);
  return whole == 0 ? otherwise : percent;
}
PROM_FORMULA double between_0_and_100(double x) { return x < 0.0 ? 0.0 : 100.0 < x ? 100.0 : x; }

PROM_FORMULA double plus_movement(double up, double down) { return up > down ? larger(up, 0.0) : 0.0; }

PROM_FORMULA double flow_multiplier(double high, double low, double close) {
  const double range = high - low;
  const double multiplier = ((close - low) - (high - close)) / range;
  return range == 0 ? 0.0 : multiplier;
}

// 100 (x / past - 1), NaN where past is 0.
PROM_FORMULA double growth_percent(double x, double past) {
  const double percent = 100.0 * (x / past - 1.0);
  return past == 0 ? __builtin_nan("") : percent;
}

PROM_FORMULA double ultimate_of(double fast, double medium, double slow) { return (4.0 * fast + 2.0 * medium + slow) * (1.0 / 7.0); }

// The flow of a bar whose price rose; a NaN is passed on.
PROM_FORMULA double rising_flow(double change, double flow) { return change > 0 ? flow : change <= 0 ? 0.0 : __builtin_nan(""); }

// `age` bars since the extreme, of at most `reach`.
PROM_FORMULA double aroon_of(double age, double reach) { return 100.0 * (reach - age) / reach; }

// A deviation this small is the rounding of the mean of equal values.
PROM_FORMULA double cci_of(double x, double mean, double deviation) {
  const double index = (x - mean) / (0.015 * deviation);
  return deviation <= 4e-15 * magnitude(mean) ? 0.0 : index;
}

// c of Kaufman's average: the squared smoothing constant.
PROM_FORMULA double kaufman_weight(double moved, double walked, double fast_less_slow, double slow) {
  const double ratio = moved / walked;
  const double efficiency = moved > 0 ? smaller(1.0, ratio) : 0.0;
  const double root = efficiency * fast_less_slow + slow;
  return root * root;
}

// volume, signed as the close moved; a NaN close is passed on.
PROM_FORMULA double signed_volume(double close, double previous, double volume) {
  return close > previous ? volume : close < previous ? -volume : close == previous ? 0.0 : close + previous;
}

// Squared deviations this small beside the squared sum are the rounding of equal values.
inline constexpr double kFlat = 1e-32;
PROM_FORMULA double real_deviation(double squares, double sum) { return squares <= kFlat * (sum * sum) ? 0.0 : squares; }

// Nodes of WindowTree: what is known of a stretch of values. twice() joins two neighbours of h values each, join() two of any length, `scale` being
// scale_of() of the two lengths, which is exact for powers of two.
struct SumNode {
  static constexpr int kParts = 1;
  double sum = 0;
  PROM_FORMULA static SumNode leaf(double x) { return {x}; }
  PROM_FORMULA static double scale_of(double, double) { return 0; }
  PROM_FORMULA static SumNode twice(SumNode older, SumNode newer, double, double) { return {older.sum + newer.sum}; }
  PROM_FORMULA static SumNode join(SumNode older, SumNode newer, double, double, double) { return {older.sum + newer.sum}; }
};

// weighted: weights 1, 2, ... the newest heaviest.
struct WeightedNode {
  static constexpr int kParts = 2;
  double sum = 0, weighted = 0;
  PROM_FORMULA static WeightedNode leaf(double x) { return {x, x}; }
  PROM_FORMULA static double scale_of(double, double) { return 0; }
  PROM_FORMULA static WeightedNode twice(WeightedNode older, WeightedNode newer, double h, double) {
    return {older.sum + newer.sum, (older.weighted + newer.weighted) + h * newer.sum};
  }
  PROM_FORMULA static WeightedNode join(WeightedNode older, WeightedNode newer, double older_count, double, double) {
    return twice(older, newer, older_count, 0);
  }
};

// squares: squared deviations from the mean (Chan, Golub and LeVeque 1979).
struct SpreadNode {
  static constexpr int kParts = 2;
  double sum = 0, squares = 0;
  PROM_FORMULA static SpreadNode leaf(double x) { return {x, 0}; }
  PROM_FORMULA static double scale_of(double older, double newer) { return 1.0 / (older * newer * (older + newer)); }
  PROM_FORMULA static SpreadNode twice(SpreadNode older, SpreadNode newer, double, double half_of_reciprocal) {
    const double apart = newer.sum - older.sum;
    return {older.sum + newer.sum, (older.squares + newer.squares) + apart * apart * half_of_reciprocal};
  }
  PROM_FORMULA static SpreadNode join(SpreadNode older, SpreadNode newer, double older_count, double newer_count, double scale) {
    const double apart = newer.sum * older_count - older.sum * newer_count;
    return {older.sum + newer.sum, (older.squares + newer.squares) + apart * apart * scale};
  }
};

// product: of deviations from the mean and of bar numbers from theirs (Pebay 2008).
struct LineNode {
  static constexpr int kParts = 3;
  double sum = 0, squares = 0, product = 0;
  PROM_FORMULA static LineNode leaf(double x) { return {x, 0, 0}; }
  PROM_FORMULA static double scale_of(double older, double newer) { return 1.0 / (older * newer * (older + newer)); }
  PROM_FORMULA static LineNode twice(LineNode older, LineNode newer, double h, double half_of_reciprocal) {
    const double apart = newer.sum - older.sum;
    return {older.sum + newer.sum, (older.squares + newer.squares) + apart * apart * half_of_reciprocal, (older.product + newer.product) + apart * (0.5 * h)};
  }
  PROM_FORMULA static LineNode join(LineNode older, LineNode newer, double older_count, double newer_count, double scale) {
    const double apart = newer.sum * older_count - older.sum * newer_count;
    return {older.sum + newer.sum, (older.squares + newer.squares) + apart * apart * scale, (older.product + newer.product) + apart * 0.5};
  }
};

// LineNode without the squares.
struct SlopeNode {
  static constexpr int kParts = 2;
  double sum = 0, product = 0;
  PROM_FORMULA static SlopeNode leaf(double x) { return {x, 0}; }
  PROM_FORMULA static double scale_of(double, double) { return 0; }
  PROM_FORMULA static SlopeNode twice(SlopeNode older, SlopeNode newer, double h, double) {
    return {older.sum + newer.sum, (older.product + newer.product) + (newer.sum - older.sum) * (0.5 * h)};
  }
  PROM_FORMULA static SlopeNode join(SlopeNode older, SlopeNode newer, double older_count, double newer_count, double) {
    return {older.sum + newer.sum, (older.product + newer.product) + (newer.sum * older_count - older.sum * newer_count) * 0.5};
  }
};

// Constants of a regression over n values.
struct LineConstants {
  double reciprocal, sxx_reciprocal, sxx, reach;  // 1/n; of the squared deviations of bar numbers; (n-1)/2
};
struct LineRow {
  double slope, fitted, r_squared;
};
PROM_FORMULA LineConstants line_constants(double n) {
  const double sxx = n * (n * n - 1.0) / 12.0;
  return {1.0 / n, 1.0 / sxx, sxx, (n - 1.0) / 2.0};
}
PROM_FORMULA double slope_of(double product, const LineConstants& c) { return product * c.sxx_reciprocal; }
PROM_FORMULA double fitted_of(double sum, double slope, const LineConstants& c) { return sum * c.reciprocal + slope * c.reach; }
PROM_FORMULA LineRow line_of(LineNode node, const LineConstants& c) {
  const double slope = slope_of(node.product, c), squares = real_deviation(node.squares, node.sum);
  const double explained = smaller(1.0, slope * node.product / squares);
  return {slope, fitted_of(node.sum, slope, c), squares > 0 ? explained : __builtin_nan("")};
}

}  // namespace
}  // namespace prom::indicators
