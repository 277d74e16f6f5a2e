// Oscillators. Pure, any thread.
#include "analysis/indicators/oscillators.h"

#include <algorithm>
#include <cmath>

namespace prom::indicators {

ParamResult<Aroon> Aroon::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Aroon(static_cast<std::size_t>(params.period));
}

std::optional<AroonValue> Aroon::value() const {
  if (!high_.full() || std::isnan(high_.value()) || std::isnan(low_.value())) return std::nullopt;
  AroonValue row;
  row.up = 100.0 * (period_ - static_cast<double>(high_.age())) / period_;
  row.down = 100.0 * (period_ - static_cast<double>(low_.age())) / period_;
  row.oscillator = row.up - row.down;
  return row;
}

ParamResult<Awesome> Awesome::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Awesome(*Sma::make({params.fast}), *Sma::make({params.slow}));
}

std::optional<double> Awesome::value() const {
  const auto slow = slow_.value();
  if (!slow) return std::nullopt;
  return *fast_.value() - *slow;
}

ParamResult<WilliamsR> WilliamsR::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return WilliamsR(static_cast<std::size_t>(params.period));
}

std::optional<double> WilliamsR::value() const {
  if (!high_.full()) return std::nullopt;
  const double range = high_.value() - low_.value();
  return range == 0 ? -50.0 : -100.0 * ((high_.value() - close_) / range);
}

ParamResult<Trix> Trix::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Trix(*Ema::make({.period = params.period}));
}

void Trix::update(double x) {
  first_.update(x);
  const auto once = first_.value();
  if (!once) return;
  second_.update(*once);
  const auto twice = second_.value();
  if (!twice) return;
  const auto before = third_.value();
  third_.update(*twice);
  if (!before) return;
  change_.reset();
  if (*before != 0) change_ = 100.0 * (*third_.value() / *before - 1.0);
}

ParamResult<Tsi> Tsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("long_period", params.long_period));
  PROM_CHECK_PARAM(bad_period("short_period", params.short_period));
  PROM_CHECK_PARAM(bad_period("signal", params.signal));
  return Tsi(*Ema::make({.period = params.long_period}), *Ema::make({.period = params.short_period}), *Ema::make({.period = params.signal}));
}

void Tsi::update(double x) {
  const auto previous = previous_;
  previous_ = x;
  if (!previous) return;
  const double change = x - *previous;
  change_slow_.update(change);
  size_slow_.update(std::fabs(change));
  const auto slow = change_slow_.value();
  if (!slow) return;
  change_.update(*slow);
  size_.update(*size_slow_.value());
  const auto both = change_.value();
  if (!both) return;
  tsi_ = *size_.value() == 0 ? 0.0 : 100.0 * (*both / *size_.value());
  signal_.update(tsi_);
}

std::optional<TsiValue> Tsi::value() const {
  if (!change_.value()) return std::nullopt;
  return TsiValue{tsi_, signal_.value().value_or(kMissing)};
}

ParamResult<Ultimate> Ultimate::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("medium", params.medium));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.medium));
  PROM_CHECK_PARAM(not_below("medium", params.medium, params.slow));
  return Ultimate(params);
}

void Ultimate::update(const OhlcvBar& bar) {
  const auto previous = previous_close_;
  previous_close_ = bar.close;
  if (!previous) return;
  const double low = std::min(bar.low, *previous), high = std::max(bar.high, *previous);
  for (Span* span : {&fast_, &medium_, &slow_}) {
    span->pressure.push(bar.close - low);
    span->range.push(high - low);
  }
}

std::optional<double> Ultimate::value() const {
  if (!slow_.range.full()) return std::nullopt;
  return 100.0 * ((4.0 * fast_.ratio() + 2.0 * medium_.ratio() + slow_.ratio()) / 7.0);
}

ParamResult<StochRsi> StochRsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("rsi_period", params.rsi_period));
  PROM_CHECK_PARAM(bad_period("stoch_period", params.stoch_period));
  auto stochastic = Stochastic::make({params.stoch_period, params.k_smooth, params.d_period});
  if (!stochastic) return std::unexpected(stochastic.error());
  return StochRsi(*Rsi::make({params.rsi_period}), std::move(*stochastic));
}

void StochRsi::update(double x) {
  rsi_.update(x);
  if (const auto rsi = rsi_.value()) stochastic_.update({0, *rsi, *rsi, *rsi, *rsi, 0, std::nullopt});
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Aroon);
PROM_BATCH_HERE(indicators::Awesome);
PROM_BATCH_HERE(indicators::WilliamsR);
PROM_BATCH_HERE(indicators::Trix);
PROM_BATCH_HERE(indicators::Tsi);
PROM_BATCH_HERE(indicators::Ultimate);
PROM_BATCH_HERE(indicators::StochRsi);
}  // namespace prom
