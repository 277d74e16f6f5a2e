// How much to buy or sell so that the stop costs a stated share of equity, and whether planned partial exits can be traded. Pure; any thread.
#pragma once

#include <span>

#include "base/decimal.h"
#include "domain/amounts.h"
#include "domain/instrument.h"
#include "domain/instrument_math.h"
#include "domain/proposal.h"

namespace prom {

struct SizingRequest {
  PriceUnits entry{};
  PriceUnits stop{};      ///< below entry for a buy, above it for a sell
  Side side = Side::buy;  ///< of the entry
  Decimal equity;         ///< in the settle asset (spot and linear: quote; inverse: base)
  Decimal risk_fraction;  ///< share of equity lost at the stop, all costs included
  Decimal taker_fee;      ///< fraction of notional, paid at entry and at the stop; a rebate counts as none
  Decimal slippage;       ///< fraction of notional expected at each of the two
  Decimal max_notional;   ///< of the entry, in the settle asset
};

/// Loss of `quantity` units at the stop with fees and slippage of both sides, in the settle asset, rounded up:
///   |value(entry) - value(stop)| + (taker_fee + slippage) * (value(entry) + value(stop)).
Decimal loss_at_stop(const Instrument& instrument, const SizingRequest& request, QuantityUnits quantity);

/// The largest quantity on the step whose loss_at_stop() is at most equity * risk_fraction and whose value at entry is at most max_notional, clipped to the
/// venue's maximum. Zero when that is below the venue's minimum quantity or notional, when the stop is on the wrong side, or when nothing may be risked.
QuantityUnits size_by_risk(const Instrument& instrument, const SizingRequest& request);
/// The same without a look at the venue's minimum, which the gate then names with both numbers; `math`: the instrument's constants worked out before.
QuantityUnits largest_by_risk(const Instrument& instrument, const InstrumentMath& math, const SizingRequest& request);

/// Whether the position can be taken off as planned (pain P12: dust below the minimum notional can never be sold): each target's part, at its price, and
/// what is left after all targets, at the stop, must be zero or reach the venue's minimum quantity and notional. Without targets the whole position at the
/// stop is checked. Parts are rounded down to the step.
bool smallest_exit_ok(const Instrument& instrument, QuantityUnits quantity, PriceUnits stop, std::span<const TargetLevel> targets);

}  // namespace prom
