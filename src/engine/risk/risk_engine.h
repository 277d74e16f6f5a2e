// The gate. Every proposal is reviewed here, and only here can an Approved<T> be made. Pure over the state; engine thread.
#pragma once

#include <cstdint>
#include <expected>

#include "domain/approved.h"
#include "domain/command.h"
#include "domain/denial.h"
#include "domain/proposal.h"
#include "engine/state/state.h"

namespace prom {

/// What a proposal may do after review.
struct Review {
  QuantityUnits quantity{};  ///< of the whole proposal, after probation and clipping
  Decimal risked;            ///< loss at the stop incl. taker fees both ways, in the reporting asset; zero for closing
};

class RiskEngine {
 public:
  /// How long an approval may wait for dispatch.
  static constexpr DurationNs kApprovalLife{5'000'000'000};

  /// Reviews a proposal at the state's present. Opening and adding pass every check of DenialCode in its order; reducing and closing pass only those that
  /// make the order possible at all: closing risk is never blocked by what blocks opening it.
  static std::expected<Review, Denial> review(const EngineState& state, const TradeProposal& proposal);

  /// Whether review() denies every opening of this pair as long as nothing but prices changes, whatever it asks for: a breaker, the kill switch, a pause. False
  /// says nothing.
  static bool bars_openings(const EngineState& state, PairIx pair);
  /// Before this instant breakers alone keep bars_openings() true, whatever prices do and whatever else trades; the present where no breaker is that sure.
  static TimeNs openings_barred_until(const EngineState& state, PairIx pair);

  /// Mints an entry order that review() let pass: quantity and prices are checked against it once more.
  static Approved<OrderSpec> approve_entry(const EngineState& state, const OrderSpec& spec);
  /// Mints an order that can only shrink a position: protection, closes, flattening. Asserts that it is reduce-only.
  static Approved<OrderSpec> approve_reducing(const EngineState& state, const OrderSpec& spec);
  static Approved<CancelSpec> approve_cancel(const EngineState& state, const CancelSpec& spec);
  /// Amends of protective orders: quantity at most the position, trigger on the tick.
  static Approved<AmendSpec> approve_amend(const EngineState& state, const AmendSpec& spec);
  static Approved<LeverageSpec> approve_leverage(const EngineState& state, const LeverageSpec& spec);

 private:
  template <class T>
  static Approved<T> mint(const EngineState& state, const T& value) {
    return Approved<T>(value, state.now + kApprovalLife, state.halt_epoch);
  }
};

}  // namespace prom
