// Hurst exponent. Pure, any thread.
#include "analysis/indicators/hurst.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::indicators {

namespace {

constexpr std::size_t kMostRuns = 32, kShortestRun = 8;

// Range of the summed deviations from the mean over their standard deviation; NaN when nothing moves.
double rescaled_range(std::span<const double> x) {
  const double origin = x.front(), offset = mean_offset(x);
  double walked = 0, squares = 0, highest = -HUGE_VAL, lowest = HUGE_VAL;
  for (const double value : x) {
    const double d = (value - origin) - offset;
    walked += d;
    squares += d * d;
    highest = std::max(highest, walked);
    lowest = std::min(lowest, walked);
  }
  const double sd = std::sqrt(squares / static_cast<double>(x.size()));
  return sd > 0 ? (highest - lowest) / sd : kMissing;
}

}  // namespace

ParamResult<Hurst> Hurst::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 20));
  return Hurst(static_cast<std::size_t>(params.period));
}

void Hurst::update(double price) {
  const double previous = previous_;
  previous_ = price;
  if (previous != 0) returns_.push(detmath::log(price / previous));
}

std::optional<double> Hurst::value() const {
  if (!returns_.full()) return std::nullopt;
  const auto x = returns_.values();
  std::array<double, 6> size_logs{}, range_logs{};
  std::size_t sizes = 0;
  for (std::size_t runs = 1; runs <= kMostRuns && x.size() / runs >= kShortestRun; runs *= 2, ++sizes) {
    const std::size_t length = x.size() / runs;
    const auto newest = x.last(length * runs);
    double sum = 0;
    for (std::size_t run = 0; run < runs; ++run) sum += rescaled_range(newest.subspan(run * length, length));
    size_logs[sizes] = detmath::log(static_cast<double>(length));
    range_logs[sizes] = detmath::log(sum / static_cast<double>(runs));
  }
  const double n = static_cast<double>(sizes);
  double size_mean = 0, range_mean = 0, sxx = 0, sxy = 0;
  for (std::size_t i = 0; i < sizes; ++i) {
    size_mean += size_logs[i] / n;
    range_mean += range_logs[i] / n;
  }
  for (std::size_t i = 0; i < sizes; ++i) {
    sxx += (size_logs[i] - size_mean) * (size_logs[i] - size_mean);
    sxy += (size_logs[i] - size_mean) * (range_logs[i] - range_mean);
  }
  const double slope = sxy / sxx;
  return std::isfinite(slope) ? std::optional(slope) : std::nullopt;
}

}  // namespace prom::indicators
