// Journal entries. Engine thread.
#include "engine/portfolio/round_trip.h"

namespace prom::portfolio {
namespace {

/// Average price of `quantity` order units worth `value` (value as notional() has it).
Decimal average(const Instrument& instrument, QuantityUnits quantity, Decimal value) {
  if (quantity.v == 0 || value.is_zero()) return Decimal{};
  const Decimal size = mul(to_decimal(instrument, quantity), instrument.contract_value, Round::half_even);
  return instrument.payoff == Payoff::inverse ? div(size, value, Round::half_even) : div(value, size, Round::half_even);
}

/// Profit of the largest size held if it had been closed at `price`.
Decimal excursion(const Instrument& instrument, const RoundTripSums& sums, Decimal entry, PriceUnits price) {
  if (entry.is_zero() || price.v <= 0) return Decimal{};
  const Decimal size = mul(to_decimal(instrument, sums.largest), instrument.contract_value, Round::half_even);
  const Decimal at = to_decimal(instrument, price);
  Decimal move = sums.side == Side::buy ? at - entry : entry - at;
  if (instrument.payoff == Payoff::inverse) move = div(move, mul(entry, at, Round::half_even), Round::half_even);
  return mul(size, move, Round::half_even);
}

std::string_view exit_reason(const RoundTripSums& sums) {
  if (sums.last_source == FillSource::liquidation) return "liquidation";
  return name_of(sums.last_exit);
}

}  // namespace

void emit_round_trip(Step& step, const Position& flat, const RoundTripSums& sums, TimeNs closed_at) {
  const Instrument& instrument = step.state.instrument(flat.instrument);
  const Holding* holding = step.state.find_holding(flat.account, flat.instrument, flat.leg);
  JournalEntry entry;
  entry.trade = flat.round_trip;
  entry.account = flat.account;
  entry.instrument = flat.instrument;
  entry.side = sums.side;
  if (holding->plan) {
    entry.pair = holding->plan->pair;
    entry.decider = holding->plan->decider;
    if (holding->plan->decision.v != 0) entry.decision = holding->plan->decision;
    entry.proposal = holding->plan->proposal;
    entry.risked = holding->plan->risked;
  }
  entry.opened_at = flat.opened_at;
  entry.closed_at = closed_at;
  entry.quantity = sums.largest;
  entry.entry_price = average(instrument, sums.entered, sums.entered_value);
  entry.exit_price = average(instrument, sums.exited, sums.exited_value);
  entry.gross = flat.realised;
  entry.fees = flat.fees;
  entry.funding = flat.funding;
  entry.slippage = sums.slippage;
  entry.net = flat.realised - flat.fees + flat.funding;
  const bool is_long = sums.side == Side::buy;
  entry.best_excursion = excursion(instrument, sums, entry.entry_price, is_long ? holding->best : holding->worst);
  entry.worst_excursion = excursion(instrument, sums, entry.entry_price, is_long ? holding->worst : holding->best);
  entry.exit_reason = exit_reason(sums);
  step.emit(RoundTripClosed{std::move(entry)});
}

}  // namespace prom::portfolio
