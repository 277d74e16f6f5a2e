// The checks that closing and reducing must pass. Part of RiskEngine::review; engine thread.
#pragma once

#include <expected>

#include "engine/risk/risk_engine.h"

namespace prom {

/// Possible at all, and no more than what is held and not already being closed.
std::expected<Review, Denial> review_closing(const EngineState& state, const TradeProposal& proposal);

}  // namespace prom
