// Fair value gaps: three bars between whose first and last wick nothing was traded. Pure function, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/smc/touch_queue.h"

namespace prom::smc {

enum class GapState {
  open,       // price has not come back
  partly,     // price has entered it
  mitigated,  // price has crossed it
};

struct FairValueGap {
  Direction direction = Direction::bullish;
  std::size_t index = 0;            // the middle bar
  std::size_t confirmed_index = 0;  // index + 1, at whose close the gap is known
  double top = 0, bottom = 0;
  std::optional<std::size_t> touched_index;    // first later bar that reaches the near edge
  std::optional<std::size_t> mitigated_index;  // first later bar that reaches the far edge
  double filled = 0;                           // deepest return so far, 0..1 of the gap, up to the last bar given

  [[nodiscard]] GapState state() const { return mitigated_index ? GapState::mitigated : touched_index ? GapState::partly : GapState::open; }
};

struct FairValueGapParams {
  double min_size = 0;  // smallest gap as a fraction of the middle bar's close, 0..1
};

// Bullish at bar i: high[i-1] < low[i+1] and close[i] > open[i]; gap [high[i-1], low[i+1]]; bearish mirrored. Edges count as reached when
// touched. In order of confirmation; causal: later bars append gaps and fill in touches, they change nothing that was known. O(n log n).
// Our touched_index is what smart-money-concepts calls MitigatedIndex.
ParamResult<std::vector<FairValueGap>> fair_value_gaps(const OhlcvView& bars, const FairValueGapParams& params = {});

}  // namespace prom::smc
