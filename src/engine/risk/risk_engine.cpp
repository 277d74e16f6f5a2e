// Minting of what a review let pass, and how long breakers bar what it would not. Engine thread.
#include "engine/risk/risk_engine.h"

#include <algorithm>

namespace prom {
Approved<OrderSpec> RiskEngine::approve_entry(const EngineState& state, const OrderSpec& spec) {
  const Instrument& instrument = state.instruments[spec.instrument.v];
  PROM_ASSERT(spec.quantity.v > 0 && spec.quantity.v % instrument.step.v == 0, "entry quantity is on the step");
  PROM_ASSERT(!spec.limit || (spec.limit->v > 0 && spec.limit->v % instrument.tick.v == 0), "entry limit is on the tick");
  PROM_ASSERT(state.user_of(spec.account).kill_phase == KillPhase::released, "no entry while the kill switch is engaged");
  return mint(state, spec);
}

Approved<OrderSpec> RiskEngine::approve_reducing(const EngineState& state, const OrderSpec& spec) {
  PROM_ASSERT(spec.effect == Effect::reduce_only && spec.quantity.v > 0, "reducing orders are reduce-only");
  return mint(state, spec);
}

Approved<CancelSpec> RiskEngine::approve_cancel(const EngineState& state, const CancelSpec& spec) { return mint(state, spec); }

Approved<AmendSpec> RiskEngine::approve_amend(const EngineState& state, const AmendSpec& spec) {
  const Instrument& instrument = state.instruments[spec.instrument.v];
  PROM_ASSERT(spec.quantity.v > 0, "amended quantity is positive");
  PROM_ASSERT(!spec.trigger || (spec.trigger->v > 0 && spec.trigger->v % instrument.tick.v == 0), "amended trigger is on the tick");
  return mint(state, spec);
}

Approved<LeverageSpec> RiskEngine::approve_leverage(const EngineState& state, const LeverageSpec& spec) { return mint(state, spec); }

TimeNs RiskEngine::openings_barred_until(const EngineState& state, PairIx ix) {
  const AccountIx account = state.pairs[ix.v].pair.account;
  TimeNs until = state.now;
  if (state.accounts[account.v].book.clear) return until;
  const UserState& user = state.user_of(account);
  for (const BreakerTripped& breaker : user.breakers) {
    // That of the data feed resumes whenever data come again.
    const bool stays = breaker.kind == BreakerKind::errors || (breaker.kind != BreakerKind::data_feed && user.user.limits.circuit_breaker == Switch::on);
    if (stays) until = std::max(until, breaker.until);
  }
  return until;
}

}  // namespace prom
