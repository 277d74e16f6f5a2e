// What the deciders of a calm stretch want: causes found ahead of the engine, those that come to nothing, and those that a breaker bars. One thread.
#include <utility>

#include "engine/risk/risk_engine.h"
#include "research/simulation/lane_bars.h"
#include "research/simulation/simulation.h"

namespace prom {

/// Where a breaker bars every opening until an instant and nothing is held or under way, whatever the decider wants before that comes to nothing. Nobody sees the
/// denials; that the proposals were made is counted when their time has come.
void Simulation::pass_barred(const Lane& lane, Cursor& cursor) {
  if (recorded_) return;
  const EngineState& state = shard_.state();
  const TimeNs until = RiskEngine::openings_barred_until(state, PairIx{static_cast<std::uint32_t>(cursor.pairs.front())});
  if (until <= state.now || !state.holders[lane.series].empty() || !venue_->is_idle(InstrumentIx{static_cast<std::uint16_t>(lane.series)})) return;
  // Bars that close before it: at that instant itself the breaker has resumed when the decider is asked.
  const std::size_t end = first_after(*lane.bars, cursor.asked, lane.bars->size(), until.ns - data_.interval.ns - 1, data_.interval.ns);
  if (cursor.asked == end) return;
  const std::size_t before = cursor.barred.size();
  const BarDecider::Ran ran = lane.decider->pass(state, *lane.bars, cursor.asked, end, cursor.barred);
  cursor.asked = ran.next;
  cursor.cause = ran.cause;
  barred_ += cursor.barred.size() - before;
}

/// Counts the barred openings of bars that closed before `now`, and at `now` of the series before this one: as if each had been proposed in its turn.
void Simulation::count_barred(TimeNs now, std::size_t series) {
  if (barred_ == 0) return;
  std::uint64_t n = 0;
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    Cursor& cursor = cursors_[s];
    const std::int64_t* open = data_.series[s].bars.open_time_ns.data();
    const std::int64_t last = now.ns - data_.interval.ns - (s < series ? 0 : 1);
    const std::size_t waiting = cursor.barred.size() - cursor.barred_counted;
    if (waiting > 0 && open[cursor.barred.back()] <= last) {  // the usual case, told without looking at each
      cursor.barred_counted += waiting;
      n += waiting;
    }
    while (cursor.barred_counted < cursor.barred.size() && open[cursor.barred[cursor.barred_counted]] <= last) {
      ++cursor.barred_counted;
      ++n;
    }
    if (cursor.barred_counted != cursor.barred.size()) continue;
    cursor.barred.clear();
    cursor.barred_counted = 0;
  }
  if (n == 0) return;
  barred_ -= n;
  shard_.engine().count_barred_proposals(n);
  inputs_ += n;
  decisions_ += n;
  collector_.note_decision(DecisionId{decisions_});
}

/// Where the decider's causes come from bars alone, it goes on to the next of them: as far as the engine is concerned there is nothing to ask before.
void Simulation::look_ahead(Lane& lane) {
  lane.ahead = lane.decider == nullptr || lane.decider->runs_ahead();
  lane.cause_at = INT64_MAX;
  if (!lane.ahead || lane.decider == nullptr) return;
  Cursor& cursor = cursors_[lane.series];
  if (cursor.cause == BarDecider::Cause::none) pass_barred(lane, cursor);
  if (cursor.cause == BarDecider::Cause::none && cursor.asked < lane.bars->size()) {
    const BarDecider::Ran ran = lane.decider->run(*lane.bars, cursor.asked, lane.bars->size());
    cursor.asked = ran.next;
    cursor.cause = ran.cause;
  }
  if (cursor.cause == BarDecider::Cause::found) lane.cause_at = lane.bars->open_time_ns[cursor.asked - 1];
}

/// Asks the deciders about the bars that were taken, lane by lane, up to the first that has a cause. No lane was taken beyond one.
Simulation::Lane* Simulation::ask_lanes() {
  for (Lane& lane : lanes_) {
    if (lane.asked == lane.next) continue;
    const std::size_t from = std::exchange(lane.asked, lane.next);
    if (lane.ahead) {
      if (lane.bars->open_time_ns[lane.next - 1] == lane.cause_at) return &lane;
      continue;
    }
    cursors_[lane.series].asked = lane.next;
    if (lane.decider->run(*lane.bars, from, lane.next).cause == BarDecider::Cause::found) return &lane;
  }
  return nullptr;
}

/// A cause that comes to nothing needs neither the bars before it booked nor a proposal: where nothing would be asked for, and where an opening would be denied
/// whatever it says and nobody records it.
bool Simulation::forget_cause(Lane& lane) {
  const BarDecider::Wants wants = lane.decider->wants(shard_.state());
  if (wants == BarDecider::Wants::unknown) return false;
  if (wants == BarDecider::Wants::opening) {
    const PairIx pair{static_cast<std::uint32_t>(cursors_[lane.series].pairs.front())};
    if (recorded_ || !RiskEngine::bars_openings(shard_.state(), pair)) return false;
    count_barred(TimeNs{lane.bars->open_time_ns[lane.next - 1]} + data_.interval, lane.series);
    shard_.engine().count_barred_proposals(1);
    ++inputs_;
    collector_.note_decision(DecisionId{++decisions_});
  }
  lane.decider->forget();
  return true;
}

}  // namespace prom
