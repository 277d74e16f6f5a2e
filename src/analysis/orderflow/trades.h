// What trades tell: who was the aggressor, how large, how fast. Pure functions over trade columns and one operator; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analysis/params.h"

namespace prom::orderflow {

// Who crossed the spread.
enum class Aggressor : std::uint8_t { buyer, seller };

// Equal-length columns, one element a trade, in the venue's order; times ascending, equal ones allowed. Price in quote, quantity in base
// units.
struct TradesView {
  std::span<const std::int64_t> time_ns;
  std::span<const double> price, quantity;
  std::span<const Aggressor> aggressor;
  [[nodiscard]] std::size_t size() const { return price.size(); }
};

struct TradeImbalance {
  double buy_volume = 0, sell_volume = 0;  // base units
  double buy_value = 0, sell_value = 0;    // quote units
  std::size_t buys = 0, sells = 0;
  double imbalance = 0;  // (buy - sell) / (buy + sell) of volume, -1..1; 0 without volume
};
// Over all trades given. O(n).
TradeImbalance trade_imbalance(const TradesView& trades);

struct WhalePrint {
  std::size_t index = 0;
  Aggressor aggressor = Aggressor::buyer;
  double value = 0;     // price * quantity, quote units
  double multiple = 0;  // of the mean value of the `window` trades before it; 0 before the window is full
};
struct WhaleParams {
  double min_value = 100'000;  // quote units, >= 0; a print is never smaller
  double multiple = 20;        // of the mean value of the trades before it; asked only once the window is full; >= 1
  int window = 1000;
};
// Trades that are large in themselves and large for this market. Causal: each is judged by the trades before it. O(n).
ParamResult<std::vector<WhalePrint>> whale_prints(const TradesView& trades, const WhaleParams& params = {});

struct TickSpeed {
  double trades_per_second = 0, volume_per_second = 0;  // in (now - window, now]
  std::optional<double> relative;                       // trades_per_second over the mean of the windows before; none if those held no trade, or none is whole
};
struct TickSpeedParams {
  std::int64_t window_ns = 10'000'000'000;  // 1 ms .. 1 day
  int baseline_windows = 30;                // 1..1000, at most
  // Where the record begins: windows that it does not cover wholly are left out, since nobody knows what was traded in them.
  std::optional<std::int64_t> record_begin_ns = std::nullopt;
};
// As of now_ns; later trades are ignored. O(log n + trades in the window).
ParamResult<TickSpeed> tick_speed(const TradesView& trades, std::int64_t now_ns, const TickSpeedParams& params = {});

}  // namespace prom::orderflow
