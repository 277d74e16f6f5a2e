// One step in progress: deciders read the state, emit events (applied at once, so that the next decision sees them) and ask for commands. Engine thread.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "engine/risk/risk_engine.h"
#include "engine/state/apply.h"
#include "engine/state/state.h"

namespace prom {

/// Bounds and intervals of the engine's own work. All are part of the configuration digest.
struct EngineOptions {
  DurationNs coverage_deadline{5'000'000'000};      ///< an open position without a working stop for longer is flattened
  std::uint32_t coverage_retries = 3;               ///< rejected stops before the emergency close
  DurationNs query_interval{2'000'000'000};         ///< between status queries of an order in doubt
  std::uint16_t max_queries = 30;                   ///< then the instrument is quarantined
  DurationNs snapshot_interval{3'600'000'000'000};  ///< between comparisons with the venue while something is held
  DurationNs reconcile_retry{2'000'000'000};
  std::uint32_t reconcile_attempts = 3;  ///< then the difference is quarantined
  std::uint16_t cancel_attempts = 5;     ///< cancels of an order that goes on working, one after the other; then an alarm, and one more with each snapshot
  PROM_FIELDS(coverage_deadline, coverage_retries, query_interval, max_queries, snapshot_interval, reconcile_retry, reconcile_attempts, cancel_attempts)
};

class Step {
 public:
  Step(EngineState& state, const EngineOptions& options, Frame& frame) : state(state), options(options), mutable_(state), frame_(frame) {}

  const EngineState& state;
  const EngineOptions& options;

  template <class E>
  void emit(E event) {
    if constexpr (std::is_same_v<E, OrderCreated> || std::is_same_v<E, OrderMoved> || std::is_same_v<E, FillApplied>) {
      apply(mutable_, event, mutable_.now);
    } else {
      apply(mutable_, event);
    }
    frame_.events.emplace_back(std::in_place_type<E>, std::move(event));
  }
  /// The input itself is a change of state.
  void take(const Input& input) {
    apply(mutable_, input, Event{InputTaken{}});
    frame_.events.emplace_back(InputTaken{});
  }
  void command(Command command) { frame_.commands.push_back(std::move(command)); }
  void oddity(std::string what) { emit(OddityNoted{std::move(what)}); }
  void alert(Severity severity, UserIx user, std::string code, std::string text) { command(Alert{severity, user, std::move(code), std::move(text)}); }
  /// Derived timer cache: the engine alone sets it, after the timers ran.
  void set_next_due(TimeNs at) { mutable_.next_due = at; }

 private:
  EngineState& mutable_;
  Frame& frame_;
};

}  // namespace prom
