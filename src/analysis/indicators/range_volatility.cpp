// Volatility from the whole bar. Pure, any thread.
#include "analysis/indicators/range_volatility.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "analysis/kernels.h"
#include "base/assert.h"
#include "base/detmath.h"

namespace prom::indicators {

namespace {

std::optional<ParamError> bad_params(const RangeVolatilityParams& params) {
  if (auto fault = bad_period("period", params.period, 2)) return fault;
  return out_of_range("periods_per_year", params.periods_per_year, {1e-3, 1e9});
}

}  // namespace

double bar_variance(RangeEstimator estimator, const OhlcvBar& bar) {
  const double range = detmath::log(bar.high / bar.low), body = detmath::log(bar.close / bar.open);
  switch (estimator) {
    case RangeEstimator::parkinson: return range * range / (4.0 * std::numbers::ln2);
    case RangeEstimator::garman_klass: return 0.5 * range * range - (2.0 * std::numbers::ln2 - 1.0) * body * body;
    case RangeEstimator::rogers_satchell: {
      const double up = detmath::log(bar.high / bar.open), down = detmath::log(bar.low / bar.open);
      return up * (up - body) + down * (down - body);
    }
  }
  PROM_UNREACHABLE();
}

template <RangeEstimator estimator>
ParamResult<RangeVolatility<estimator>> RangeVolatility<estimator>::make(const Params& params) {
  PROM_CHECK_PARAM(bad_params(params));
  return RangeVolatility(params);
}

template <RangeEstimator estimator>
std::optional<double> RangeVolatility<estimator>::value() const {
  if (!variance_.full()) return std::nullopt;
  return std::sqrt(std::max(variance_.value(), 0.0) * scale_);
}

template class RangeVolatility<RangeEstimator::parkinson>;
template class RangeVolatility<RangeEstimator::garman_klass>;
template class RangeVolatility<RangeEstimator::rogers_satchell>;

YangZhang::YangZhang(const Params& params)
    : overnight_(static_cast<std::size_t>(params.period)),
      open_to_close_(static_cast<std::size_t>(params.period)),
      rogers_satchell_(static_cast<std::size_t>(params.period)),
      weight_(0.34 / (1.34 + (params.period + 1.0) / (params.period - 1.0))),
      periods_per_year_(params.periods_per_year) {}

ParamResult<YangZhang> YangZhang::make(const Params& params) {
  PROM_CHECK_PARAM(bad_params(params));
  return YangZhang(params);
}

void YangZhang::update(const OhlcvBar& bar) {
  const double previous = previous_close_;
  previous_close_ = bar.close;
  if (previous == 0) return;
  overnight_.push(detmath::log(bar.open / previous));
  open_to_close_.push(detmath::log(bar.close / bar.open));
  rogers_satchell_.push(bar_variance(RangeEstimator::rogers_satchell, bar));
}

std::optional<double> YangZhang::value() const {
  if (!overnight_.full()) return std::nullopt;
  const double n = static_cast<double>(overnight_.size());
  const double overnight = squared_deviation_sum(overnight_.values()) / (n - 1.0);
  const double body = squared_deviation_sum(open_to_close_.values()) / (n - 1.0);
  const double inside = std::max(rogers_satchell_.value(), 0.0) / n;
  return std::sqrt((overnight + weight_ * body + (1.0 - weight_) * inside) * periods_per_year_);
}

}  // namespace prom::indicators
