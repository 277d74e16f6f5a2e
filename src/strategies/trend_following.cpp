// The rare half of trend_following: what happens at a cross. One owner at a time.
#include "strategies/trend_following.h"

#include <bit>
#include <cstring>

namespace prom::strategies {
namespace {

/// Two doubles side by side: one instruction steps both, and each has the bits that it would have alone.
using Pair = double __attribute__((vector_size(16)));
using PairBits = std::int64_t __attribute__((vector_size(16)));

Pair two_from(const double* from) {
  Pair pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}
Pair without_sign(Pair x) { return std::bit_cast<Pair>(std::bit_cast<PairBits>(x) & INT64_MAX); }
Pair larger(Pair a, Pair b) { return a < b ? b : a; }

}  // namespace

/// Takes bars [i, to) four at a time, up to and including the first after which the averages stand on the other side; what is left over is fewer than four.
/// Bar i - 1 was the last that the averages saw. The operators' own steps, so the bits are the same; the chain from one bar to the next is all that it waits for.
TrendFollowing::Fours TrendFollowing::run_fours(const BarColumns& bars, std::size_t i, std::size_t to, Averages& at) const {
  const double* close = bars.close_f.data();
  const double* high = bars.high_f.data();
  const double* low = bars.low_f.data();
  const Pair alpha = {fast_.alpha(), slow_.alpha()};
  const PairBits flip = PairBits{} + (side_ > 0 ? 0 : INT64_MIN);  // a spread on the other side has its sign set after this
  Pair averages = {at.fast, at.slow};
  double range = at.range;
  const auto ranges_of = [&](std::size_t k) {
    const Pair top = two_from(high + k), bottom = two_from(low + k), previous = two_from(close + k - 1);
    return larger(top - bottom, larger(without_sign(top - previous), without_sign(bottom - previous)));
  };
  const auto spreads = [](Pair a, Pair b) { return __builtin_shufflevector(a, b, 0, 2) - __builtin_shufflevector(a, b, 1, 3); };
  for (; i + 4 <= to; i += 4) {
    __builtin_prefetch(bars.open_time_ns.data() + i + 64);  // of the bar of a cross it will be asked
    const Pair a = averages + (close[i] - averages) * alpha;
    const Pair b = a + (close[i + 1] - a) * alpha;
    const Pair c = b + (close[i + 2] - b) * alpha;
    const Pair d = c + (close[i + 3] - c) * alpha;
    const Pair first = ranges_of(i), second = ranges_of(i + 2);
    const double ra = atr_.next(range, first[0]), rb = atr_.next(ra, first[1]), rc = atr_.next(rb, second[0]), rd = atr_.next(rc, second[1]);
    const Pair ab = spreads(a, b), cd = spreads(c, d);
    const PairBits turned = (std::bit_cast<PairBits>(ab) ^ flip) | (std::bit_cast<PairBits>(cd) ^ flip);
    if ((turned[0] | turned[1]) < 0) [[unlikely]] {  // perhaps: equal averages have a sign too
      const Pair after[] = {a, b, c, d};
      const double range_after[] = {ra, rb, rc, rd}, spread[] = {ab[0], ab[1], cd[0], cd[1]};
      for (std::size_t k = 0; k < 4; ++k) {
        if (side_ > 0 ? !(spread[k] < 0) : !(spread[k] > 0)) continue;
        at = {after[k][0], after[k][1], range_after[k]};
        return {i + k + 1, -side_};
      }
    }
    averages = d;
    range = rd;
  }
  at = {averages[0], averages[1], range};
  return {i, side_};
}

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
  Averages at{fast_.value(), slow_.value(), atr_.value()};
  double previous = atr_.previous_close();
  std::int64_t side = side_;
  while (i < to && side == side_) {
    if (i > 0 && close[i - 1] == previous) {
      const Fours fours = run_fours(bars, i, to, at);
      i = fours.next;
      side = fours.side;
      previous = close[i - 1];
      if (i == to || side != side_) break;
    }
    const double x = close[i];
    at.fast = fast_.next(at.fast, x);
    at.slow = slow_.next(at.slow, x);
    at.range = atr_.next(at.range, previous, bars.high_f[i], bars.low_f[i]);
    previous = x;
    const double spread = at.fast - at.slow;
    side = spread > 0 ? 1 : spread < 0 ? -1 : side_;
    ++i;
  }
  fast_.set_value(at.fast);
  slow_.set_value(at.slow);
  atr_.set(at.range, previous);
  bars_.pass_through(bars.open_time_ns[i - 1]);
  if (side == side_) return to;
  signal = turn(side, previous);
  return signal != Signal::none ? i : run(bars, i, to, context, signal);
}

SignalIntent TrendFollowing::intent() const {
  const auto& w = last_.why;
  const std::string_view text = last_.kind() == Signal::go_long ? "EMA({}) {} passed above EMA({}) {}: the trend has turned up."
                                                                : "EMA({}) {} passed below EMA({}) {}: the trend has turned down.";
  return intent_of(last_, fill_in(text, {w[2], w[0], w[3], w[1]}));
}

}  // namespace prom::strategies
