// What a run writes to its log: one JSON line for each thing that happened to orders, positions and limits, with the id of the decision that caused it.
// Main thread.
#pragma once

#include "domain/command.h"
#include "engine/state/state.h"

namespace prom {

/// Logs a frame's events and alerts. Prices that only moved are not logged.
void log_frame(const EngineState& state, const Frame& frame);

}  // namespace prom
