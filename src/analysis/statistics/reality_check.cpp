// White's reality check. Pure, any thread.
#include "analysis/statistics/reality_check.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "analysis/kernels.h"
#include "analysis/statistics/block_resample.h"
#include "base/prng.h"

namespace prom::statistics {
namespace {

std::optional<ParamError> bad_series(std::span<const std::span<const double>> series, const BootstrapParams& params) {
  if (series.empty()) return ParamError{ParamErrorCode::empty_input, "excess_returns"};
  const std::size_t n = series.front().size();
  if (n < 2) return ParamError{ParamErrorCode::below_minimum, "excess_returns", static_cast<double>(n), 2};
  for (const auto& x : series) {
    if (x.size() != n) return ParamError{ParamErrorCode::length_mismatch, "excess_returns", static_cast<double>(x.size()), static_cast<double>(n)};
    for (const double value : x) {
      if (!std::isfinite(value)) return ParamError{ParamErrorCode::not_finite, "excess_returns", value, 0};
    }
  }
  if (auto bad = out_of_range("resamples", static_cast<double>(params.resamples), {100, 1e6})) return bad;
  return out_of_range("block_length", static_cast<double>(params.block_length), {1, static_cast<double>(n)});
}

}  // namespace

ParamResult<RealityCheck> reality_check(std::span<const std::span<const double>> excess_returns, const BootstrapParams& params) {
  PROM_CHECK_PARAM(bad_series(excess_returns, params));
  const std::size_t n = excess_returns.front().size();
  std::vector<double> means;
  for (const auto& x : excess_returns) means.push_back(mean_of(x));
  RealityCheck result;
  result.best = static_cast<std::size_t>(std::max_element(means.begin(), means.end()) - means.begin());
  result.best_mean = means[result.best];
  Xoshiro256pp rng{params.seed};
  std::vector<double> times_drawn(n);
  std::size_t at_or_above = 0;
  for (std::size_t r = 0; r < params.resamples; ++r) {
    std::fill(times_drawn.begin(), times_drawn.end(), 0.0);
    draw_blocks(n, params, rng, [&](std::size_t, std::size_t at) { times_drawn[at] += 1.0; });
    // The factor sqrt(n) stands on both sides and is left out.
    const auto exceeds = [&](std::size_t k) {
      const auto& x = excess_returns[k];
      const double drawn = lane_sum(n, [&](std::size_t i) { return times_drawn[i] * (x[i] - means[k]); }) / static_cast<double>(n);
      return drawn >= result.best_mean;
    };
    bool any = false;
    for (std::size_t k = 0; k < means.size() && !any; ++k) any = exceeds(k);
    at_or_above += any ? 1 : 0;
  }
  result.p_value = static_cast<double>(1 + at_or_above) / static_cast<double>(1 + params.resamples);
  return result;
}

}  // namespace prom::statistics
