// Liquidity: pools of resting stops beyond swing highs and lows (equal highs and lows foremost), and sweeps of them (stop hunts).
// Pure functions, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/smc/swing_points.h"

namespace prom::smc {

// Stops of shorts rest above a pool of highs, stops of longs below a pool of lows.
struct LiquidityPool {
  SwingKind kind = SwingKind::high;
  std::vector<Swing> members;              // in order of confirmation; two or more = equal highs or lows; at most kMaxPoolMembers
  double level = 0;                        // the most extreme member's price: beyond it lie the stops
  std::optional<std::size_t> taken_index;  // first bar whose wick passes the level; the pool is gone then

  [[nodiscard]] bool equal_extremes() const { return members.size() >= 2; }
};

inline constexpr std::size_t kMaxPoolMembers = 64;

// A pool was taken and price came back: the stops were hunted.
struct Sweep {
  std::size_t pool = 0;              // index into LiquidityMap::pools
  SwingKind kind = SwingKind::high;  // highs swept: a bearish sign
  double level = 0;
  std::size_t index = 0;            // the bar that took the pool
  std::size_t confirmed_index = 0;  // the bar that closed back inside, at most reclaim_bars later
  double penetration = 0;           // how far the extreme from index to confirmed_index went beyond the level, price units
  double relative_volume = 0;       // volume of the taking bar over the mean of the volume_period bars before it; 0 = unknown
};

struct LiquidityMap {
  std::vector<LiquidityPool> pools;  // by confirmation of the first member
  std::vector<Sweep> sweeps;         // by confirmed_index, then pool
};

struct LiquidityParams {
  SwingParams swings;
  double tolerance_atr = 0.25;  // 0..10: a swing joins a pool of its kind when within this many ATRs of its level
  int atr_period = 14;
  int reclaim_bars = 2;  // 0..1000: bars after the taking bar within which a close back inside makes it a sweep; 0 = the same bar
  int volume_period = 20;
};

// Every confirmed swing starts a pool or joins the nearest standing one. Before the ATR is warm only equal prices join. A close back
// inside means below a pool of highs, above a pool of lows. Causal: later bars append pools, members and sweeps. O(n log n).
ParamResult<LiquidityMap> liquidity(const OhlcvView& bars, const LiquidityParams& params = {});

}  // namespace prom::smc
