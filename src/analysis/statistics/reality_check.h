// Is the best of many strategies better than the benchmark, or only the luckiest? Pure functions; the same seed gives the same bits
// everywhere. Any thread.
#pragma once
#include <cstddef>
#include <span>

#include "analysis/params.h"
#include "analysis/statistics/intervals.h"

namespace prom::statistics {

struct RealityCheck {
  double p_value = 1;    // small: the best is better than luck among so many explains
  std::size_t best = 0;  // index of the strategy with the largest mean (the first of equals)
  double best_mean = 0;
};

// Each series: a strategy's returns less the benchmark's, period by period; all of one length, at least 2. EVERY strategy that was tried
// belongs in it, the discarded ones most of all. Statistic: max over strategies of sqrt(n) * mean; under the null hypothesis its distribution
// is that of max sqrt(n) * (resampled mean - mean), where all strategies are resampled at the same times, so that their dependence stays (H.
// White, "A reality check for data snooping", Econometrica 68 (2000); Politis and Romano's stationary bootstrap, or circular blocks).
// p_value = (1 + resamples at or above) / (1 + resamples), never 0 (Davison and Hinkley 1997, 4.11). params.confidence is not used.
// Conservative when many strategies are much worse than the benchmark (Hansen 2005). Refuses bad bootstrap parameters, series of different
// lengths (length_mismatch "excess_returns"), none (empty_input), a number that is not finite. O(resamples * n * strategies).
ParamResult<RealityCheck> reality_check(std::span<const std::span<const double>> excess_returns, const BootstrapParams& params = {});

}  // namespace prom::statistics
