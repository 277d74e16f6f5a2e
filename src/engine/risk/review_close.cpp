// Closing and reducing. Engine thread.
#include "engine/risk/review_close.h"

#include <algorithm>

namespace prom {
namespace {

std::unexpected<Denial> deny(DenialCode code) { return std::unexpected(Denial{code, Decimal{}, Decimal{}}); }

Decimal units(const Instrument& instrument, std::int64_t quantity) { return to_decimal(instrument, QuantityUnits{quantity}); }

}  // namespace

std::expected<Review, Denial> review_closing(const EngineState& state, const TradeProposal& proposal) {
  const Instrument& instrument = state.instruments[proposal.instrument.v];
  const Holding* holding = state.find_holding(proposal.account, proposal.instrument, proposal.leg);
  if (holding == nullptr || holding->position.is_flat()) return deny(DenialCode::nothing_to_close);
  const std::int64_t held = holding->position.quantity.v;
  if ((held > 0) != (proposal.side == Side::sell)) return deny(DenialCode::wrong_side);
  std::int64_t closing = 0;
  for (const OrderId id : holding->working) {
    const Order* order = state.find_order(id);
    if (order == nullptr) continue;
    if (order->state == OrderState::in_doubt) {
      // An exit in doubt counts as absent where the next one is reduce-only. On spot coins that it may have sold are not sold a second time.
      if (instrument.payoff == Payoff::spot && sells_now(*order)) closing += order->remaining().v;
      continue;
    }
    if (order->spec.limit && !proposal.limit) continue;  // one that waits for its price is in no exit's way: it is cancelled for it
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

}  // namespace prom
