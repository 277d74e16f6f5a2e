// Review dispatch, the checks of closing, and minting. Engine thread.
#include "engine/risk/risk_engine.h"

#include <algorithm>

#include "engine/risk/review_open.h"

namespace prom {
namespace {

std::unexpected<Denial> deny(DenialCode code) { return std::unexpected(Denial{code, Decimal{}, Decimal{}}); }

Decimal units(const Instrument& instrument, std::int64_t quantity) { return to_decimal(instrument, QuantityUnits{quantity}); }

/// Closing and reducing: possible at all, and no more than what is held and not already being closed.
std::expected<Review, Denial> review_closing(const EngineState& state, const TradeProposal& proposal) {
  const Instrument& instrument = state.instruments[proposal.instrument.v];
  const Holding* holding = state.find_holding(proposal.account, proposal.instrument, proposal.leg);
  if (holding == nullptr || holding->position.is_flat()) return deny(DenialCode::nothing_to_close);
  const std::int64_t held = holding->position.quantity.v;
  if ((held > 0) != (proposal.side == Side::sell)) return deny(DenialCode::wrong_side);
  std::int64_t closing = 0;
  for (const OrderId id : holding->working) {
    const Order* order = state.find_order(id);
    if (order == nullptr || order->state == OrderState::in_doubt) continue;  // an exit in doubt counts as absent
    if (order->spec.purpose == OrderPurpose::close || order->spec.purpose == OrderPurpose::flatten) closing += order->remaining().v;
  }
  const std::int64_t open = std::abs(held) - closing;
  if (open <= 0) return deny(DenialCode::nothing_to_close);
  const std::int64_t asked = proposal.intent == Intent::close && proposal.quantity.v == 0 ? open : proposal.quantity.v;
  if (asked <= 0) return std::unexpected(Denial{DenialCode::quantity_below_minimum, units(instrument, instrument.min_quantity.v), units(instrument, asked)});
  std::int64_t quantity = std::min(asked, open);
  // A remainder off the step (a fee taken in coins) can only go with the rest: the step binds partial exits alone.
  if (quantity < open) quantity -= quantity % instrument.step.v;
  if (instrument.payoff == Payoff::spot) quantity -= quantity % instrument.step.v;
  if (quantity <= 0) return std::unexpected(Denial{DenialCode::quantity_below_minimum, units(instrument, instrument.min_quantity.v), units(instrument, asked)});
  if (proposal.limit && (proposal.limit->v <= 0 || proposal.limit->v % instrument.tick.v != 0))
    return std::unexpected(Denial{DenialCode::price_off_tick, to_decimal(instrument, instrument.tick), to_decimal(instrument, *proposal.limit)});
  return Review{{quantity}, Decimal{}};
}

}  // namespace

std::expected<Review, Denial> RiskEngine::review(const EngineState& state, const TradeProposal& proposal) {
  if (proposal.account.v >= state.accounts.size()) return deny(DenialCode::account_unknown);
  if (proposal.instrument.v >= state.instruments.size()) return deny(DenialCode::instrument_unknown);
  if (proposal.pair.v >= state.pairs.size()) return deny(DenialCode::malformed);
  const TradingPair& pair = state.pairs[proposal.pair.v].pair;
  if (pair.account != proposal.account || pair.instrument != proposal.instrument) return deny(DenialCode::malformed);
  if (proposal.quantity.v < 0) return deny(DenialCode::malformed);
  switch (proposal.intent) {
    case Intent::open:
    case Intent::add: return review_opening(state, proposal);
    case Intent::reduce:
    case Intent::close: return review_closing(state, proposal);
  }
  return deny(DenialCode::malformed);  // a value outside the enum, from outside
}

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

}  // namespace prom
