// How sure a figure is: Wilson's interval of a rate, Student's bounds of a mean, block bootstraps of any statistic.
// Pure functions; the same seed gives the same bits everywhere. Any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "analysis/params.h"

namespace prom::statistics {

struct Interval {
  double low = 0, high = 0;
};

// Wilson score interval of a proportion (Wilson 1927), two-sided, without continuity correction. confidence in (0, 1).
// Refuses trials = 0 and successes > trials.
struct Proportion {
  std::size_t successes = 0, trials = 0;
};
ParamResult<Interval> wilson_interval(const Proportion& proportion, double confidence = 0.95);

// Student's t: quantile for probability p in (0, 1) and degrees of freedom >= 1, by bisection on the distribution function (continued
// fraction of the incomplete beta function, Numerical Recipes 6.4); error below 1e-9.
double student_t_quantile(double p, double degrees_of_freedom);

// One-sided upper confidence bound of the mean: mean + t(confidence, n-1) * sd / sqrt(n). Assumes independent values and enough of them
// for their skewness not to matter; prefer the bootstrap for trades with fat tails. Refuses fewer than 2 values.
ParamResult<double> mean_upper_bound_t(std::span<const double> x, double confidence = 0.90);

enum class BootstrapKind {
  circular,    // blocks of fixed length from a series closed to a circle (Politis and Romano 1992); length 1 = independent draws
  stationary,  // blocks of geometric length with that mean (Politis and Romano 1994)
};

struct BootstrapParams {
  BootstrapKind kind = BootstrapKind::stationary;
  std::size_t block_length = 10;  // 1..n
  std::size_t resamples = 2000;   // 100..1'000'000
  double confidence = 0.95;       // (0, 1)
  std::uint64_t seed = 1;
};

using Statistic = std::function<double(std::span<const double>)>;

// Percentile interval of `statistic` over resamples of x, both sides cut by (1 - confidence) / 2. Quantiles by linear interpolation
// between order statistics (Hyndman and Fan type 7). Resamples on which the statistic is not finite are dropped; refuses when more than
// half are (not_finite). O(resamples * (n + cost of the statistic)).
ParamResult<Interval> bootstrap_interval(std::span<const double> x, const Statistic& statistic, const BootstrapParams& params);

// One-sided upper bound of the mean: the `confidence` quantile of the resampled means.
ParamResult<double> mean_upper_bound_bootstrap(std::span<const double> x, const BootstrapParams& params);

}  // namespace prom::statistics
