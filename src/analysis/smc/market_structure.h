// Market structure: breaks of the last confirmed swing, in the trend's direction (BOS) or against it (CHoCH). Pure function, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/smc/swing_points.h"
#include "analysis/smc/touch_queue.h"

namespace prom::smc {

enum class BreakKind {
  break_of_structure,   // BOS: goes on with the trend; also the first break, which begins one
  change_of_character,  // CHoCH: the first break against the trend, which turns it
};

// What has to pass the swing's price.
enum class BreakBy { close, wick };

struct StructureBreak {
  BreakKind kind = BreakKind::break_of_structure;
  Direction direction = Direction::bullish;
  Swing swing;            // the swing that was broken
  std::size_t index = 0;  // the breaking bar, at whose close the break is known
};

struct MarketStructure {
  std::vector<SwingPoint> swings;
  std::vector<StructureBreak> breaks;  // ascending index
  std::optional<Direction> trend;      // after the last bar; none before the first break
};

struct MarketStructureParams {
  SwingParams swings;
  BreakBy break_by = BreakBy::close;
};

// Only the newest confirmed swing of each kind counts, and it is broken at most once. A swing is known from its confirmation on, so a
// break is never dated before `right` bars after its swing (the smart-money-concepts reference looks `swing_length` bars ahead; its rows
// are not comparable). A wick bar that passes both swings breaks the high first. O(n).
ParamResult<MarketStructure> market_structure(const OhlcvView& bars, const MarketStructureParams& params = {});

}  // namespace prom::smc
