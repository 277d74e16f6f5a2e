// Confidence intervals. Pure, any thread.
#include "analysis/statistics/intervals.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/kernels.h"
#include "analysis/statistics/block_resample.h"
#include "base/detmath.h"
#include "base/prng.h"

namespace prom::statistics {
namespace {

std::optional<ParamError> bad_confidence(double confidence) { return out_of_range("confidence", confidence, {0.5e-6, 1.0 - 0.5e-6}); }

// ln of the gamma function for x > 0 (Lanczos, g = 7, n = 9; relative error about 1e-15).
double log_gamma(double x) {
  static constexpr double kCoefficients[] = {0.99999999999980993, 676.5203681218851,    -1259.1392167224028,   771.32342877765313,   -176.61502916214059,
                                             12.507343278686905,  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
  const double y = x - 1.0, t = y + 7.5;
  double sum = kCoefficients[0];
  for (int i = 1; i < 9; ++i) sum += kCoefficients[i] / (y + i);
  return 0.91893853320467274178 + (y + 0.5) * detmath::log(t) - t + detmath::log(sum);
}

// Continued fraction of the incomplete beta function (Lentz's method, Numerical Recipes 6.4).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto guard = [](double v) { return std::fabs(v) < kTiny ? kTiny : v; };
  double c = 1.0, d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)), h = d;
  for (int m = 1; m <= 500; ++m) {
    const double m2 = 2.0 * m;
    const double even = m * (b - m) * x / ((a + m2 - 1.0) * (a + m2));
    d = 1.0 / guard(1.0 + even * d);
    c = guard(1.0 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + m2) * (a + m2 + 1.0));
    d = 1.0 / guard(1.0 + odd * d);
    c = guard(1.0 + odd / c);
    const double factor = d * c;
    h *= factor;
    if (std::fabs(factor - 1.0) < 1e-15) break;
  }
  return h;
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = detmath::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * detmath::log(x) + b * detmath::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(a, b, x) / a;
  return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

// P(T > t) for t >= 0.
double student_upper_tail(double t, double nu) { return 0.5 * incomplete_beta(nu / 2.0, 0.5, nu / (nu + t * t)); }

std::optional<ParamError> bad_bootstrap(std::span<const double> x, const BootstrapParams& params) {
  if (x.size() < 2) return ParamError{ParamErrorCode::below_minimum, "x", static_cast<double>(x.size()), 2};
  if (auto bad = bad_confidence(params.confidence)) return bad;
  if (auto bad = out_of_range("resamples", static_cast<double>(params.resamples), {100, 1e6})) return bad;
  return out_of_range("block_length", static_cast<double>(params.block_length), {1, static_cast<double>(x.size())});
}

// The finite values of the statistic over all resamples, ascending.
std::vector<double> distribution(std::span<const double> x, const Statistic& statistic, const BootstrapParams& params) {
  Xoshiro256pp rng{params.seed};
  std::vector<double> sample(x.size()), values;
  values.reserve(params.resamples);
  for (std::size_t r = 0; r < params.resamples; ++r) {
    draw_blocks(x.size(), params, rng, [&](std::size_t i, std::size_t at) { sample[i] = x[at]; });
    const double value = statistic(sample);
    if (std::isfinite(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return values;
}

double quantile_of_sorted(std::span<const double> sorted, double p) {
  const double place = p * static_cast<double>(sorted.size() - 1);
  const std::size_t below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

}  // namespace

ParamResult<Interval> wilson_interval(const Proportion& proportion, double confidence) {
  const double n = static_cast<double>(proportion.trials), successes = static_cast<double>(proportion.successes);
  PROM_CHECK_PARAM(bad_confidence(confidence));
  if (proportion.trials == 0) return std::unexpected(ParamError{ParamErrorCode::empty_input, "trials"});
  PROM_CHECK_PARAM(out_of_range("successes", successes, {0, n}));
  const double z = detmath::normal_quantile(0.5 + confidence / 2.0), p = successes / n, z2 = z * z / n;
  const double centre = (p + z2 / 2.0) / (1.0 + z2);
  const double reach = z / (1.0 + z2) * std::sqrt(p * (1.0 - p) / n + z2 / (4.0 * n));
  return Interval{std::max(0.0, centre - reach), std::min(1.0, centre + reach)};
}

double student_t_quantile(double p, double degrees_of_freedom) {
  if (p == 0.5) return 0;
  if (p < 0.5) return -student_t_quantile(1.0 - p, degrees_of_freedom);
  double low = 0, high = 1;
  while (student_upper_tail(high, degrees_of_freedom) > 1.0 - p && high < 1e12) high *= 2;
  for (int i = 0; i < 200 && high - low > 1e-13 * high; ++i) {
    const double middle = low + (high - low) / 2.0;
    (student_upper_tail(middle, degrees_of_freedom) > 1.0 - p ? low : high) = middle;
  }
  return low + (high - low) / 2.0;
}

ParamResult<double> mean_upper_bound_t(std::span<const double> x, double confidence) {
  PROM_CHECK_PARAM(bad_confidence(confidence));
  const double n = static_cast<double>(x.size());
  if (x.size() < 2) return std::unexpected(ParamError{ParamErrorCode::below_minimum, "x", n, 2});
  return mean_of(x) + student_t_quantile(confidence, n - 1.0) * sample_sd(x) / std::sqrt(n);
}

ParamResult<Interval> bootstrap_interval(std::span<const double> x, const Statistic& statistic, const BootstrapParams& params) {
  PROM_CHECK_PARAM(bad_bootstrap(x, params));
  const auto values = distribution(x, statistic, params);
  if (values.size() * 2 < params.resamples) {
    return std::unexpected(ParamError{ParamErrorCode::not_finite, "statistic", static_cast<double>(values.size()), static_cast<double>(params.resamples) / 2});
  }
  const double tail = (1.0 - params.confidence) / 2.0;
  return Interval{quantile_of_sorted(values, tail), quantile_of_sorted(values, 1.0 - tail)};
}

ParamResult<double> mean_upper_bound_bootstrap(std::span<const double> x, const BootstrapParams& params) {
  PROM_CHECK_PARAM(bad_bootstrap(x, params));
  const auto values = distribution(x, [](std::span<const double> sample) { return mean_of(sample); }, params);
  if (values.empty()) return std::unexpected(ParamError{ParamErrorCode::not_finite, "x"});
  return quantile_of_sorted(values, params.confidence);
}

}  // namespace prom::statistics
