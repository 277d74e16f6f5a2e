// The desk with rule brains: runs the fourteen agents in their order for one pair at one instant and says what it wants as inputs for the inbox. Proposes,
// never acts. One thread at a time; deterministic in the order of its requests.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "agents/brains/brains.h"
#include "agents/evaluation/shadow.h"
#include "agents/roles.h"
#include "ports/decider.h"
#include "tools/session.h"

namespace prom {

struct DeskOptions {
  std::vector<std::string> asset_names;  ///< by AssetIx, for tools that name assets
  ToolClock clock = nullptr;             ///< only measures tool calls and agents for the log; never decides anything
};

/// What the desk keeps from call to call: the shared analysis of the last instant of each instrument, and for each pair how it was judged and its shadow
/// trades. A desk that starts anew inside a run decides the same for every pair that is not disabled; shadow results begin again.
class RuleDesk final : public Desk {
 public:
  explicit RuleDesk(AgentProfiles profiles, DeskOptions options = {});
  DecisionOutcome decide(const DecisionRequest& request) override;

  const AgentProfiles& profiles() const { return profiles_; }
  /// Shadow trades closed so far on a pair since it was disabled; empty for unknown pairs.
  std::vector<double> shadow_nets(PairIx pair) const;
  DeciderStatus status(PairIx pair) const;

 private:
  /// Of one instrument at one instant, for all pairs.
  struct Analysis {
    TimeNs time{};
    const MarketView* market = nullptr;
    std::vector<Verdict> verdicts;
    Tally tally;
    std::string regime;
    std::vector<float> situation;  ///< score, signed score of each analyst, regime one-hot
  };
  struct PairState {
    DeciderStatus status = DeciderStatus::active;
    TimeNs last{};               ///< instant of the last decision
    std::size_t from_trade = 0;  ///< trades before this one no longer count (the desk came back)
    std::size_t judged_trades = SIZE_MAX, judged_shadow = SIZE_MAX;
    Evaluation closed;
    Judgement judgement;
    ShadowLedger shadow;
    std::map<DecisionId, std::vector<float>> situations;  ///< of openings whose trade has not closed; at most kMostSituations
  };
  struct Run;  ///< everything of one decision

  const Analysis& analyse(const DecisionRequest& request, const Instrument& instrument);
  Toolbox toolbox(Run& run, AgentRole role) const;
  void evaluate_trades(Run& run);
  std::string why_blocked(const Run& run) const;
  void plan_entry(Run& run);
  void care(Run& run);
  void settle(Run& run);
  DecisionOutcome outcome_of(Run& run);
  DecisionOutcome refuse(const DecisionRequest& request, std::string why) const;
  void note_lessons(Run& run, std::vector<InputBody>& inputs);

  AgentProfiles profiles_;
  DeskOptions options_;
  DurationNs frame_;
  std::map<InstrumentIx, Analysis> analyses_;
  std::map<PairIx, PairState> pairs_;
  std::set<InstrumentIx> told_;  ///< instruments whose missing sources were explained
};

}  // namespace prom
