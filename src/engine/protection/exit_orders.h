// The orders that protect a position: its stop and its targets, placed and amended. When that is to be is coverage.h's to say. Engine thread.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "engine/step.h"

namespace prom::protection {

inline Side exit_side(const Position& position) { return position.quantity.v > 0 ? Side::sell : Side::buy; }
inline QuantityUnits size_of(const Position& position) { return {std::abs(position.quantity.v)}; }

/// What one order can close of the position: on spot whole steps, since a fee taken in coins leaves a remainder that no order can sell; elsewhere all of it.
inline QuantityUnits exit_size(const Step& step, const Position& position) {
  const Instrument& instrument = step.state.instrument(position.instrument);
  const std::int64_t size = std::abs(position.quantity.v);
  return {instrument.payoff == Payoff::spot ? size - size % instrument.step.v : size};
}

/// The stop order while it may still protect, else null.
inline const Order* live_stop(const Step& step, const Holding& holding) {
  if (!holding.coverage.stop_order) return nullptr;
  const Order* order = step.state.find_order(*holding.coverage.stop_order);
  return order != nullptr && may_fill(order->state) ? order : nullptr;
}

/// On spot the exits of a position offer the same coins and must be one OCO group; elsewhere each is reduce-only by itself.
inline bool shares_lock(const Step& step, const Position& position) { return step.state.instrument(position.instrument).payoff == Payoff::spot; }

/// The pair that the position was opened for; pair 0 where none is known.
PairIx pair_of(const Step& step, const Holding& holding);
/// Places a stop for what of the position can be sold (nothing where that is nothing) at the price that its coverage names; `failures`: how many before it failed.
void place_stop(Step& step, const Holding& holding, std::uint32_t failures);
/// Places a limit order for each target of the coverage; a part below the venue's least size is left out.
void place_targets(Step& step, const Holding& holding);
/// Sends an amend of the stop's trigger or size; one at a time, the next follows when the venue has answered.
void amend_stop(Step& step, const Holding& holding, const Order& stop, PriceUnits trigger, QuantityUnits quantity);
/// Targets keep their share of a position that grew by partial fills of its entry.
void resize_targets(Step& step, const Holding& holding);

}  // namespace prom::protection
