// The engine of one shard: decides on inputs, applies what it decided, and hands frames out. The same object serves backtest, paper and live. No clock, lock,
// randomness or I/O. One thread.
#pragma once

#include <cstdint>

#include "domain/command.h"
#include "engine/state/state.h"
#include "engine/step.h"

namespace prom {

class Engine {
 public:
  explicit Engine(EngineOptions options = {}) : options_(options) {}

  /// Decides and applies. The frame's events and commands are replaced; its sequence is the last one plus one. Inputs must not go back in time
  /// (an earlier one is taken at the engine's present).
  void step(const Input& input, Frame& frame);

  /// The same for a closed bar without building an Input: what backtests call. When `frame` ends up with neither events nor commands, nothing but the price
  /// changed, and a caller that journals a reference to its data set need not record it.
  void step_bar(InstrumentIx instrument, PriceUnits high, PriceUnits low, PriceUnits close, TimeNs closed_at, Frame& frame);

  /// The same where nothing can follow but the price itself: no timer is due and nobody holds the instrument. False, and nothing done, where that is not so.
  bool take_quiet_bar(InstrumentIx instrument, PriceUnits high, PriceUnits low, PriceUnits close, TimeNs closed_at) {
    if (closed_at >= state_.next_due || !state_.holders[instrument.v].empty()) return false;
    ++state_.seq;
    if (closed_at > state_.now) state_.now = closed_at;
    state_.market[instrument.v] = {close, high, low, closed_at, Known::yes};
    return true;
  }

  /// Recovery: applies the recorded events of a frame without deciding.
  void recover(const RecordedFrame& frame);

  const EngineState& state() const { return state_; }
  const EngineOptions& options() const { return options_; }
  /// For snapshots alone.
  void restore(EngineState state);

 private:
  void decide(Step& step, const Input& input);
  void on_prices(Step& step, InstrumentIx instrument, PriceUnits high, PriceUnits low);
  void run_timers(Step& step);

  EngineOptions options_;
  EngineState state_;
};

}  // namespace prom
