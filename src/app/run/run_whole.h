// Whether what a run left on disk is all there: its journal, its venue's file and its ledger tell of one run, or one of them is gone. Main or shard's thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "ports/ledger.h"
#include "research/simulation/simulation.h"

namespace prom {

/// Call when every frame of the journal was recovered, before begin() or resume(); commit the journal right after begin(). An error is a sentence without its full
/// stop. Where the journal holds no beginning, the venue's file holds deposits at most and the ledger nothing: a beginning that was cut off may have left that, and
/// whatever more there is comes from a run whose journal is gone. Going on would trade twice on one account.
std::expected<void, std::string> check_whole(const Simulation& simulation, Ledger& ledger, std::uint64_t durable_seq);

}  // namespace prom
