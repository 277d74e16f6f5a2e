// Events onto users: days, peaks, samples, breakers, kill switch, losses. Engine thread.
#include <algorithm>

#include "engine/state/apply.h"

namespace prom {

void refresh_loss_floor(UserState& user) {
  const RiskLimits& limits = user.user.limits;
  Decimal highest = user.of_day.keep(user.day_start_equity + user.day_transfers, limits.max_daily_drawdown);
  if (!user.samples.empty()) highest = std::max(highest, user.of_window.keep(user.samples.front().equity + user.rolling_transfers, limits.max_daily_drawdown));
  user.loss_floor = std::max(highest, user.of_peak.keep(user.peak_equity, limits.max_drawdown));
}

namespace {

/// Leaves the samples since `start` and the one that tells the equity at `start`: the last at or before it, unless sampling paused in between.
void drop_old_samples(std::vector<EquitySample>& samples, TimeNs start) {
  const auto after = std::find_if(samples.begin(), samples.end(), [&](const EquitySample& s) { return s.time > start; });
  const bool carried = after != samples.begin() && (after - 1)->time > start - kHour;
  samples.erase(samples.begin(), carried ? after - 1 : after);
}

}  // namespace

void apply(EngineState& state, const RoundTripClosed& event) {
  UserState& user = state.user_of(event.entry.account);
  if (event.entry.net < Decimal{}) {
    ++user.consecutive_losses;
  } else if (event.entry.net > Decimal{}) {
    user.consecutive_losses = 0;
  }
}

void apply(EngineState& state, const BreakerTripped& event) {
  UserState& user = state.users[event.user.v];
  std::erase_if(user.breakers, [&](const BreakerTripped& b) { return b.kind == event.kind; });
  user.breakers.push_back(event);
  risk_book::note_user(state, event.user);
  if (event.until < state.next_due) state.next_due = event.until;
}

void apply(EngineState& state, const BreakerResumed& event) {
  UserState& user = state.users[event.user.v];
  std::erase_if(user.breakers, [&](const BreakerTripped& b) { return b.kind == event.kind; });
  risk_book::note_user(state, event.user);
  if (event.kind == BreakerKind::consecutive_losses) user.consecutive_losses = 0;
  if (event.kind == BreakerKind::errors) user.errors_this_hour = 0;
}

void apply(EngineState& state, const KillSwitchMoved& event) {
  UserState& user = state.users[event.user.v];
  const bool engaged = user.kill_phase == KillPhase::released && event.phase != KillPhase::released;
  user.kill_phase = event.phase;
  if (engaged) {
    user.kill_reason = event.reason;
    ++state.halt_epoch;  // every approval minted before is stale
  }
  if (event.phase == KillPhase::released) {
    user.kill_reason.clear();
    user.reset_challenge.reset();
  }
  risk_book::note_user(state, event.user);
  state.next_due = TimeNs{0};
}

void apply(EngineState& state, const DayRolled& event) {
  UserState& user = state.users[event.user.v];
  user.day_start = event.day_start;
  user.next_day = event.day_start + kDay;
  user.day_start_equity = event.equity;
  user.day_transfers = Decimal{};
  refresh_loss_floor(user);
  if (user.next_day < state.next_due) state.next_due = user.next_day;
}

void apply(EngineState& state, const PeakRaised& event) {
  UserState& user = state.users[event.user.v];
  user.peak_equity = event.equity;
  // The peak's floor alone can have risen, except where a resumed drawdown breaker set the peak anew (lower).
  refresh_loss_floor(user);
}

void apply(EngineState& state, const EquitySampled& event) {
  UserState& user = state.users[event.user.v];
  user.samples.push_back({event.time, event.equity});
  drop_old_samples(user.samples, event.time - kDay);
  refresh_loss_floor(user);
  user.next_sample = floor_to(event.time, kHour) + kHour;
  if (user.next_sample < state.next_due) state.next_due = user.next_sample;
}

}  // namespace prom
