// Momentum and volatility decisions of vol_momentum. One owner at a time.
#include "strategies/vol_momentum.h"

#include "base/detmath.h"

namespace prom::strategies {

namespace {

constexpr double kYearNs = 365.25 * 24 * 3600 * 1e9;

Held wanted_position(std::int64_t side, Shorting shorting) {
  if (side > 0) return Held::long_side;
  return side < 0 && shorting == Shorting::allowed ? Held::short_side : Held::flat;
}

}  // namespace

VolMomentum::VolMomentum(const Params& params) : params_(params), bars_(params.timeframe), closes_(params.lookback + 1), atr_(params.atr_period) {}

std::int64_t VolMomentum::warm_up_bars() const { return std::max(params_.lookback, params_.atr_period) + 1; }

Signal VolMomentum::on_bar(const StrategyBar& bar, const StrategyContext& context) {
  Signal signal = Signal::none;
  bars_.add(bar, context.base_interval, [&](const StrategyBar& closed) {
    const Signal decided = on_timeframe_bar(closed, context);
    if (decided != Signal::none) signal = decided;
  });
  return signal;
}

void VolMomentum::add_return(double r) {
  // The first return starts both averages; afterwards the past weighs com / (1 + com).
  const double fresh = returns_ == 0 ? 1.0 : 1.0 / (1.0 + params_.vol_com);
  mean_ += (r - mean_) * fresh;
  square_ += (r * r - square_) * fresh;
  ++returns_;
}

double VolMomentum::annual_volatility() const {
  const double variance = std::max(square_ - mean_ * mean_, 0.0);
  return std::sqrt(variance * (kYearNs / static_cast<double>(params_.timeframe.ns)));
}

Signal VolMomentum::on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context) {
  if (!closes_.values().empty()) add_return(detmath::log(bar.close / closes_.values().back()));
  closes_.push(bar.close);
  atr_.update(bar.high, bar.low, bar.close);
  if (!closes_.full() || !atr_.ready()) return Signal::none;
  const double change = bar.close / closes_.values().front() - 1.0;
  const std::int64_t side = change > 0 ? 1 : change < 0 ? -1 : 0;
  const bool turned = side != side_;
  side_ = side;
  ++since_;
  if (!turned && since_ < params_.rebalance) return Signal::none;
  since_ = 0;
  const Held wanted = wanted_position(side, context.shorting);
  if (wanted == context.held) return Signal::none;
  if (wanted == Held::flat) {
    last_.fire(Signal::go_flat, bar.close);
  } else {
    const Signal entry = wanted == Held::long_side ? Signal::go_long : Signal::go_short;
    if (last_.enter(entry, bar.close, stop_from(entry, bar.close, params_.stop_atr * atr_.value())) == Signal::none) return Signal::none;
    const double volatility = annual_volatility();
    if (volatility > params_.target_vol) last_.size = params_.target_vol / volatility;
  }
  last_.why = {100.0 * change, static_cast<double>(params_.lookback), 100.0 * annual_volatility(), 100.0 * last_.size};
  return last_.kind();
}

SignalIntent VolMomentum::intent() const {
  const auto& w = last_.why;
  if (last_.kind() == Signal::none) return {};
  if (last_.kind() == Signal::go_flat) return intent_of(last_, fill_in("The return over {} bars is {} %: no position.", {w[1], w[0]}));
  return intent_of(last_,
                   fill_in("The return over {} bars is {} %; volatility is {} % a year, so {} % of the allowed risk is taken.", {w[1], w[0], w[2], w[3]}));
}

}  // namespace prom::strategies
