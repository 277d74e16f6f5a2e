// The figures of a run, from its collected parts and closing state. Pure; any thread.
#pragma once

#include "engine/state/state.h"
#include "research/results/run_result.h"

namespace prom {

/// Fills result.summary; the bootstrap interval at full level alone. Needs equity, postings (or the closing state where only the digest was collected) and trades in place.
void summarise(const EngineState& state, AccountIx account, std::uint64_t fills, Decimal slippage, CollectLevel level, RunResult& result);

}  // namespace prom
