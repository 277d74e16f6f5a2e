// What a run or a shard lets others know of itself through the shared cache, while it has the right to act: its market's last prices, its accounts' money, its desk's regimes. In the
// thread that owns the engine's state; only copies leave it.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "app/shared/live_values.h"
#include "domain/command.h"
#include "engine/state/state.h"

namespace prom {

class RunLive {
 public:
  /// `values` outlives it. `run`: RunState::ledger.
  RunLive(LiveValues& values, std::string run) : values_(values), run_(std::move(run)) {}

  /// Remembers the regime of a decision.
  void on_frame(const Frame& frame);
  /// Offers what is due: prices every second, money every 5, regimes every minute and when they change.
  void on_pace(const EngineState& state);

 private:
  using Clock = std::chrono::steady_clock;
  struct Regime {
    std::string name;
    TimeNs at{};
    bool offered = false;
  };
  void offer_tickers(const EngineState& state);
  void offer_balances(const EngineState& state);
  void offer_regimes(const EngineState& state);

  LiveValues& values_;
  std::string run_;
  std::map<InstrumentIx, Regime> regimes_;
  Clock::time_point tickers_due_, balances_due_, regimes_due_;
};

/// The values as JSON. All say "mode": "PAPER", the run, and the market's time.
std::string live_ticker(const std::string& run, const Instrument& instrument, const MarketState& market);
std::string live_balance(const std::string& run, const EngineState& state, AccountIx account);
std::string live_regime(const std::string& run, const Instrument& instrument, const std::string& regime, TimeNs at);

}  // namespace prom
