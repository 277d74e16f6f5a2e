// What makes decisions for trading pairs: the desk of agents, seen from the hosts that run it. A decider proposes; it cannot act.
// Called by one thread at a time; everything it may see is handed in.
#pragma once

#include <span>
#include <vector>

#include "domain/input.h"
#include "domain/tape.h"
#include "ports/observations.h"
#include "ports/views.h"

namespace prom {

struct DecisionRequest {
  DecisionId id{};  ///< given by the host, rising
  AsOf as_of;
  PairIx pair{};
  const TradingPair* trading_pair = nullptr;
  const MarketView* market = nullptr;
  const AccountView* account = nullptr;
  TradeHistory history;  ///< closed trades of the account, oldest first
  const MemoryView* memory = nullptr;
  const ObservationView* observations = nullptr;  ///< what outside feeds said
  std::span<const Tape> tapes;                    ///< recorded order books and trades; at most one an instrument
};

/// Everything a decision wants, as inputs for the inbox, in order: the record first, then at most one proposal or protection request, then memories and
/// evaluation outcomes.
struct DecisionOutcome {
  std::vector<InputBody> inputs;
};

class Desk {
 public:
  virtual ~Desk() = default;
  /// Runs the whole pipeline for one pair at one instant. Deterministic in its arguments when the brains are rules.
  virtual DecisionOutcome decide(const DecisionRequest& request) = 0;
};

}  // namespace prom
