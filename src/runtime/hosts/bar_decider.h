// What decides on every base bar of one pair: a strategy behind sizing, seen by whatever drives it. Shard thread.
#pragma once

#include <optional>

#include "domain/proposal.h"
#include "engine/state/state.h"
#include "strategies/strategy.h"

namespace prom {

class BarDecider {
 public:
  virtual ~BarDecider() = default;
  /// A bar of the pair's instrument closed and the engine has seen it. At most one proposal.
  virtual std::optional<TradeProposal> on_bar(const EngineState& state, const StrategyBar& bar) = 0;
  /// The same bar during warm-up or after a restart: state follows, nothing is proposed.
  virtual void warm(const StrategyBar& bar) = 0;
};

}  // namespace prom
