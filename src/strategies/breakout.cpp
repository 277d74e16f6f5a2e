// Channel decisions of breakout. One owner at a time.
#include "strategies/breakout.h"

namespace prom::strategies {

namespace {

double highest(std::span<const double> x) { return *std::max_element(x.begin(), x.end()); }
double lowest(std::span<const double> x) { return *std::min_element(x.begin(), x.end()); }

}  // namespace

Breakout::Breakout(const Params& params) : params_(params), bars_(params.timeframe), highs_(params.entry), lows_(params.entry), atr_(params.atr_period) {}

std::int64_t Breakout::warm_up_bars() const { return std::max(params_.entry, params_.atr_period) + 1; }

Signal Breakout::on_bar(const StrategyBar& bar, const StrategyContext& context) {
  Signal signal = Signal::none;
  bars_.add(bar, context.base_interval, [&](const StrategyBar& closed) {
    const Signal decided = on_timeframe_bar(closed, context);
    if (decided != Signal::none) signal = decided;
  });
  return signal;
}

Signal Breakout::on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context) {
  atr_.update(bar.high, bar.low, bar.close);
  // The channel is that of the bars before this one.
  const Signal signal = highs_.full() && atr_.ready() ? decide(bar, context) : Signal::none;
  highs_.push(bar.high);
  lows_.push(bar.low);
  return signal;
}

Signal Breakout::decide(const StrategyBar& bar, const StrategyContext& context) {
  const double top = highest(highs_.values());
  const double bottom = lowest(lows_.values());
  const bool up = bar.close > top;
  const bool down = bar.close < bottom && context.shorting == Shorting::allowed;
  switch (context.held) {
    case Held::flat:
      if (up) return enter(Signal::go_long, bar.close, top);
      if (down) return enter(Signal::go_short, bar.close, bottom);
      return Signal::none;
    case Held::long_side: {
      const double floor = lowest(lows_.last(params_.exit));
      if (down) return enter(Signal::go_short, bar.close, bottom);
      return bar.close < floor ? leave(bar.close, floor) : Signal::none;
    }
    case Held::short_side: {
      const double ceiling = highest(highs_.last(params_.exit));
      if (up) return enter(Signal::go_long, bar.close, top);
      return bar.close > ceiling ? leave(bar.close, ceiling) : Signal::none;
    }
  }
  PROM_UNREACHABLE();
}

Signal Breakout::enter(Signal side, double close, double level) {
  if (last_.enter(side, close, stop_from(side, close, params_.stop_atr * atr_.value())) == Signal::none) return Signal::none;
  last_.why = {close, level, static_cast<double>(params_.entry), 0};
  return side;
}

Signal Breakout::leave(double close, double level) {
  last_.fire(Signal::go_flat, close);
  last_.why = {close, level, static_cast<double>(params_.exit), 0};
  return Signal::go_flat;
}

SignalIntent Breakout::intent() const {
  const auto& w = last_.why;
  switch (last_.kind()) {
    case Signal::none: return {};
    case Signal::go_long: return intent_of(last_, fill_in("Close {} is above {}, the high of the last {} bars.", {w[0], w[1], w[2]}));
    case Signal::go_short: return intent_of(last_, fill_in("Close {} is below {}, the low of the last {} bars.", {w[0], w[1], w[2]}));
    case Signal::go_flat: return intent_of(last_, fill_in("Close {} has passed {}, the opposite extreme of the last {} bars.", {w[0], w[1], w[2]}));
  }
  PROM_UNREACHABLE();
}

}  // namespace prom::strategies
