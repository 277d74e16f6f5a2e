// The fourteen rule brains: each reasons from tool results alone and gives the same verdict for the same results. Pure; one thread at a time each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agents/evaluation/evaluate.h"
#include "agents/levels.h"
#include "agents/toolbox.h"
#include "domain/input.h"

namespace prom {

/// What was said before about a missing source: the reason once, then a reminder.
enum class Told : std::uint8_t { not_yet, already };

// --- analysts: about the instrument only ---
Verdict market_analyst(Toolbox box);
Verdict smc_analyst(Toolbox box);
Verdict orderflow_analyst(Toolbox box, Told told);
Verdict derivatives_analyst(Toolbox box, Told told);
Verdict correlation_analyst(Toolbox box, Told told);
// These three live on outside feeds and abstain while none of theirs answers.
Verdict sentiment_analyst(Toolbox box, Told told);
Verdict macro_analyst(Toolbox box, Told told);
Verdict onchain_analyst(Toolbox box, Told told);

/// What the orchestrator makes of the analysts.
struct Tally {
  double score = 0;  ///< weighted mean of signed confidences, [-1, 1]
  int bullish = 0, bearish = 0, voting = 0;
  const Verdict* strongest_bull = nullptr;
  const Verdict* strongest_bear = nullptr;
};
Tally tally(const std::vector<Verdict>& analysts);

// --- the pair's own agents ---
struct Plan {
  std::optional<Side> side;  ///< none = hold
  std::string reason;        ///< why hold, or why this side
  LevelRefs refs;            ///< where price, range and swing came from
  LevelInputs inputs;
  Levels levels;
  std::uint32_t levels_id = 0;
};
struct PlannerFacts {
  const Instrument* instrument = nullptr;
  const std::vector<Verdict>* analysts = nullptr;
  Tally tally;
  std::string blocked;  ///< why nothing may be opened now (cool-down, working entry order, ...); empty = nothing
};
Verdict strategy_planner(Toolbox box, const PlannerFacts& facts, Plan& plan);

struct Sizing {
  std::optional<Decimal> quantity;  ///< none = veto
  std::string veto;
  std::uint32_t size_id = 0;
};
Verdict risk_manager(Toolbox box, const Instrument& instrument, const Plan& plan, Sizing& sizing);

/// The entry as handed to the risk engine; nothing when a tool refused it, with the reason.
struct Execution {
  std::optional<TradeProposal> proposal;
  std::string refusal;
};
Verdict executor(Toolbox box, const Instrument& instrument, double score, std::string_view regime, Plan& plan, const Sizing& sizing, Execution& execution);

enum class Care : std::uint8_t { nothing_open, hold, tighten, close };
struct CareOrder {
  Care care = Care::nothing_open;
  std::optional<ProtectionRequested> protection;
  std::optional<TradeProposal> close;
  std::string words;
};
Verdict position_manager(Toolbox box, const Instrument& instrument, const PositionView* held, double score, CareOrder& order);

struct EvaluationFacts {
  Evaluation closed;  ///< of the trades that count for the status now
  Judgement judgement;
  DeciderStatus before = DeciderStatus::active;
  std::vector<const JournalEntry*> fresh;  ///< closed since the last decision
  std::size_t shadow_trades = 0;
};
Verdict self_evaluator(Toolbox box, const Instrument& instrument, const EvaluationFacts& facts);

struct Outcome {
  DecisionAction action = DecisionAction::hold;
  std::string why;
};
Verdict orchestrator(Toolbox box, const Tally& tally, const Outcome& outcome, std::string_view regime);

}  // namespace prom
