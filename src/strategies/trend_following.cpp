// The rare half of trend_following: what happens at a cross. One owner at a time.
#include "strategies/trend_following.h"

namespace prom::strategies {

Signal TrendFollowing::turn(std::int64_t side, double close) {
  const std::int64_t before = side_;
  side_ = side;
  // The first side is where the averages stand, not a cross. Without a range there is no stop, and without a stop no entry.
  if (before == 0) return Signal::none;
  if (side > 0) {
    if (!atr_.ready()) return Signal::none;
    const Signal entry = last_.enter(Signal::go_long, close, stop_from(Signal::go_long, close, params_.stop_atr * atr_.value()));
    if (entry == Signal::none) return entry;
  } else {
    last_.fire(Signal::go_flat, close);
  }
  last_.why = {fast_.value(), slow_.value(), static_cast<double>(params_.fast), static_cast<double>(params_.slow)};
  return last_.kind();
}

std::size_t TrendFollowing::run(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, Signal& signal) {
  std::size_t i = from;
  // Until everything is warm, and where base bars are gathered into longer ones: bar by bar.
  while (i < to && !(bars_.passes_through(context.base_interval) && slow_.ready() && atr_.ready() && side_ != 0)) {
    if (bars_.interval() != context.base_interval) {
      signal = Signal::none;
      i = bars_.gather(bars, i, to, context.base_interval, [&](const StrategyBar& closed) {
        const Signal decided = on_timeframe_bar(closed);
        if (decided != Signal::none) signal = decided;
      });
      if (signal != Signal::none) return i;
      continue;
    }
    i = StrategyBase::run(bars, i, i + 1, context, signal);
    if (signal != Signal::none) return i;
  }
  signal = Signal::none;
  if (i == to) return to;
  // The averages stay in registers; each step is that of the operators, so the bits are the same.
  const double* close = bars.close_f.data();
  double fast = fast_.value(), slow = slow_.value(), range = atr_.value(), previous = atr_.previous_close();
  std::int64_t side = side_;
  for (; i < to; ++i) {
    const double x = close[i];
    fast = fast_.next(fast, x);
    slow = slow_.next(slow, x);
    range = atr_.next(range, previous, bars.high_f[i], bars.low_f[i]);
    previous = x;
    const double spread = fast - slow;
    side = spread > 0 ? 1 : spread < 0 ? -1 : side_;
    if (side != side_) [[unlikely]]
      break;
  }
  fast_.set_value(fast);
  slow_.set_value(slow);
  atr_.set(range, previous);
  const std::size_t next = std::min(i + 1, to);
  bars_.pass_through(bars.open_time_ns[next - 1]);
  if (side == side_) return to;
  signal = turn(side, previous);
  return signal != Signal::none ? next : run(bars, next, to, context, signal);
}

SignalIntent TrendFollowing::intent() const {
  const auto& w = last_.why;
  const std::string_view text = last_.kind() == Signal::go_long ? "EMA({}) {} passed above EMA({}) {}: the trend has turned up."
                                                                : "EMA({}) {} passed below EMA({}) {}: the trend has turned down.";
  return intent_of(last_, fill_in(text, {w[2], w[0], w[3], w[1]}));
}

}  // namespace prom::strategies
