// What the agents said: verdicts with their evidence, and the record of a whole decision that a person can read and a replay can use. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "domain/amounts.h"
#include "domain/ids.h"
#include "domain/proposal.h"

namespace prom {

enum class AgentRole : std::uint8_t {
  market_analyst,
  smc_analyst,
  sentiment_analyst,
  macro_analyst,
  orderflow_analyst,
  derivatives_analyst,
  correlation_analyst,
  onchain_analyst,
  strategy_planner,
  risk_manager,
  executor,
  position_manager,
  self_evaluator,
  orchestrator
};
inline constexpr int kAgentCount = 14;
std::string_view name_of(AgentRole role);
std::optional<AgentRole> parse_agent_role(std::string_view name);

enum class Stance : std::uint8_t { bullish, bearish, neutral, abstain };
std::string_view name_of(Stance stance);
enum class BrainKind : std::uint8_t { rules, model };

/// A number used in an argument, and the tool result it came from: `tool_result` is an id within the decision, `path` a field of that result.
struct Evidence {
  std::uint32_t tool_result = 0;
  std::string path;
  double value = 0;
  std::string says;  ///< what the agent reads from it
  PROM_FIELDS(tool_result, path, value, says)
};

enum class StepKind : std::uint8_t { thought, tool_call, conclusion };
/// One line of the reasoning log. For tool calls: name, arguments, and output as compact JSON text.
struct ReasoningStep {
  StepKind kind = StepKind::thought;
  std::string text;
  std::string tool;
  std::string input;
  std::string output;
  std::uint32_t tool_result = 0;  ///< id of the result for tool calls, else 0
  std::int64_t duration_ns = 0;   ///< measured; not part of any digest
  PROM_FIELDS(kind, text, tool, input, output, tool_result, duration_ns)
};

/// One agent's typed output.
struct Verdict {
  AgentRole role = AgentRole::market_analyst;
  Stance stance = Stance::abstain;
  double confidence = 0;  ///< [0, 1]
  double weight = 0;      ///< share in the desk's decision; 0 when abstaining
  std::string summary;    ///< one or two sentences
  std::vector<Evidence> evidence;
  std::vector<ReasoningStep> steps;
  BrainKind brain = BrainKind::rules;
  std::string prompt_hash;
  std::string model;  ///< "rules" or the model's name
  Decimal cost_usd;
  std::int64_t latency_ns = 0;  ///< measured; not part of any digest
  PROM_FIELDS(role, stance, confidence, weight, summary, evidence, steps, brain, prompt_hash, model, cost_usd, latency_ns)
};

enum class DecisionAction : std::uint8_t { hold, open_long, open_short, add, reduce, close, move_stop };
std::string_view name_of(DecisionAction action);

/// A whole run of the pipeline for one pair at one instant. Journaled as an input: replay uses it instead of thinking again.
struct DecisionRecord {
  DecisionId id{};
  AsOf as_of;
  AccountIx account{};
  PairIx pair{};
  InstrumentIx instrument{};
  DecisionAction action = DecisionAction::hold;
  double score = 0;  ///< [-1, 1], weighted sum of the analysts
  std::string summary;
  std::string regime;
  std::vector<Verdict> verdicts;
  std::optional<TradeProposal> proposal;
  PROM_FIELDS(id, as_of, account, pair, instrument, action, score, summary, regime, verdicts, proposal)
};

/// Hash over everything in the record but measured durations: the same inputs give the same digest on every machine.
std::uint64_t digest_of(const DecisionRecord& record);

}  // namespace prom
