// Momentum oscillators. Pure, any thread.
#include "analysis/indicators/momentum.h"

#include <algorithm>
#include <cmath>

#include "analysis/kernels.h"

namespace prom::indicators {

ParamResult<Rsi> Rsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Rsi(params.period);
}

void Rsi::update(double x) {
  const double change = x - previous_;
  previous_ = x;
  if (++changes_ == 0) return;
  const double gain = std::max(change, 0.0), loss = std::max(-change, 0.0);
  if (changes_ <= period_) {
    gain_ += gain;
    loss_ += loss;
    if (changes_ == period_) {
      gain_ /= period_;
      loss_ /= period_;
    }
    return;
  }
  changes_ = static_cast<int>(period_) + 1;
  gain_ = (gain_ * (period_ - 1.0) + gain) / period_;
  loss_ = (loss_ * (period_ - 1.0) + loss) / period_;
}

std::optional<double> Rsi::value() const {
  if (changes_ < period_) return std::nullopt;
  const double moved = gain_ + loss_;
  return moved == 0 ? 50.0 : 100.0 * (gain_ / moved);
}

ParamResult<Stochastic> Stochastic::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("k_period", params.k_period));
  PROM_CHECK_PARAM(bad_period("k_smooth", params.k_smooth));
  PROM_CHECK_PARAM(bad_period("d_period", params.d_period));
  return Stochastic(params);
}

Stochastic::Stochastic(const Params& params)
    : high_(static_cast<std::size_t>(params.k_period)),
      low_(static_cast<std::size_t>(params.k_period)),
      raw_(static_cast<std::size_t>(params.k_smooth)),
      k_(static_cast<std::size_t>(params.d_period)) {}

void Stochastic::update(const OhlcvBar& bar) {
  high_.push(bar.high);
  low_.push(bar.low);
  if (!high_.full()) return;
  const double range = high_.value() - low_.value();
  raw_.push(range == 0 ? 50.0 : 100.0 * ((bar.close - low_.value()) / range));
  if (raw_.full()) k_.push(std::clamp(raw_.mean(), 0.0, 100.0));
}

std::optional<StochasticValue> Stochastic::value() const {
  if (!raw_.full()) return std::nullopt;
  StochasticValue row;
  row.k = k_.values().back();
  if (k_.full()) row.d = std::clamp(k_.mean(), 0.0, 100.0);
  return row;
}

ParamResult<Cci> Cci::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return Cci(static_cast<std::size_t>(params.period));
}

std::optional<double> Cci::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  const double origin = x.front(), offset = mean_offset(x), n = static_cast<double>(x.size());
  const double deviation = lane_sum(x.size(), [&](std::size_t i) { return std::fabs((x[i] - origin) - offset); }) / n;
  return deviation == 0 ? 0.0 : ((x.back() - origin) - offset) / (0.015 * deviation);
}

ParamResult<Roc> Roc::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Roc(static_cast<std::size_t>(params.period));
}

std::optional<double> Roc::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  if (x.front() == 0) return std::nullopt;
  return 100.0 * (x.back() / x.front() - 1.0);
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Rsi);
PROM_BATCH_HERE(indicators::Stochastic);
PROM_BATCH_HERE(indicators::Cci);
PROM_BATCH_HERE(indicators::Roc);
}  // namespace prom
