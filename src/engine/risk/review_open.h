// The checks that opening and adding must pass, in the order of DenialCode. Part of RiskEngine::review; engine thread.
#pragma once

#include <expected>

#include "engine/risk/risk_engine.h"

namespace prom {

std::expected<Review, Denial> review_opening(const EngineState& state, const TradeProposal& proposal);

}  // namespace prom
