// The loops behind bulk.h, compiled by bulk_baseline.cpp and bulk_avx2.cpp. Everything has internal linkage and takes bare pointers: a function shared with other
// files could otherwise be linked in its AVX2 form and run on a CPU without. Pure functions, any thread.
#pragma once
#include <cstddef>

#include "analysis/indicators/bulk.h"
#include "analysis/indicators/bulk_formulas.h"
#include "analysis/indicators/bulk_recursions.h"
#include "analysis/indicators/bulk_windows.h"

namespace prom::indicators {
namespace {

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
                             .affine_line = affine_line,
                             .smooth_dema = smooth_dema,
                             .smooth_tema = smooth_tema,
                             .smooth_trix = smooth_trix,
                             .window_sum = window_sum,
                             .window_mean = window_mean,
                             .window_weighted_mean = window_weighted_mean,
                             .window_bands = window_bands,
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
                             .steps = steps,
                             .kaufman = kaufman,
                             .pressure = pressure,
                             .ultimate_line = ultimate_line,
                             .money_flows = money_flows,
                             .flow_line = flow_line,
                             .flow_gap = flow_gap,
                             .volume_line = volume_line};

}  // namespace
}  // namespace prom::indicators
