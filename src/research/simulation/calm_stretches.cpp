// Bars between events: while every instrument stays inside the prices that neither the engine nor the venue has to look at, bars are run through in one loop and
// booked together. Gives the state that playing each bar gives. One thread.
#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "research/simulation/simulation.h"

namespace prom {
namespace {

struct Limits {
  std::int64_t low, high, close_low, close_high;  // exclusive
};

/// Index of the first bar in [from, to) that is not strictly inside; `to` when all are. In blocks, so that the compiler compares several at once.
std::size_t first_outside(const BarColumns& bars, std::size_t from, std::size_t to, const Limits& limits) {
  const std::int64_t* low = bars.low.data();
  const std::int64_t* high = bars.high.data();
  const std::int64_t* close = bars.close.data();
  const auto outside = [&](std::size_t i) {
    return (low[i] <= limits.low) | (high[i] >= limits.high) | (close[i] <= limits.close_low) | (close[i] >= limits.close_high);
  };
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

/// The bar at the horizon will be played in full, with columns that the stretch before it does not touch: their memory is asked for now.
void fetch_ahead(const BarColumns& bars, std::size_t end) {
  if (end >= bars.size()) return;
  for (const auto* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume, &bars.open_time_ns}) __builtin_prefetch(column->data() + end);
  for (const auto* column : {&bars.open_f, &bars.volume_f}) __builtin_prefetch(column->data() + end);
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
      lanes_.push_back({s, cursor.next, cursor.next, cursor.next, cursor.next, &bars, decider, {}});
      continue;
    }
    const std::size_t most = static_cast<std::size_t>((ahead - 1) / data_.interval.ns) + 1;
    std::size_t end = cursor.next + std::min(most, bars.size() - cursor.next);
    while (bars.open_time_ns[end - 1] >= horizon.ns) --end;
    fetch_ahead(bars, end);
    const InstrumentIx ix{static_cast<std::uint16_t>(s)};
    const SimVenue::UntouchedRange venue = venue_->untouched(ix);
    const CalmBand band = engine.calm_band(ix);
    const Limits limits{std::max(venue.low, band.low), std::min(venue.high, band.high), band.peak_low, band.peak_high};
    const bool bounded = limits.low != INT64_MIN || limits.high != INT64_MAX || limits.close_low != INT64_MIN || limits.close_high != INT64_MAX;
    if (bounded) end = first_outside(bars, cursor.next, end, limits);
    lanes_.push_back({s, cursor.next, cursor.next, cursor.next, end, &bars, decider, band});
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
    calm.highest.v = *std::max_element(bars.high.begin() + static_cast<std::ptrdiff_t>(lane.from), bars.high.begin() + static_cast<std::ptrdiff_t>(lane.next));
    calm.lowest.v = *std::min_element(bars.low.begin() + static_cast<std::ptrdiff_t>(lane.from), bars.low.begin() + static_cast<std::ptrdiff_t>(lane.next));
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

/// Shows the deciders the bars that were taken, lane by lane, up to the first that finds a cause.
Simulation::Lane* Simulation::ask_lanes() {
  for (Lane& lane : lanes_) {
    if (lane.asked == lane.next) continue;
    const std::size_t from = std::exchange(lane.asked, lane.next);
    if (lane.decider != nullptr && lane.decider->run(*lane.bars, from, lane.next).cause == BarDecider::Cause::found) return &lane;
  }
  return nullptr;
}

/// The lanes in step: at each instant every lane with a bar there takes it, then the deciders are asked. Returns the lane whose decider found a cause, null when
/// no lane may go on.
Simulation::Lane* Simulation::run_lanes() {
  std::int64_t stop = INT64_MAX;
  for (const Lane& lane : lanes_)
    if (lane.end < lane.bars->size()) stop = std::min(stop, lane.bars->open_time_ns[lane.end]);
  for (;;) {
    if (Lane* found = ask_lanes()) return found;
    std::int64_t now = stop;
    for (const Lane& lane : lanes_)
      if (lane.next < lane.end) now = std::min(now, lane.bars->open_time_ns[lane.next]);
    if (now == stop) return nullptr;
    for (Lane& lane : lanes_)
      if (lane.next < lane.end && lane.bars->open_time_ns[lane.next] == now) ++lane.next;
  }
}

/// One stretch, up to the first bar that must be played (false) or the first proposal that changes anything (true: another stretch may follow).
std::expected<bool, ShardError> Simulation::play_stretch() {
  if (venue_->next_delivery() != kNever) return false;
  const TimeNs due = std::min({next_equity_, has_desk_ ? next_desk_ : kNever, shard_.state().next_due});
  if (due.ns <= data_.interval.ns) return false;
  if (!open_lanes(std::min(next_funding_, due - data_.interval)) || lanes_.empty()) return false;
  const std::uint64_t generation = shard_.engine().calm_generation();
  for (;;) {
    Lane* found = nullptr;
    if (lanes_.size() == 1) {
      Lane& lane = lanes_.front();
      BarDecider::Ran ran{lane.end, BarDecider::Cause::none};
      if (lane.decider != nullptr && lane.next < lane.end) ran = lane.decider->run(*lane.bars, lane.next, lane.end);
      lane.next = lane.asked = ran.next;
      if (ran.cause == BarDecider::Cause::found) found = &lane;
    } else {
      found = run_lanes();
    }
    book_lanes();
    if (found == nullptr) return false;  // every lane is at its end
    const TimeNs now = TimeNs{found->bars->open_time_ns[found->next - 1]} + data_.interval;
    if (auto done = post(found->decider->propose(shard_.state()), now); !done) return std::unexpected(std::move(done.error()));
    // A proposal that was denied changes nothing: the stretch goes on.
    if (shard_.engine().calm_generation() == generation && venue_->next_delivery() == kNever && found->decider->begin(shard_.state())) continue;
    for (Lane& lane : lanes_)
      if (lane.asked != lane.next)
        if (auto done = run_strategies(lane.series, lane.next - 1, now); !done) return std::unexpected(std::move(done.error()));
    return true;
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
