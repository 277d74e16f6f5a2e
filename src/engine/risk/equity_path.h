// The highest equity along a stretch of closes, as if every one of them had been a step of its own. Engine thread; reads only.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/state/state.h"

namespace prom {

/// Closes of one instrument between two moments, ascending by time.
struct ClosePath {
  InstrumentIx instrument{};
  std::span<const std::int64_t> times;  ///< of opening; as many as closes
  std::span<const std::int64_t> closes;
};

/// Nothing where the user holds none of the instruments or his equity is not known. `paths` in the order in which bars of one instant are taken.
std::optional<Decimal> highest_equity(const EngineState& state, UserIx user, std::span<const ClosePath> paths);

}  // namespace prom
