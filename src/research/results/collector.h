// Gathers a run's results from its frames, live or recovered. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/state/state.h"
#include "ports/views.h"
#include "research/results/fill_digest.h"
#include "research/results/run_result.h"

namespace prom {

class RunCollector {
 public:
  explicit RunCollector(CollectLevel level) : level_(level), history_(std::make_shared<std::vector<JournalEntry>>()) {}

  void observe(const EngineState& state, const Input& input, const std::vector<Event>& events);
  void observe_alert(const Alert& alert) {
    if (level_ == CollectLevel::full) alerts_.push_back(alert);
  }
  void sample_equity(TimeNs time, Decimal equity);
  /// Room for so many samples.
  void expect_samples(std::size_t n) { equity_.reserve(n); }

  TradeHistory history() const { return history_; }
  std::uint64_t fills() const { return fill_count_; }
  std::uint64_t decisions() const { return decisions_.size(); }
  DecisionId last_decision() const { return last_decision_; }
  /// A decision of which no frame tells.
  void note_decision(DecisionId id) { last_decision_ = std::max(last_decision_, id); }
  /// Time of the last decision record of a pair; nothing before the first.
  std::optional<TimeNs> last_decision_at(PairIx pair) const;
  const std::vector<DecisionRecord>& decision_records() const { return decisions_; }
  const std::vector<EquityPoint>& equity() const { return equity_; }

  /// Moves what was gathered into `result` and computes its summary from the closing state.
  void finish(const EngineState& state, AccountIx account, RunResult& result);

 private:
  void on_fill(const EngineState& state, const Fill& fill);
  void on_order(const EngineState& state, OrderId id);

  CollectLevel level_;
  FillDigest digest_;
  std::uint64_t fill_count_ = 0;
  Decimal fees_, slippage_;
  DecisionId last_decision_{};
  std::vector<std::optional<TimeNs>> decided_at_;
  std::vector<Fill> fills_;
  std::vector<Posting> postings_;
  std::vector<DeniedProposal> denials_;
  std::vector<OrderOutcome> orders_;
  std::vector<DecisionRecord> decisions_;
  std::vector<EquityPoint> equity_;
  std::vector<Alert> alerts_;
  std::shared_ptr<std::vector<JournalEntry>> history_;
};

}  // namespace prom
