// The venue's own arithmetic of prices, fees and positions. Written apart from the engine's on purpose: two accounts kept by different code are two
// witnesses. Pure functions; any thread.
#pragma once

#include <cstdint>

#include "base/decimal.h"
#include "domain/amounts.h"
#include "domain/ids.h"
#include "domain/instrument.h"

namespace prom::sim {

/// Prices that a fill may have; both ends included.
struct PriceRange {
  std::int64_t low = 1;
  std::int64_t high = INT64_MAX;
};

/// `price` made worse for `side` by the fraction `slippage`, on the tick (buy up, sell down), inside `range`. Without slippage the price is left as it is.
std::int64_t worsened(std::int64_t price, Side side, Decimal slippage, std::int64_t tick, PriceRange range);

/// The worse of two prices for `side`.
std::int64_t worse_of(std::int64_t a, std::int64_t b, Side side);

/// What a fill costs against its reference price, in quote; positive = worse for the account.
Decimal slippage_cost(const Instrument& instrument, Side side, std::int64_t price, std::int64_t reference, std::int64_t quantity);

/// A position after a fill. Quantities are signed, long positive; cost is signed like them.
struct PositionStep {
  std::int64_t quantity = 0;
  Decimal cost;
  Decimal realised;         ///< in the settle asset; spot books cash flows instead and ignores it
  std::int64_t opened = 0;  ///< part of the fill that opened or added, non-negative
};
PositionStep step_position(const Instrument& instrument, std::int64_t quantity, Decimal cost, Side side, PriceUnits price, std::int64_t fill);

/// cost * part / whole, rounded half-even at 1e-12 in one step; 0 <= part <= whole, whole > 0.
Decimal proportion(Decimal cost, std::int64_t part, std::int64_t whole);

/// Unrealised profit of a linear or inverse position in its settle asset.
Decimal unrealised(const Instrument& instrument, std::int64_t quantity, Decimal cost, std::int64_t mark);

}  // namespace prom::sim
