// The trades of a tape as columns. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/orderflow/trades.h"
#include "domain/tape.h"

namespace prom::orderflow {

/// A print at a resting ask was bought, at a resting bid sold.
Aggressor aggressor_of(const TapeEvent& trade);

struct TapeTrades {
  std::vector<std::int64_t> time_ns;
  std::vector<double> price, quantity;
  std::vector<Aggressor> aggressor;
  /// Of this object's columns.
  TradesView view() const { return {time_ns, price, quantity, aggressor}; }
  std::size_t size() const { return price.size(); }
};
/// In the order of the events; what is no trade is left out.
TapeTrades trades_of(std::span<const TapeEvent> events);

}  // namespace prom::orderflow
