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

SignalIntent TrendFollowing::intent() const {
  const auto& w = last_.why;
  const std::string_view text = last_.kind() == Signal::go_long ? "EMA({}) {} passed above EMA({}) {}: the trend has turned up."
                                                                : "EMA({}) {} passed below EMA({}) {}: the trend has turned down.";
  return intent_of(last_, fill_in(text, {w[2], w[0], w[3], w[1]}));
}

}  // namespace prom::strategies
