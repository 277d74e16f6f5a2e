// Positions as cost and quantity; the average price is derived. Arithmetic of opening, reducing and turning. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"
#include "domain/instrument.h"
#include "domain/instrument_math.h"

namespace prom {

/// What one account holds of one instrument and leg. `quantity` is signed (short negative). `cost` is what the open quantity was bought (sold) for,
/// signed like quantity: in quote for spot and linear; in base for inverse.
struct Position {
  AccountIx account{};
  InstrumentIx instrument{};
  PositionLeg leg = PositionLeg::net;
  QuantityUnits quantity{};
  Decimal cost;
  Decimal realised;  ///< since it was last flat, in the settle asset, before fees and funding
  Decimal fees;      ///< paid since it was last flat, at fill time, in the settle asset's value
  Decimal funding;   ///< received (+) or paid (-) since it was last flat
  TimeNs opened_at{};
  RoundTripId round_trip{};   ///< meaningful while quantity != 0
  std::uint64_t version = 0;  ///< raised by every change
  PROM_FIELDS(account, instrument, leg, quantity, cost, realised, fees, funding, opened_at, round_trip, version)
  bool is_flat() const { return quantity.v == 0; }
};

/// What one fill does to a position.
struct PositionChange {
  QuantityUnits quantity_after{};
  Decimal cost_after;
  Decimal realised;        ///< of this fill alone, in the settle asset
  QuantityUnits closed{};  ///< part of the fill that reduced the position (non-negative)
  QuantityUnits opened{};  ///< part that opened or added (non-negative)
};

/// Applies a fill of `quantity` (positive) at `price`. Cost of a partial close is removed in proportion, rounded half-even at 1e-12; a full close removes all
/// of it, so that cost is exactly zero when flat. A fill larger than the opposite position turns it.
PositionChange apply_fill(const Instrument& instrument, QuantityUnits position, Decimal cost, Side side, PriceUnits price, QuantityUnits quantity);

/// The same with the instrument's constants worked out before: the engine's form.
PositionChange apply_fill(const InstrumentMath& math, QuantityUnits position, Decimal cost, Side side, PriceUnits price, QuantityUnits quantity);

/// Unrealised profit at `price`, in the settle asset (spot and linear: quote; inverse: base).
Decimal unrealised_pnl(const Instrument& instrument, QuantityUnits position, Decimal cost, PriceUnits price);

inline Decimal unrealised_pnl(const InstrumentMath& math, QuantityUnits position, Decimal cost, PriceUnits price) {
  if (position.v == 0) return {};
  const Decimal value = math.value_decimal(price, position);
  return math.is_inverse() ? cost - value : value - cost;
}

/// Average entry price, half-even at 1e-12; nothing when flat.
std::optional<Decimal> average_price(const Instrument& instrument, QuantityUnits position, Decimal cost);

/// Price at which an isolated position with this margin is liquidated: margin + unrealised = maintenance * notional. Nothing where it cannot be
/// (spot, a linear long or an inverse short whose margin covers everything, or a maintenance rate outside [0, 1)). Rounded towards the entry (a long's up, a
/// short's down), so that the distance to liquidation is never overstated. With base amount b, cost c, margin m, rate r (all magnitudes), n = contracts *
/// contract value: linear long (c - m) / (b (1 - r)), short (c + m) / (b (1 + r)); inverse long n (1 + r) / (c + m), short n (1 - r) / (c - m).
/// Source: the condition "wallet balance + unrealised PnL = maintenance margin" of Binance's "How to calculate liquidation price of USD-M futures" and
/// Bybit's "Liquidation price calculation under isolated mode", solved for one tier without a maintenance amount or closing fee.
std::optional<Price> liquidation_price(const Instrument& instrument, QuantityUnits position, Decimal cost, Decimal margin, Decimal maintenance_rate);

}  // namespace prom
