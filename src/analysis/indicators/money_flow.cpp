// Price and volume together. Pure, any thread.
#include "analysis/indicators/money_flow.h"

#include <algorithm>
#include <cmath>

namespace prom::indicators {

double money_flow_multiplier(const OhlcvBar& bar) {
  const double range = bar.high - bar.low;
  return range == 0 ? 0.0 : ((bar.close - bar.low) - (bar.high - bar.close)) / range;
}

ParamResult<AccumulationDistribution> AccumulationDistribution::make(const Params&) { return AccumulationDistribution(); }

ParamResult<ChaikinOscillator> ChaikinOscillator::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return ChaikinOscillator(*AccumulationDistribution::make({}), *Ema::make({params.fast, params.seed}), *Ema::make({params.slow, params.seed}), params.slow);
}

void ChaikinOscillator::update(const OhlcvBar& bar) {
  line_.update(bar);
  fast_.update(*line_.value());
  slow_.update(*line_.value());
  if (to_come_ > 0) --to_come_;
}

std::optional<double> ChaikinOscillator::value() const {
  if (to_come_ > 0) return std::nullopt;
  return *fast_.value() - *slow_.value();
}

ParamResult<Cmf> Cmf::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Cmf(static_cast<std::size_t>(params.period));
}

std::optional<double> Cmf::value() const {
  if (!volume_.full() || !(volume_.value() > 0)) return std::nullopt;
  return std::clamp(flow_.value() / volume_.value(), -1.0, 1.0);
}

ParamResult<Mfi> Mfi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Mfi(static_cast<std::size_t>(params.period));
}

void Mfi::update(const OhlcvBar& bar) {
  const double price = typical_price(bar), flow = price * bar.volume;
  const auto previous = previous_;
  previous_ = price;
  if (!previous) return;
  const double change = price - *previous;
  up_.push(change > 0 ? flow : change <= 0 ? 0.0 : kMissing);
  down_.push(change < 0 ? flow : 0.0);
}

std::optional<double> Mfi::value() const {
  if (!up_.full()) return std::nullopt;
  const double flowed = up_.value() + down_.value();
  return flowed == 0 ? 50.0 : 100.0 * (up_.value() / flowed);
}

ParamResult<ForceIndex> ForceIndex::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return ForceIndex(*Ema::make({.period = params.period}));
}

void ForceIndex::update(const OhlcvBar& bar) {
  const auto previous = previous_close_;
  previous_close_ = bar.close;
  if (previous) ema_.update((bar.close - *previous) * bar.volume);
}

ParamResult<Klinger> Klinger::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(bad_period("signal", params.signal));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Klinger(*Ema::make({.period = params.fast}), *Ema::make({.period = params.slow}), *Ema::make({.period = params.signal}));
}

void Klinger::update(const OhlcvBar& bar) {
  const double price = bar.high + bar.low + bar.close, range = bar.high - bar.low;
  const double trend = price > price_ ? 1.0 : -1.0;
  if (seen_ >= 2) {
    reach_ = (trend == trend_ ? reach_ : range_) + range;
    const double force = reach_ == 0 ? 0.0 : bar.volume * std::fabs(2.0 * (range / reach_ - 1.0)) * trend * 100.0;
    fast_.update(force);
    slow_.update(force);
    if (const auto slow = slow_.value()) signal_.update(*fast_.value() - *slow);
  }
  price_ = price;
  range_ = range;
  if (seen_ > 0) trend_ = trend;
  if (seen_ < 2) ++seen_;
}

std::optional<KlingerValue> Klinger::value() const {
  const auto slow = slow_.value();
  if (!slow) return std::nullopt;
  return KlingerValue{*fast_.value() - *slow, signal_.value().value_or(kMissing)};
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::AccumulationDistribution);
PROM_BATCH_HERE(indicators::ChaikinOscillator);
PROM_BATCH_HERE(indicators::Cmf);
PROM_BATCH_HERE(indicators::Mfi);
PROM_BATCH_HERE(indicators::ForceIndex);
PROM_BATCH_HERE(indicators::Klinger);
}  // namespace prom
