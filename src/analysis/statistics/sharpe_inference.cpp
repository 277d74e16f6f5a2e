// Probabilistic and deflated Sharpe ratios. Pure, any thread.
#include "analysis/statistics/sharpe_inference.h"

#include <cmath>

#include "analysis/kernels.h"
#include "analysis/statistics/performance.h"
#include "base/detmath.h"

namespace prom::statistics {
namespace {

// Variance of the estimated ratio, times n - 1.
ParamResult<double> scaled_variance(const SharpeSample& sample) {
  PROM_CHECK_PARAM(out_of_range("returns", static_cast<double>(sample.returns), {2, 1e15}));
  PROM_CHECK_PARAM(out_of_range("sharpe", sample.sharpe, {-1e6, 1e6}));
  PROM_CHECK_PARAM(out_of_range("skewness", sample.skewness, {-1e6, 1e6}));
  // What a sample gives may fall short of the bound by a rounding.
  const double least = 1.0 + sample.skewness * sample.skewness;
  PROM_CHECK_PARAM(out_of_range("kurtosis", sample.kurtosis, {least * (1.0 - 1e-9), 1e13}));
  const double variance = 1.0 - sample.skewness * sample.sharpe + (sample.kurtosis - 1.0) / 4.0 * sample.sharpe * sample.sharpe;
  if (variance > 0) return variance;
  return std::unexpected(ParamError{ParamErrorCode::below_minimum, "kurtosis", sample.kurtosis, least});
}

}  // namespace

std::optional<SharpeSample> sharpe_sample(std::span<const double> returns) {
  const auto sd = standard_deviation(returns);
  if (!sd || !(*sd > 0)) return std::nullopt;
  const double n = static_cast<double>(returns.size()), origin = returns.front(), offset = mean_offset(returns);
  // In units of the standard deviation, so that small returns do not underflow in the fourth power.
  const auto moment = [&](auto term) { return lane_sum(returns.size(), [&](std::size_t i) { return term(((returns[i] - origin) - offset) / *sd); }) / n; };
  const double m2 = moment([](double z) { return z * z; }), m3 = moment([](double z) { return z * z * z; }),
               m4 = moment([](double z) { return z * z * z * z; });
  return SharpeSample{returns.size(), mean_of(returns) / *sd, m3 / (m2 * std::sqrt(m2)), m4 / (m2 * m2)};
}

ParamResult<double> probabilistic_sharpe(const SharpeSample& sample, double benchmark) {
  const auto variance = scaled_variance(sample);
  if (!variance) return std::unexpected(variance.error());
  PROM_CHECK_PARAM(out_of_range("benchmark", benchmark, {-1e6, 1e6}));
  return detmath::normal_cdf((sample.sharpe - benchmark) * std::sqrt(static_cast<double>(sample.returns) - 1.0) / std::sqrt(*variance));
}

ParamResult<double> minimum_track_record(const SharpeSample& sample, const TrackRecordGoal& goal) {
  const auto variance = scaled_variance(sample);
  if (!variance) return std::unexpected(variance.error());
  PROM_CHECK_PARAM(out_of_range("benchmark", goal.benchmark, {-1e6, 1e6}));
  PROM_CHECK_PARAM(out_of_range("confidence", goal.confidence, {0.5 + 1e-9, 1.0 - 1e-9}));
  PROM_CHECK_PARAM(not_below("benchmark", goal.benchmark, sample.sharpe));
  const double needed = detmath::normal_quantile(goal.confidence) / (sample.sharpe - goal.benchmark);
  return 1.0 + *variance * needed * needed;
}

ParamResult<double> expected_maximum_sharpe(const Trials& trials) {
  constexpr double kEulerGamma = 0.57721566490153286061, kE = 2.7182818284590452354;
  PROM_CHECK_PARAM(out_of_range("number", static_cast<double>(trials.number), {1, 1e15}));
  PROM_CHECK_PARAM(out_of_range("sharpe_variance", trials.sharpe_variance, {0, 1e12}));
  if (trials.number == 1) return 0.0;
  const double share = 1.0 / static_cast<double>(trials.number);
  // The upper quantile as the lower one's negative: 1 - 1/N loses the digits of 1/N.
  const double high = -detmath::normal_quantile(share), higher = -detmath::normal_quantile(share / kE);
  return std::sqrt(trials.sharpe_variance) * ((1.0 - kEulerGamma) * high + kEulerGamma * higher);
}

ParamResult<double> deflated_sharpe(const SharpeSample& sample, const Trials& trials) {
  const auto benchmark = expected_maximum_sharpe(trials);
  if (!benchmark) return std::unexpected(benchmark.error());
  return probabilistic_sharpe(sample, *benchmark);
}

}  // namespace prom::statistics
