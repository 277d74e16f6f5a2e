// Going on where a journal ends: after a stop, a crash, or on another instance while the market has gone on. One thread.
#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "engine/risk/equity.h"
#include "research/simulation/simulation.h"

namespace prom {

Simulation::Done Simulation::resume(TimeNs market) {
  const EngineState& state = shard_.state();
  decisions_ = collector_.last_decision().v;
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    const BarColumns& bars = data_.series[s].bars;
    const MarketState& seen = state.market[s];
    cursors_[s].next = seen.known == Known::yes ? bars.lower_bound(seen.updated_at) : 0;
    // A settlement due at this very instant may not have been charged yet; the venue charges each once.
    schedule_funding(s, (seen.known == Known::yes ? seen.updated_at : data_.first()) - DurationNs{1});
  }
  const bool passed = pass_unattended(market);
  for (std::size_t s = 0; s < cursors_.size(); ++s) {
    const BarColumns& bars = data_.series[s].bars;
    Cursor& cursor = cursors_[s];
    cursor.asked = cursor.next;
    bars_done_ += cursor.next;
    for (std::size_t i = 0; i < cursor.next; ++i) {
      const TimeNs closed = TimeNs{bars.open_time_ns[i]} + data_.interval;
      for (const std::size_t p : cursor.pairs) {
        if (!config_.pairs[p].strategy) continue;
        const Past& past = past_[p];
        // What was decided on the last bar may not have reached the journal. Where something came of it, or after it, it has; else asking again has the same answer.
        const bool told = past.proposed_at.value_or(data_.first()) >= closed || (!past.held.empty() && past.held.back().since >= closed);
        if (closed == state.now && !passed && !told) {
          owed_.push_back(p);
        } else {
          config_.pairs[p].strategy->warm(state, StrategyBar::of(bars, i), past.held_before(closed));
        }
      }
    }
  }
  const TimeNs now = passed ? std::max(state.now, floor_to(market, data_.interval)) : state.now;
  if (next_equity_ == kNever) next_equity_ = floor_to(now, config_.equity_interval) + config_.equity_interval;
  // The boundary that was reached may not have been decided for every pair.
  const TimeNs boundary = floor_to(now, config_.desk_interval);
  next_desk_ = boundary == now ? boundary : boundary + config_.desk_interval;
  const auto is_reached = [&] {
    return std::ranges::all_of(cursors_, [&](const Cursor& cursor) {
      const BarColumns& bars = data_.series[static_cast<std::size_t>(&cursor - cursors_.data())].bars;
      return cursor.next >= bars.size() || TimeNs{bars.open_time_ns[cursor.next]} >= now;
    });
  };
  if (!passed && next_equity_ <= now && is_reached()) sample_equity(now);
  if (auto done = take(EpochStarted{state.epoch + 1}, now); !done) return done;
  if (auto done = deliver(now); !done) return done;
  if (passed) {
    for (std::size_t s = 0; s < cursors_.size(); ++s) {
      if (cursors_[s].next == 0) continue;
      const std::size_t last = cursors_[s].next - 1;
      const TimeNs closed = TimeNs{data_.series[s].bars.open_time_ns[last]} + data_.interval;
      if (state.market[s].known == Known::yes && state.market[s].updated_at >= closed) continue;
      if (auto done = shard_.take_bar(InstrumentIx{static_cast<std::uint16_t>(s)}, data_.series[s].bars.at(last), data_.interval, now); !done) return done;
    }
    return deliver(now);
  }
  if (!owed_.empty() && is_reached())
    if (auto done = run_owed(now); !done) return done;
  if (next_desk_ != now) return {};
  // The run ended between a boundary's bars and its decisions. It counts as reached only when every bar of it was taken.
  if (!is_reached()) return {};
  return decide(now);
}

void Simulation::note_past(const RecordedFrame& frame) {
  past_.resize(config_.pairs.size());
  if (const auto* posted = std::get_if<ProposalPosted>(&frame.input.body); posted != nullptr && posted->proposal.pair.v < past_.size())
    past_[posted->proposal.pair.v].proposed_at = frame.input.available_at;
  const EngineState& state = shard_.state();
  for (const Event& event : frame.events) {
    const auto* set = std::get_if<PositionSet>(&event);
    if (set == nullptr) continue;
    for (std::size_t p = 0; p < std::min(past_.size(), state.pairs.size()); ++p) {
      const TradingPair& pair = state.pairs[p].pair;
      if (pair.account != set->position.account || pair.instrument != set->position.instrument || pair.leg != set->position.leg) continue;
      const std::int64_t quantity = set->position.quantity.v;
      const Held held = quantity == 0 ? Held::flat : quantity > 0 ? Held::long_side : Held::short_side;
      Past& past = past_[p];
      if (held != (past.held.empty() ? Held::flat : past.held.back().held)) past.held.push_back({frame.input.available_at, held});
    }
  }
}

/// A position that the open of the next bar brings has the very instant of this bar's close, and came after it was decided on.
Held Simulation::Past::held_before(TimeNs instant) const {
  const auto after = std::ranges::lower_bound(held, instant, {}, &HeldSince::since);
  return after == held.begin() ? Held::flat : std::prev(after)->held;
}

/// The venue has opened the next bar: everybody had been asked about the last one, and nothing came of it.
void Simulation::forgive_owed() {
  for (const std::size_t p : std::exchange(owed_, {})) {
    const BarColumns& bars = data_.series[config_.pairs[p].series].bars;
    const std::size_t last = cursors_[config_.pairs[p].series].next - 1;
    config_.pairs[p].strategy->warm(shard_.state(), StrategyBar::of(bars, last), past_[p].held_before(TimeNs{bars.open_time_ns[last]} + data_.interval));
  }
}

/// What the strategies of the last bar that was taken make of it, once every bar of its time is there.
Simulation::Done Simulation::run_owed(TimeNs now) {
  for (const std::size_t p : std::exchange(owed_, {})) {
    const Cursor& cursor = cursors_[config_.pairs[p].series];
    const StrategyBar bar = StrategyBar::of(data_.series[config_.pairs[p].series].bars, cursor.next - 1);
    if (auto done = post(config_.pairs[p].strategy->on_bar(shard_.state(), bar), now); !done) return done;
  }
  return {};
}

/// Whether a recorded input came after the equity of this instant was sampled: what a bar that opens then caused at its open has that very time.
static bool came_after(const Input& recorded, TimeNs instant) {
  if (recorded.available_at != instant) return recorded.available_at > instant;
  if (const auto* filled = std::get_if<VenueFilled>(&recorded.body)) return filled->fill.time >= instant;
  if (const auto* funded = std::get_if<VenueFunding>(&recorded.body)) return funded->funding_time >= instant;
  return false;
}

/// What sample_equity() saw before this input came. Bars of calm stretches are not in the journal: prices are those of the data.
void Simulation::sample_before(const Input& recorded) {
  if (const auto* epoch = std::get_if<EpochStarted>(&recorded.body); epoch != nullptr && epoch->epoch == 1) {
    collector_.sample_equity(recorded.available_at, config_.cash);
    next_equity_ = floor_to(recorded.available_at, config_.equity_interval) + config_.equity_interval;
    return;
  }
  while (next_equity_ != kNever) {
    TimeNs instant = kNever;  // the first close of any bar from the boundary on
    for (const InstrumentData& series : data_.series) {
      const std::size_t bar = series.bars.lower_bound(next_equity_ - data_.interval);
      if (bar < series.bars.size()) instant = std::min(instant, TimeNs{series.bars.open_time_ns[bar]} + data_.interval);
    }
    if (instant == kNever || !came_after(recorded, instant)) return;
    const TimeNs boundary = floor_to(instant, config_.equity_interval);
    if (const auto equity = equity_at(instant)) collector_.sample_equity(boundary, *equity);
    next_equity_ = boundary + config_.equity_interval;
  }
}

/// The account as it is held now at the closes of an earlier or later instant: each price moves its own part alone.
std::optional<Decimal> Simulation::equity_at(TimeNs instant) const {
  const EngineState& state = shard_.state();
  const auto seen = equity_of(state, account());
  if (!seen) return std::nullopt;
  Decimal equity = *seen;
  for (std::size_t s = 0; s < data_.series.size(); ++s) {
    const BarColumns& bars = data_.series[s].bars;
    const std::size_t closed = bars.lower_bound(instant - data_.interval + DurationNs{1});
    if (closed == 0 || state.market[s].known == Known::no) continue;
    const PriceUnits close{bars.close[closed - 1]};
    if (close == state.market[s].last) continue;
    const auto moved = equity_of(state, account(), PriceOverride{InstrumentIx{static_cast<std::uint16_t>(s)}, close});
    if (!moved) return std::nullopt;
    equity += *moved - *seen;
  }
  return equity;
}

/// The venue's side of bars that closed by `until`; replies wait there. Whether there was any.
bool Simulation::pass_unattended(TimeNs until) {
  bool passed = false;
  for (TimeNs open = next_open(); open != kNever && open + data_.interval <= until; open = next_open()) {
    passed = true;
    for (std::size_t s = 0; s < cursors_.size(); ++s) {
      Cursor& cursor = cursors_[s];
      const InstrumentData& series = data_.series[s];
      while (cursor.next_funding <= open) {
        const TimeNs due = cursor.next_funding;
        const bool recorded = cursor.funding_row < series.funding.size() && series.funding[cursor.funding_row].time == due;
        const std::optional<Decimal> rate = recorded ? std::optional(series.funding[cursor.funding_row].rate) : std::nullopt;
        if (cursor.next > 0) venue_->on_funding(series.instrument.ix, due, rate, PriceUnits{series.bars.close[cursor.next - 1]});
        schedule_funding(s, due);
      }
      if (cursor.next >= series.bars.size() || series.bars.open_time_ns[cursor.next] != open.ns) continue;
      const Bar bar = series.bars.at(cursor.next++);
      if (venue_->is_idle(series.instrument.ix)) continue;
      venue_->on_bar_open(series.instrument.ix, bar, data_.interval);
      venue_->on_bar_range(series.instrument.ix, bar, data_.interval);
    }
  }
  return passed;
}

}  // namespace prom
