// Inputs that change state as they stand: registrations, prices, transfers, limits. Part of apply; engine thread.
#pragma once

#include "domain/input.h"
#include "engine/state/state.h"

namespace prom {

/// Applies the input of an InputTaken event.
void apply_input(EngineState& state, const Input& input);

}  // namespace prom
