// Bars between events: while every instrument stays inside the prices that neither the engine nor the venue has to look at, bars are run through in one loop and
// booked together. Gives the state that playing each bar gives. One thread.
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "engine/risk/risk_engine.h"
#include "research/simulation/lane_bars.h"
#include "research/simulation/simulation.h"

namespace prom {
namespace {

struct Limits {
  std::int64_t low, high, close_low, close_high;  // exclusive
};

/// Index of the first bar in [from, to) whose value of one column is not strictly between the limits; `to` when all are. In blocks, so that the compiler
/// compares several at once.
std::size_t first_outside(const std::vector<std::int64_t>& column, std::size_t from, std::size_t to, std::int64_t low, std::int64_t high) {
  if (low == INT64_MIN && high == INT64_MAX) return to;
  const std::int64_t* x = column.data();
  const auto outside = [&](std::size_t i) { return (x[i] <= low) | (x[i] >= high); };
  constexpr std::size_t kBlock = 16;
  std::size_t i = from;
  for (; i + kBlock <= to; i += kBlock) {
    bool any = false;
    for (std::size_t k = 0; k < kBlock; ++k) any |= outside(i + k);
    if (any) break;
  }
  while (i < to && !outside(i)) ++i;
  return i;
}

/// Index of the first bar in [from, to) that is not strictly inside; `to` when all are. Columns without limits are not read.
std::size_t first_outside(const BarColumns& bars, std::size_t from, std::size_t to, const Limits& limits) {
  to = first_outside(bars.low, from, to, limits.low, INT64_MAX);
  to = first_outside(bars.high, from, to, INT64_MIN, limits.high);
  return first_outside(bars.close, from, to, limits.close_low, limits.close_high);
}

/// The largest and the smallest of [from, to), which is not empty; in plain loops, which the compiler turns into comparisons of several at once.
std::int64_t largest(const std::vector<std::int64_t>& column, std::size_t from, std::size_t to) {
  std::int64_t out = column[from];
  for (std::size_t i = from; i < to; ++i) out = std::max(out, column[i]);
  return out;
}
std::int64_t smallest(const std::vector<std::int64_t>& column, std::size_t from, std::size_t to) {
  std::int64_t out = column[from];
  for (std::size_t i = from; i < to; ++i) out = std::min(out, column[i]);
  return out;
}

}  // namespace

bool Simulation::open_lanes(TimeNs horizon) {
  lanes_.clear();
  Engine& engine = shard_.engine();
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    const Cursor& cursor = cursors_[s];
    const BarColumns& bars = data_.series[s].bars;
    if (cursor.next >= bars.size()) continue;
    BarDecider* decider = cursor.pairs.empty() ? nullptr : config_.pairs[cursor.pairs.front()].strategy.get();
    if (cursor.pairs.size() > 1 || (decider != nullptr && !decider->begin(shard_.state()))) return false;
    // Bars that open before the horizon: at most one an interval, fewer where there are gaps.
    const std::int64_t ahead = horizon.ns - bars.open_time_ns[cursor.next];
    if (ahead <= 0) {
      lanes_.push_back(
          {.series = s, .from = cursor.next, .next = cursor.next, .asked = cursor.next, .end = cursor.next, .bars = &bars, .decider = decider, .band = {}});
      look_ahead(lanes_.back());
      continue;
    }
    const std::size_t most = static_cast<std::size_t>((ahead - 1) / data_.interval.ns) + 1;
    std::size_t end = cursor.next + std::min(most, bars.size() - cursor.next);
    while (bars.open_time_ns[end - 1] >= horizon.ns) --end;
    fetch_ahead(bars, end, bars_between_samples());
    const InstrumentIx ix{static_cast<std::uint16_t>(s)};
    const SimVenue::UntouchedRange venue = venue_->untouched(ix);
    const CalmBand band = engine.calm_band(ix);
    const Limits limits{std::max(venue.low, band.low), std::min(venue.high, band.high), band.peak_low, band.peak_high};
    const bool bounded = limits.low != INT64_MIN || limits.high != INT64_MAX || limits.close_low != INT64_MIN || limits.close_high != INT64_MAX;
    if (bounded) {
      end = first_outside(bars, cursor.next, end, limits);
      fetch_ahead(bars, end);
    }
    lanes_.push_back(
        {.series = s, .from = cursor.next, .next = cursor.next, .asked = cursor.next, .end = end, .bars = &bars, .decider = decider, .band = band});
    look_ahead(lanes_.back());
  }
  return true;
}

void Simulation::book_lane(Lane& lane) {
  if (lane.next == lane.from) return;
  const BarColumns& bars = *lane.bars;
  const InstrumentIx ix{static_cast<std::uint16_t>(lane.series)};
  const std::size_t last = lane.next - 1;
  Engine::CalmBars calm;
  calm.count = lane.next - lane.from;
  calm.high = calm.highest = {bars.high[last]};
  calm.low = calm.lowest = {bars.low[last]};
  calm.close = {bars.close[last]};
  calm.closed_at = TimeNs{bars.open_time_ns[last]} + data_.interval;
  if (!shard_.state().holders[ix.v].empty()) {
    calm.highest.v = largest(bars.high, lane.from, lane.next);
    calm.lowest.v = smallest(bars.low, lane.from, lane.next);
  }
  venue_->pass_bars(ix, TimeNs{bars.open_time_ns[last]}, data_.interval, calm.close);
  shard_.engine().take_calm_bars(ix, calm);
  cursors_[lane.series].next = lane.next;
  lane.from = lane.next;
  bars_done_ += calm.count;
}

void Simulation::book_lanes() {
  // Only a close beyond the band's inner limits can have raised the equity peak; then every close is looked at.
  const auto may_have_peaked = [](const Lane& lane) {
    if (lane.next == lane.from || (lane.band.close_low == INT64_MIN && lane.band.close_high == INT64_MAX)) return false;
    const auto closes = std::span(lane.bars->close).subspan(lane.from, lane.next - lane.from);
    return std::any_of(closes.begin(), closes.end(), [&](std::int64_t c) { return c <= lane.band.close_low || c >= lane.band.close_high; });
  };
  if (std::any_of(lanes_.begin(), lanes_.end(), may_have_peaked)) {
    std::vector<ClosePath> paths;
    for (const Lane& lane : lanes_) {
      const std::size_t count = lane.next - lane.from;
      if (shard_.state().holders[lane.series].empty()) continue;
      paths.push_back({InstrumentIx{static_cast<std::uint16_t>(lane.series)}, std::span(lane.bars->open_time_ns).subspan(lane.from, count),
                       std::span(lane.bars->close).subspan(lane.from, count)});
    }
    shard_.engine().settle_peaks(paths);
  }
  for (Lane& lane : lanes_) book_lane(lane);
}

/// The lanes in step: up to the next instant at which a decider may have a cause every lane takes its bars, then the deciders are asked. Returns the lane whose
/// decider found a cause, null when no lane may go on.
Simulation::Lane* Simulation::run_lanes() {
  std::int64_t stop = INT64_MAX;
  bool all_ahead = true;
  for (const Lane& lane : lanes_) {
    if (lane.end < lane.bars->size()) stop = std::min(stop, lane.bars->open_time_ns[lane.end]);
    all_ahead &= lane.ahead;
  }
  for (;;) {
    if (Lane* found = ask_lanes()) return found;
    std::int64_t now = stop - 1;
    if (all_ahead) {
      for (const Lane& lane : lanes_) now = std::min(now, lane.cause_at);
    } else {
      for (const Lane& lane : lanes_)
        if (lane.next < lane.end) now = std::min(now, lane.bars->open_time_ns[lane.next]);
    }
    bool went = false;
    for (Lane& lane : lanes_) {
      const std::size_t next = first_after(*lane.bars, lane.next, lane.end, now, data_.interval.ns);
      went |= next != lane.next;
      lane.next = next;
    }
    if (!went) return nullptr;
  }
}

/// A single lane needs no step: its decider runs through all of it, or has done so.
Simulation::Lane* Simulation::run_only_lane() {
  Lane& lane = lanes_.front();
  Cursor& cursor = cursors_[lane.series];
  BarDecider::Ran ran{lane.end, BarDecider::Cause::none};
  if (lane.ahead) {
    if (cursor.cause == BarDecider::Cause::found && cursor.asked <= lane.end) ran = {cursor.asked, cursor.cause};
  } else if (lane.next < lane.end) {
    ran = lane.decider->run(*lane.bars, lane.next, lane.end);
    cursor.asked = ran.next;
  }
  lane.next = lane.asked = ran.next;
  return ran.cause == BarDecider::Cause::found ? &lane : nullptr;
}

/// Whether nothing is held and no order is under way, of whatever instrument.
bool Simulation::all_idle() const {
  for (std::size_t s = 0; s < cursors_.size(); ++s)
    if (!shard_.state().holders[s].empty() || !venue_->is_idle(InstrumentIx{static_cast<std::uint16_t>(s)})) return false;
  return true;
}

/// Whether the bars at the horizon, which close when a timer is due, concern the engine's clocks alone: nobody holds or waits for anything, and no decider has a
/// cause.
bool Simulation::only_clocks(TimeNs due) const {
  const std::int64_t open = due.ns - data_.interval.ns;
  if (next_funding_.ns <= open || (has_desk_ && next_desk_ <= due)) return false;
  bool any = false;
  for (const Lane& lane : lanes_) {
    any |= lane.next < lane.bars->size() && lane.bars->open_time_ns[lane.next] == open;
    const bool stands_before = lane.next < lane.bars->size() && lane.bars->open_time_ns[lane.next] < open;
    if (stands_before || !lane.ahead || lane.cause_at <= open || lane.asked != lane.next) return false;
    if (!shard_.state().holders[lane.series].empty() || !venue_->is_idle(InstrumentIx{static_cast<std::uint16_t>(lane.series)})) return false;
  }
  return any;
}

/// Before a bar of which only_clocks() is true, the bars of a single lane are counted and no more: the prices that they leave behind are that bar's a moment later.
void Simulation::count_lane(Lane& lane) {
  const InstrumentIx ix{static_cast<std::uint16_t>(lane.series)};
  const MarketState& market = shard_.state().market[ix.v];
  if (lane.next == lane.from || market.known == Known::no) return book_lane(lane);
  Engine::CalmBars calm;
  calm.count = lane.next - lane.from;
  calm.high = calm.highest = market.high;
  calm.low = calm.lowest = market.low;
  calm.close = market.last;
  calm.closed_at = market.updated_at;
  shard_.engine().take_calm_bars(ix, calm);
  lane.from = lane.next;
  bars_done_ += calm.count;
}

/// The bars of which only_clocks() is true.
Simulation::Done Simulation::pass_due(TimeNs due) {
  const std::int64_t open = due.ns - data_.interval.ns;
  for (Lane& lane : lanes_) {
    const BarColumns& bars = *lane.bars;
    if (lane.next >= bars.size() || bars.open_time_ns[lane.next] != open) continue;
    const InstrumentIx ix{static_cast<std::uint16_t>(lane.series)};
    if (auto done = shard_.take_bar(ix, bars.at(lane.next), data_.interval, due); !done) return done;
    lane.from = lane.asked = ++lane.next;
    cursors_[lane.series].next = lane.next;
    ++bars_done_;
  }
  if (next_delivery() <= due) {
    lanes_.clear();  // what is answered may change anything
    if (auto done = deliver(due); !done) return done;
  }
  if (due >= next_equity_) sample_equity(due);
  return {};
}

/// Lanes without limits go on to the next horizon; false where a new stretch has to see about it.
std::expected<bool, ShardError> Simulation::extend_lanes() {
  const TimeNs due = next_timer();
  if (lanes_.empty() || next_delivery() != kNever || due.ns <= data_.interval.ns) return false;
  if (next_funding_ <= due - data_.interval) {
    // Where nobody holds anything, funding that is due before the next bar changes the calendar alone.
    const TimeNs open = next_open();
    if (next_funding_ <= open && open != kNever && all_idle()) {
      if (auto done = settle_funding(open); !done) return std::unexpected(std::move(done.error()));
    }
  }
  const std::int64_t horizon = std::min(next_funding_.ns, due.ns - data_.interval.ns);
  for (Lane& lane : lanes_) {
    lane.end = first_after(*lane.bars, lane.next, lane.bars->size(), horizon - 1, data_.interval.ns);
    fetch_ahead(*lane.bars, lane.end, bars_between_samples());
  }
  return true;
}

/// Takes a single lane, just extended, to the next bar of which only_clocks() is true, where that is plain after the bar before.
bool Simulation::reach_clocks_again() {
  Lane& lane = lanes_.front();
  const TimeNs due = next_timer();
  const std::int64_t open = due.ns - data_.interval.ns;
  if (lanes_.size() != 1 || lane.end >= lane.bars->size() || lane.bars->open_time_ns[lane.end] != open || lane.cause_at <= open) return false;
  if (next_funding_.ns <= open || (has_desk_ && next_desk_ <= due)) return false;
  lane.next = lane.asked = lane.end;
  count_lane(lane);
  return true;
}

/// When something else than a bar or a reply is due.
TimeNs Simulation::next_timer() const { return std::min({next_equity_, has_desk_ ? next_desk_ : kNever, shard_.state().next_due}); }

/// One stretch, up to the first bar that must be played (false) or the first proposal that changes anything (true: another stretch may follow).
std::expected<bool, ShardError> Simulation::play_stretch() {
  if (next_delivery() != kNever) return false;
  const TimeNs due = next_timer();
  if (due.ns <= data_.interval.ns) return false;
  if (!open_lanes(std::min(next_funding_, due - data_.interval)) || lanes_.empty()) return false;
  std::uint64_t generation = shard_.engine().calm_generation();
  for (;;) {
    Lane* found = lanes_.size() == 1 ? run_only_lane() : run_lanes();
    if (found != nullptr && forget_cause(*found)) {
      cursors_[found->series].cause = BarDecider::Cause::none;
      look_ahead(*found);
      continue;
    }
    const bool clocks = found == nullptr && only_clocks(next_timer());
    if (clocks && lanes_.size() == 1) {
      count_lane(lanes_.front());
    } else {
      book_lanes();
    }
    if (found == nullptr) {  // every lane is at its end
      if (!clocks) return false;
      do {
        if (auto done = pass_due(next_timer()); !done) return std::unexpected(std::move(done.error()));
        const auto extended = extend_lanes();
        if (!extended) return std::unexpected(extended.error());
        if (!*extended) return true;
      } while (reach_clocks_again());
      generation = shard_.engine().calm_generation();
      continue;
    }
    const TimeNs now = TimeNs{found->bars->open_time_ns[found->next - 1]} + data_.interval;
    cursors_[found->series].cause = BarDecider::Cause::none;
    fetch_ahead(*found->bars, found->next);
    count_barred(now, found->series);
    if (auto done = post(found->decider->propose(shard_.state()), now); !done) return std::unexpected(std::move(done.error()));
    // A proposal that was denied changes nothing: the stretch goes on.
    if (shard_.engine().calm_generation() == generation && next_delivery() == kNever && found->decider->begin(shard_.state())) {
      look_ahead(*found);
      continue;
    }
    for (Lane& lane : lanes_)
      if (lane.asked != lane.next && lane.decider != nullptr)
        if (auto done = run_strategies(lane.series, lane.next - 1, now); !done) return std::unexpected(std::move(done.error()));
    // Where an order waits for whatever price comes, the next bar is played: no need to look for a stretch before it.
    const SimVenue::UntouchedRange left = venue_->untouched(InstrumentIx{static_cast<std::uint16_t>(found->series)});
    return left.low < left.high;
  }
}

Simulation::Done Simulation::play_calm() {
  for (;;) {
    const auto went = play_stretch();
    if (!went) return std::unexpected(went.error());
    if (!*went) return {};
  }
}

}  // namespace prom
