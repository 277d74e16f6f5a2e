// Markets and crowds for the engine's benches. One thread.
#pragma once

#include <memory>
#include <vector>

#include "engine/engine.h"
#include "research/simulation/simulation.h"

namespace prom::bench_setup {

struct TrendSetup {
  std::int64_t fast = 12, slow = 26;
  Switch breakers = Switch::on;
  std::int64_t timeframe = 0;  ///< nanoseconds; 0: the data's own interval
};

/// About 1,048,000 one-minute bars of BTC as a linear contract with taker fees and an assumed funding rate.
const Dataset& two_years_of_btc();
/// 20 instruments on one calendar, 100,000 bars each.
const Dataset& twenty_instruments();
/// Every series of `data` traded long/flat on the cross of two EMAs of its own bars; stops, fees, 2 bps slippage and funding on.
SimulationConfig trend(const Dataset& data, const TrendSetup& setup);

/// Users with as many open positions each as there are instruments, one more instrument to open, and one proposal a user that passes every check.
struct Crowd {
  Engine engine;
  std::vector<TradeProposal> proposals;
  Frame frame;
  /// Moves one instrument's price by a tick, without timers.
  void move_price(std::uint64_t n);
};
Crowd make_crowd(std::uint32_t users, std::uint32_t positions);

/// Nanoseconds of one tick of the cycle counter, measured against the steady clock.
double ns_per_tick();

}  // namespace prom::bench_setup
