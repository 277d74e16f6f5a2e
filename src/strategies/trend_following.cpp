// The rare half of trend_following: what happens at a cross. One owner at a time.
#include "strategies/trend_following.h"

#include <bit>

#include "strategies/trend_pairs.h"

namespace prom::strategies {
/// Takes bars [i, to) four at a time, up to and including the first after which the averages stand on the other side; what is left over is fewer than four.
/// Bar i - 1 was the last that the averages saw. The operators' own steps, so the bits are the same; the chain from one bar to the next is all that it waits for.
TrendFollowing::Fours TrendFollowing::run_fours(const BarColumns& bars, std::size_t i, std::size_t to, Averages& at) const {
  const double* close = bars.close_f.data();
  const double* high = bars.high_f.data();
  const double* low = bars.low_f.data();
  const Pair alpha = {fast_.alpha(), slow_.alpha()};
  const PairBits flip = flip_of(side_);
  Pair averages = {at.fast, at.slow};
  double range = at.range;
  for (; i + 4 <= to; i += 4) {
    __builtin_prefetch(bars.open_time_ns.data() + i + 64);  // of the bar of a cross it will be asked
    const Pair a = averages + (close[i] - averages) * alpha;
    const Pair b = a + (close[i + 1] - a) * alpha;
    const Pair c = b + (close[i + 2] - b) * alpha;
    const Pair d = c + (close[i + 3] - c) * alpha;
    const Pair first = true_ranges(high, low, close, i), second = true_ranges(high, low, close, i + 2);
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

/// Whether a block holds bar `i`, as reached by what the averages are now; works one out where that gains something.
bool TrendFollowing::has_block(const BarColumns& bars, std::size_t i) {
  const TrendBlock::Point before{fast_.value(), slow_.value(), atr_.value()};
  if (block_.holds(i, before)) return true;
  const bool follows = i > 0 && bars.close_f[i - 1] == atr_.previous_close();
  return follows && block_.work_out(bars, i, before, fast_, slow_, atr_);
}

void TrendFollowing::stand_after(const BarColumns& bars, std::size_t bar) {
  const TrendBlock::Point after = block_.after(bar);
  stand({after.fast, after.slow, after.range}, bars.close_f[bar]);
}

/// Bars [i, to) as far as blocks are worked out ahead, up to and including the first that gives a signal.
std::size_t TrendFollowing::run_blocks(const BarColumns& bars, std::size_t i, std::size_t to, Signal& signal) {
  const std::size_t from = i;
  while (i < to && signal == Signal::none && has_block(bars, i)) {
    const std::size_t end = std::min(to, block_.end());
    const std::size_t turned = block_.next_turn(i, end, side_);
    const std::size_t last = std::min(turned, end - 1);
    stand_after(bars, last);
    i = last + 1;
    if (turned != end) signal = turn(-side_, bars.close_f[last]);
  }
  if (i != from) bars_.pass_through(bars.open_time_ns[i - 1]);
  return i;
}

/// The same through all signals. Of what turn() keeps only the last lasts, so that it is asked for no other.
std::size_t TrendFollowing::run_through_blocks(const BarColumns& bars, std::size_t i, std::size_t to, std::vector<SignalAt>& signals) {
  const std::size_t from = i;
  while (i < to && has_block(bars, i)) {
    const std::size_t end = std::min(to, block_.end());
    std::size_t kept = end;  // the last bar that gave a signal
    std::int64_t side = side_;
    while ((i = block_.next_turn(i, end, side)) != end) {
      side = -side;
      const double close = bars.close_f[i];
      if (side < 0 || stop_from(Signal::go_long, close, params_.stop_atr * block_.after(i).range) > 0) {
        kept = i;
        signals.push_back({i, side > 0 ? Signal::go_long : Signal::go_flat});
      }
      ++i;
    }
    if (kept != end) {
      stand_after(bars, kept);
      [[maybe_unused]] const Signal again = turn(signals.back().signal == Signal::go_long ? 1 : -1, bars.close_f[kept]);
    }
    side_ = side;
    stand_after(bars, end - 1);
  }
  if (i != from) bars_.pass_through(bars.open_time_ns[i - 1]);
  return i;
}

void TrendFollowing::run_through(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, std::vector<SignalAt>& signals) {
  std::size_t i = from;
  if (block_.relies_on(bars) && flows(context)) i = run_through_blocks(bars, i, to, signals);
  StrategyBase::run_through(bars, i, to, context, signals);
}

std::size_t TrendFollowing::run(const BarColumns& bars, std::size_t from, std::size_t to, const StrategyContext& context, Signal& signal) {
  std::size_t i = from;
  // Until everything is warm, and where base bars are gathered into longer ones: bar by bar.
  while (i < to && !flows(context)) {
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
  if (block_.relies_on(bars) && to - i >= 4) {
    i = run_blocks(bars, i, to, signal);
    if (i == to || signal != Signal::none) return i;
  }
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
  stand(at, previous);
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
