// The loops behind bulk.h, compiled by bulk_baseline.cpp and bulk_avx2.cpp. Everything has internal linkage and takes bare pointers: a function shared with other
// files could otherwise be linked in its AVX2 form and run on a CPU without. Pure functions, any thread.
#pragma once
#include <cstddef>

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/bulk_formulas.h"
#include "analysis/indicators/bulk_windows.h"
#include "analysis/indicators/carried_sum.h"
#include "analysis/indicators/smoother.h"

namespace prom::indicators {
namespace {

// Four bars of Smoother. What the next four wait for is one multiplication and one addition: lane 3, computed in all lanes beside the sum itself.
struct SmoothFours {
  Four weight, keep, keep_2, keep_4, powers, before;
  SmoothFours(const SmootherWeights& weights, double base)
      : weight(weights.weight), keep(weights.keep), keep_2(weights.powers[1]), keep_4(weights.powers[3]), powers(PROM_FOUR(weights.powers)), before(base) {}
  [[gnu::always_inline]] void step(const double* in, double* out) {
    const Four values = PROM_FOUR(in);
    step(&values, out);
  }
  [[gnu::always_inline]] void step(const Four* in, double* out) {
    const Four zero = 0.0, scaled = weight * *in;
    const Four pair = scaled + keep * __builtin_shufflevector(scaled, zero, 4, 0, 1, 2);
    const Four alone = pair + keep_2 * __builtin_shufflevector(pair, zero, 4, 5, 0, 1);
    reinterpret_cast<FourAt*>(out)->lanes = alone + powers * before;
    before = __builtin_shufflevector(alone, alone, 3, 3, 3, 3) + keep_4 * before;
  }
};

double smooth(const SmootherWeights& weights, double base, const double* in, double* out, std::size_t n) {
  SmoothFours fours(weights, base);
  for (std::size_t i = 0; i < n; i += 4) fours.step(in + i, out + i);
  return fours.before[0];
}

void smooth_gap(const SmootherWeights& fast, const SmootherWeights& slow, double* bases, const double* in, double* out, std::size_t n) {
  SmoothFours a(fast, bases[0]), b(slow, bases[1]);
  for (std::size_t i = 0; i < n; i += 4) {
    const Four values = PROM_FOUR(in + i);
    double quick[4], calm[4];
    a.step(&values, quick);
    b.step(&values, calm);
    reinterpret_cast<FourAt*>(out + i)->lanes = PROM_FOUR(quick) - PROM_FOUR(calm);
  }
  bases[0] = a.before[0];
  bases[1] = b.before[0];
}

// Lane by lane the formulas of bulk_formulas.h.
#define PROM_LARGER(a, b) ((a) < (b) ? (b) : (a))
#define PROM_SMALLER(a, b) ((b) < (a) ? (b) : (a))

double smooth_ranges(const SmootherWeights& weights, double base, BarPointers bars, double* out, std::size_t n) {
  SmoothFours fours(weights, base);
  for (std::size_t i = 0; i < n; i += 4) {
    const Four high = PROM_FOUR(bars.high + i), low = PROM_FOUR(bars.low + i), previous = PROM_FOUR(bars.close + i - 1);
    const Four range = PROM_LARGER(high, previous) - PROM_SMALLER(low, previous);
    fours.step(&range, out + i);
  }
  return fours.before[0];
}

// Four bars of RunningTotal.
[[gnu::always_inline]] inline void add_four(CarriedSum& sum, const Four* x, double* out) {
  const double total = sum.total(), a = 0.0 + (*x)[0], b = a + (*x)[1], c = b + (*x)[2], d = c + (*x)[3];
  const Four parts = {a, b, c, d};
  reinterpret_cast<FourAt*>(out)->lanes = total + parts;
  sum.add(d);
}

void flow_line(BarPointers bars, CarriedSum& sum, double* out, std::size_t n) {
  CarriedSum line = sum;
  for (std::size_t i = 0; i < n; i += 4) {
    const Four high = PROM_FOUR(bars.high + i), low = PROM_FOUR(bars.low + i), close = PROM_FOUR(bars.close + i), zero = 0.0;
    const Four range = high - low, multiplier = ((close - low) - (high - close)) / range;
    const Four flow = (range == zero ? zero : multiplier) * PROM_FOUR(bars.volume + i);
    add_four(line, &flow, out + i);
  }
  sum = line;
}

void volume_line(BarPointers bars, CarriedSum& sum, double* out, std::size_t n) {
  CarriedSum line = sum;
  for (std::size_t i = 0; i < n; i += 4) {
    const Four close = PROM_FOUR(bars.close + i), previous = PROM_FOUR(bars.close + i - 1), volume = PROM_FOUR(bars.volume + i), zero = 0.0;
    const Four moved = close > previous ? volume : close < previous ? -volume : close == previous ? zero : close + previous;
    add_four(line, &moved, out + i);
  }
  sum = line;
}

void smooth_two(const SmootherTask& first, const SmootherTask& second, double* bases, std::size_t n) {
  SmoothFours a(*first.weights, bases[0]), b(*second.weights, bases[1]);
  for (std::size_t i = 0; i < n; i += 4) {
    a.step(first.in + i, first.out + i);
    b.step(second.in + i, second.out + i);
  }
  bases[0] = a.before[0];
  bases[1] = b.before[0];
}

// One formula for each bar: vectorised by the compiler, which may not reorder anything within a bar.
#define PROM_EACH_BAR(i, n) _Pragma("clang loop vectorize(assume_safety)") for (std::ptrdiff_t i = 0; i < static_cast<std::ptrdiff_t>(n); ++i)

bool any_nan(const double* x, std::size_t n) {
  unsigned long long found = 0;
  PROM_EACH_BAR(i, n) found |= x[i] != x[i] ? 1ULL : 0ULL;
  return found != 0;
}

void typical(BarPointers bars, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = typical_of(bars.high[i], bars.low[i], bars.close[i]); }

void gains_and_losses(const double* x, double* gains, double* losses, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double change = x[i] - x[i - 1];
    gains[i] = larger(change, 0.0);
    losses[i] = larger(-change, 0.0);
  }
}

void movements(BarPointers bars, double* range, double* plus, double* minus, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double up = bars.high[i] - bars.high[i - 1], down = bars.low[i - 1] - bars.low[i];
    range[i] = range_from(bars.high[i], bars.low[i], bars.close[i - 1]);
    plus[i] = plus_movement(up, down);
    minus[i] = plus_movement(down, up);
  }
}

void share(const double* part, const double* other, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = percent_of(part[i], part[i] + other[i], 50.0); }

void directions(const double* range, const double* plus, const double* minus, double* plus_di, double* minus_di, double* dx, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double up = percent_of(plus[i], range[i], 0.0), down = percent_of(minus[i], range[i], 0.0);
    plus_di[i] = up;
    minus_di[i] = down;
    dx[i] = percent_of(magnitude(up - down), up + down, 0.0);
  }
}

void stochastic(const double* close, const double* highest, const double* lowest, double* out, std::size_t n) {
  PROM_EACH_BAR(i, n) out[i] = percent_of(close[i] - lowest[i], highest[i] - lowest[i], 50.0);
}

void williams(const double* close, const double* highest, const double* lowest, double* out, std::size_t n) {
  PROM_EACH_BAR(i, n) out[i] = -percent_of(highest[i] - close[i], highest[i] - lowest[i], 50.0);
}

void rate_of_change(const double* x, const double* past, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = growth_percent(x[i], past[i]); }

void difference(const double* a, const double* b, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = a[i] - b[i]; }

void dema(const double* once, const double* twice, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = 2.0 * once[i] - twice[i]; }

void tema(const double* once, const double* twice, const double* thrice, double* out, std::size_t n) {
  PROM_EACH_BAR(i, n) out[i] = 3.0 * once[i] - 3.0 * twice[i] + thrice[i];
}

void steps(const double* x, double* out, std::size_t n) { PROM_EACH_BAR(i, n) out[i] = magnitude(x[i] - x[i - 1]); }

void kaufman(const double* x, const double* past, const double* walked, double fast_less_slow, double slow, double* pulled, double* kept, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double weight = kaufman_weight(magnitude(x[i] - past[i]), walked[i], fast_less_slow, slow);
    pulled[i] = weight * x[i];
    kept[i] = 1.0 - weight;
  }
}

void pressure(BarPointers bars, double* pressures, double* range, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double previous = bars.close[i - 1], low = smaller(bars.low[i], previous);
    pressures[i] = bars.close[i] - low;
    range[i] = larger(bars.high[i], previous) - low;
  }
}

void ultimate(const double* const* sums, double* out, std::size_t n) {
  const double *p0 = sums[0], *r0 = sums[1], *p1 = sums[2], *r1 = sums[3], *p2 = sums[4], *r2 = sums[5];
  PROM_EACH_BAR(i, n) out[i] = ultimate_of(percent_of(p0[i], r0[i], 50.0), percent_of(p1[i], r1[i], 50.0), percent_of(p2[i], r2[i], 50.0));
}

void money_flows(BarPointers bars, const double* price, double* up, double* down, std::size_t n) {
  PROM_EACH_BAR(i, n) {
    const double change = price[i] - price[i - 1], flow = price[i] * bars.volume[i];
    up[i] = rising_flow(change, flow);
    down[i] = change < 0 ? flow : 0.0;
  }
}

constexpr BulkKernels kLoops{.smooth = smooth,
                             .smooth_ranges = smooth_ranges,
                             .smooth_two = smooth_two,
                             .smooth_gap = smooth_gap,
                             .window_sum = window_sum,
                             .window_mean = window_mean,
                             .window_weighted_mean = window_weighted_mean,
                             .window_bands = window_bands,
                             .window_three_sums = window_three_sums,
                             .window_line = window_line,
                             .window_slope = window_slope,
                             .window_cci = window_cci,
                             .window_max = window_extreme<Larger>,
                             .window_min = window_extreme<Smaller>,
                             .window_max_aroon = window_aroon<Larger>,
                             .window_min_aroon = window_aroon<Smaller>,
                             .any_nan = any_nan,

                             .typical = typical,
                             .gains_and_losses = gains_and_losses,
                             .movements = movements,
                             .share = share,
                             .directions = directions,
                             .stochastic = stochastic,
                             .williams = williams,
                             .window_mean_percent = window_mean_percent,
                             .rate_of_change = rate_of_change,
                             .difference = difference,
                             .dema = dema,
                             .tema = tema,
                             .steps = steps,
                             .kaufman = kaufman,
                             .pressure = pressure,
                             .ultimate = ultimate,
                             .money_flows = money_flows,
                             .flow_line = flow_line,
                             .volume_line = volume_line};

}  // namespace
}  // namespace prom::indicators
