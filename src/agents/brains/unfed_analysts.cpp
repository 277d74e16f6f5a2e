// Sentiment, macro and on-chain analysts: ask their source, and abstain with its own words while there is none. Rules only; pure.
#include <fmt/format.h>

#include "agents/brains/brains.h"
#include "base/assert.h"

namespace prom {

namespace {

struct Source {
  std::string_view tool, kind;
};
Source source_of(AgentRole role) {
  switch (role) {
    case AgentRole::sentiment_analyst: return {"get_fear_greed", "sentiment"};
    case AgentRole::macro_analyst: return {"get_economic_calendar", "macro"};
    case AgentRole::onchain_analyst: return {"get_exchange_flows", "on-chain"};
    case AgentRole::market_analyst:
    case AgentRole::smc_analyst:
    case AgentRole::orderflow_analyst:
    case AgentRole::derivatives_analyst:
    case AgentRole::correlation_analyst:
    case AgentRole::strategy_planner:
    case AgentRole::risk_manager:
    case AgentRole::executor:
    case AgentRole::position_manager:
    case AgentRole::self_evaluator:
    case AgentRole::orchestrator: break;
  }
  PROM_UNREACHABLE();
}

}  // namespace

Verdict unfed_analyst(Toolbox box, Told told) {
  const Source source = source_of(box.profile().role);
  const Answer answer = box.ask(source.tool);
  // A source that came alive has no rule yet that would read it: it is shown, and does not vote.
  if (answer) return box.abstain(fmt::format("A {} source answers; the rule brain has no rule for it and does not vote.", source.kind));
  if (told == Told::already) return box.abstain(fmt::format("Still no {} source.", source.kind));
  return box.abstain(fmt::format("No {} source: {}.", source.kind, answer.error->message));
}

}  // namespace prom
