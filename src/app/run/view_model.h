// What the view shows of a run, filled from the engine's state and the collected results. Main thread.
#pragma once

#include <cstdint>

#include "app/run/scenario.h"
#include "app/view/run_view.h"

namespace prom {

/// Where the run stands that no table knows.
struct RunPace {
  Progress progress;
  double speed = 0;
  std::optional<double> eta_seconds;
  std::string ops_address;
  std::string notice;
};

class ViewFiller {
 public:
  explicit ViewFiller(const Scenario& scenario);
  /// Notes what a frame brought: decisions, fills, denials, alerts.
  void observe(const EngineState& state, const Frame& frame);
  /// The same of a frame that an earlier process wrote: it counts, and is no news.
  void recover(const RecordedFrame& frame);
  view::RunViewModel fill(const Simulation& simulation, const RunPace& pace) const;

 private:
  void on_decision(const EngineState& state, const DecisionRecord& record);
  void on_verdicts(const DecisionRecord& record);
  void on_fill(const EngineState& state, const Fill& fill);

  const Scenario& scenario_;
  std::vector<view::DecisionRow> decisions_;
  std::vector<view::TradeRow> trades_;
  std::vector<view::AlertRow> alerts_;
  std::vector<view::AgentRow> agents_;
  std::uint64_t decision_count_ = 0, fill_count_ = 0, trade_count_ = 0, denial_count_ = 0;
};

/// The live view on a terminal, else lines; under --json on stderr.
std::unique_ptr<view::RunView> make_view(AppContext& context);

}  // namespace prom
