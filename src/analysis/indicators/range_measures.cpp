// Range measures. Pure, any thread.
#include "analysis/indicators/range_measures.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/volatility.h"
#include "base/detmath.h"

namespace prom::indicators {

Choppiness::Choppiness(const Params& params)
    : ranges_(static_cast<std::size_t>(params.period)),
      high_(static_cast<std::size_t>(params.period)),
      low_(static_cast<std::size_t>(params.period)),
      span_(params.span),
      log_period_(detmath::log(params.period)) {}

ParamResult<Choppiness> Choppiness::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return Choppiness(params);
}

void Choppiness::update(const OhlcvBar& bar) {
  const auto previous = previous_close_;
  previous_close_ = bar.close;
  if (!previous) return;
  const bool gaps = span_ == ChoppinessSpan::true_high_low;
  ranges_.push(true_range(bar, *previous));
  high_.push(gaps ? std::max(bar.high, *previous) : bar.high);
  low_.push(gaps ? std::min(bar.low, *previous) : bar.low);
}

std::optional<double> Choppiness::value() const {
  if (!ranges_.full()) return std::nullopt;
  const double span = high_.value() - low_.value();
  if (!(span > 0)) return std::nullopt;
  return 100.0 * (detmath::log(ranges_.value() / span) / log_period_);
}

ParamResult<MassIndex> MassIndex::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("ema_period", params.ema_period));
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return MassIndex(*Ema::make({params.ema_period, params.seed}), params.ema_period, static_cast<std::size_t>(params.period));
}

void MassIndex::update(const OhlcvBar& bar) {
  once_.update(bar.high - bar.low);
  if (seen_ < 2 * ema_period_ - 1) ++seen_;
  if (seen_ < ema_period_) return;
  const double once = *once_.value();
  twice_.update(once);
  if (seen_ < 2 * ema_period_ - 1) return;
  const double twice = *twice_.value();
  ratios_.push(twice == 0 ? 1.0 : once / twice);
}

ParamResult<Vortex> Vortex::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Vortex(static_cast<std::size_t>(params.period));
}

void Vortex::update(const OhlcvBar& bar) {
  if (begun_) {
    plus_.push(std::fabs(bar.high - previous_low_));
    minus_.push(std::fabs(bar.low - previous_high_));
    range_.push(true_range(bar, previous_close_));
  }
  previous_high_ = bar.high;
  previous_low_ = bar.low;
  previous_close_ = bar.close;
  begun_ = true;
}

std::optional<VortexValue> Vortex::value() const {
  if (!range_.full() || !(range_.value() > 0)) return std::nullopt;
  return VortexValue{plus_.value() / range_.value(), minus_.value() / range_.value()};
}

ParamResult<ElderRay> ElderRay::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return ElderRay(*Ema::make({.period = params.period}));
}

std::optional<ElderRayValue> ElderRay::value() const {
  const auto middle = ema_.value();
  if (!middle) return std::nullopt;
  return ElderRayValue{high_ - *middle, low_ - *middle};
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Choppiness);
PROM_BATCH_HERE(indicators::MassIndex);
PROM_BATCH_HERE(indicators::Vortex);
PROM_BATCH_HERE(indicators::ElderRay);
}  // namespace prom
