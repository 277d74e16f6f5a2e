// Order blocks: the last opposite candle before a move that broke structure. Pure function, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/smc/market_structure.h"

namespace prom::smc {

enum class BlockState { fresh, touched, broken };

struct OrderBlock {
  Direction direction = Direction::bullish;  // bullish: support
  std::size_t index = 0;                     // the candle
  std::size_t confirmed_index = 0;           // the bar that broke structure, at whose close the block is known
  double top = 0, bottom = 0;                // the candle's high and low
  double volume = 0;                         // the candle's volume
  double strength = 0;                       // 0..1, fixed at confirmation (see below)
  std::optional<std::size_t> touched_index;  // first later bar whose wick enters the block
  std::optional<std::size_t> broken_index;   // first later bar that closes beyond the far side

  [[nodiscard]] BlockState state() const { return broken_index ? BlockState::broken : touched_index ? BlockState::touched : BlockState::fresh; }
};

struct OrderBlockParams {
  MarketStructureParams structure;
  int atr_period = 14;
  int volume_period = 20;
};

// For every break of structure: the last candle against its direction from the broken swing's bar up to the bar before the break; none,
// or the candle of an earlier block of that direction: no new block.
// strength = 0.5 * min(1, d / 3) + 0.3 * min(1, v / 2) + 0.2 * g, where d = distance from the block's far side to the break's close in
// ATRs at the break, v = mean volume from the block to the break over the mean of the `volume_period` bars before the block, g = 1 when a
// fair value gap of that direction lies between them and was known at the break. A part that cannot be computed yet counts 0. The weights
// are our convention, not a published one: use strength to rank, not as a probability. O(n log n) plus the bars between block and break.
ParamResult<std::vector<OrderBlock>> order_blocks(const OhlcvView& bars, const OrderBlockParams& params = {});

}  // namespace prom::smc
