// How much of a Sharpe ratio is luck: of few and fat-tailed returns, and of having tried many strategies. Pure functions, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "analysis/params.h"

namespace prom::statistics {

// What the tests below need of a series of returns. `sharpe` is per period, NOT annualised: mean / sample standard deviation. Skewness and
// kurtosis are the plain moment ratios m3 / m2^1.5 and m4 / m2^2; a normal distribution has 0 and 3.
struct SharpeSample {
  std::size_t returns = 0;
  double sharpe = 0, skewness = 0, kurtosis = 3;
};
// Nothing for fewer than 2 returns or returns that are all equal.
std::optional<SharpeSample> sharpe_sample(std::span<const double> returns);

// Probability that the true Sharpe ratio is above `benchmark` (per period too): N((SR - SR*) sqrt(n-1) / sqrt(1 - skew SR + (kurt-1)/4 SR^2)).
// D. Bailey and M. Lopez de Prado, "The Sharpe ratio efficient frontier", J. of Risk 15 (2012). Refuses fewer than 2 returns, moments
// that no distribution has (kurtosis < 1 + skewness^2) and a variance of the estimate that is not above 0 (below_minimum "kurtosis").
ParamResult<double> probabilistic_sharpe(const SharpeSample& sample, double benchmark = 0);

// Number of returns from which probabilistic_sharpe exceeds `confidence` if the ratio and moments stay what they are (the same paper):
// a real number. Refuses a ratio that is not above the benchmark (not_below_other "benchmark"). confidence in 0.5..1, ends excluded.
struct TrackRecordGoal {
  double benchmark = 0, confidence = 0.95;
};
ParamResult<double> minimum_track_record(const SharpeSample& sample, const TrackRecordGoal& goal = {});

// The search that found the strategy: how many independent ones were tried, and the variance over them of their per-period Sharpe ratios.
struct Trials {
  std::size_t number = 1;
  double sharpe_variance = 0;
};
// Expected largest Sharpe ratio of trials without skill: sqrt(V) ((1-g) Z^-1(1 - 1/N) + g Z^-1(1 - 1/(N e))), g the Euler-Mascheroni constant;
// 0 for one trial, where the approximation does not hold. Refuses no trial and a negative variance.
ParamResult<double> expected_maximum_sharpe(const Trials& trials);

// probabilistic_sharpe with that as the benchmark. D. Bailey and M. Lopez de Prado, "The deflated Sharpe ratio", J. of Portfolio Management
// 40 (2014). Below 0.95 the strategy may well be the luckiest of the tried ones.
ParamResult<double> deflated_sharpe(const SharpeSample& sample, const Trials& trials);

}  // namespace prom::statistics
