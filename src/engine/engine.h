// The engine of one shard: decides on inputs, applies what it decided, and hands frames out. The same object serves backtest, paper and live. No clock, lock,
// randomness or I/O. One thread.
#pragma once

#include <cstdint>
#include <span>

#include "domain/command.h"
#include "engine/risk/calm_bands.h"
#include "engine/risk/equity_path.h"
#include "engine/state/state.h"
#include "engine/step.h"

namespace prom {

class Engine {
 public:
  explicit Engine(EngineOptions options = {}) : options_(options) {}

  /// Decides and applies. The frame's events and commands are replaced; its sequence is the last one plus one. Inputs must not go back in time
  /// (an earlier one is taken at the engine's present).
  void step(Input&& input, Frame& frame);
  void step(const Input& input, Frame& frame) { step(Input(input), frame); }

  /// The same for a closed bar without building an Input: what backtests call. When `frame` ends up with neither events nor commands, nothing but the price
  /// changed, and a caller that journals a reference to its data set need not record it.
  void step_bar(InstrumentIx instrument, PriceUnits high, PriceUnits low, PriceUnits close, TimeNs closed_at, Frame& frame);

  /// Prices of the instrument inside which closed bars change nothing but the price and the watermarks, as long as no timer is due (state().next_due) and no
  /// other input comes between.
  CalmBand calm_band(InstrumentIx instrument) { return bands_.of(state_, instrument).band; }
  /// Bands that were read stay as they are while this does.
  std::uint64_t calm_generation() const { return bands_.generation(); }

  /// Bars of one instrument that all lay inside calm_band() and closed before any timer was due, as if each had been stepped.
  struct CalmBars {
    std::uint64_t count = 0;
    PriceUnits highest{}, lowest{};     ///< of all of them
    PriceUnits high{}, low{}, close{};  ///< of the last
    TimeNs closed_at{};                 ///< of the last
  };
  void take_calm_bars(InstrumentIx instrument, const CalmBars& bars);

  /// Proposals that RiskEngine::bars_openings() speaks of, where nobody records them: counted as if each had been stepped.
  void count_barred_proposals(std::uint64_t n) {
    state_.seq += n;
    state_.next_proposal += n;
  }

  /// Before take_calm_bars() of bars with closes beyond close_low and close_high: raises the peak of each user to the highest equity on the way. `paths` are the
  /// bars of all instruments, in the order in which bars of the same instant are taken.
  void settle_peaks(std::span<const ClosePath> paths);

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
  CalmBands bands_;
};

}  // namespace prom
