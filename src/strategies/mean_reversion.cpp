// Band and RSI decisions of mean_reversion. One owner at a time.
#include "strategies/mean_reversion.h"

#include "analysis/kernels.h"

namespace prom::strategies {

MeanReversion::MeanReversion(const Params& params)
    : params_(params), bars_(params.timeframe), closes_(params.period), rsi_(params.rsi_period), atr_(params.atr_period) {}

std::int64_t MeanReversion::warm_up_bars() const { return std::max({params_.period, params_.rsi_period + 1, params_.atr_period + 1}); }

Signal MeanReversion::on_bar(const StrategyBar& bar, const StrategyContext& context) {
  Signal signal = Signal::none;
  bars_.add(bar, context.base_interval, [&](const StrategyBar& closed) {
    const Signal decided = on_timeframe_bar(closed, context);
    if (decided != Signal::none) signal = decided;
  });
  return signal;
}

Signal MeanReversion::on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context) {
  closes_.push(bar.close);
  rsi_.update(bar.close);
  atr_.update(bar.high, bar.low, bar.close);
  if (!closes_.full() || !rsi_.ready() || !atr_.ready()) return Signal::none;
  const double middle = mean_of(closes_.values());
  const double reach = params_.width * population_sd(closes_.values());
  const double rsi = rsi_.value();
  const double stop = params_.stop_atr * atr_.value();
  switch (context.held) {
    case Held::long_side:
      if (bar.close < middle) return Signal::none;
      last_.fire(Signal::go_flat, bar.close);
      break;
    case Held::short_side:
      if (bar.close > middle) return Signal::none;
      last_.fire(Signal::go_flat, bar.close);
      break;
    case Held::flat: {
      Signal entry = Signal::none;
      if (bar.close < middle - reach && rsi < params_.oversold) entry = Signal::go_long;
      if (context.shorting == Shorting::allowed && bar.close > middle + reach && rsi > 100.0 - params_.oversold) entry = Signal::go_short;
      if (entry == Signal::none || last_.enter(entry, bar.close, stop_from(entry, bar.close, stop)) == Signal::none) return Signal::none;
      break;
    }
  }
  last_.why = {bar.close, middle - reach, middle + reach, rsi};
  return last_.kind();
}

SignalIntent MeanReversion::intent() const {
  const auto& w = last_.why;
  switch (last_.kind()) {
    case Signal::none: return {};
    case Signal::go_long: return intent_of(last_, fill_in("Close {} is below the lower band {} and RSI {} says oversold.", {w[0], w[1], w[3]}));
    case Signal::go_short: return intent_of(last_, fill_in("Close {} is above the upper band {} and RSI {} says overbought.", {w[0], w[2], w[3]}));
    case Signal::go_flat: return intent_of(last_, fill_in("Close {} has returned to the middle {} of the band.", {w[0], (w[1] + w[2]) / 2}));
  }
  PROM_UNREACHABLE();
}

}  // namespace prom::strategies
