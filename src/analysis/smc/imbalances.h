// Price imbalances of every kind: fair value gaps, body gaps with overlapping wicks, and gaps between neighbouring bars.
// Pure function, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/smc/touch_queue.h"

namespace prom::smc {

enum class ImbalanceKind {
  fair_value_gap,    // three bars (fair_value_gaps.h)
  volume_imbalance,  // two bars whose bodies do not meet though their wicks do
  opening_gap,       // two bars that do not meet at all
};

struct Imbalance {
  ImbalanceKind kind = ImbalanceKind::fair_value_gap;
  Direction direction = Direction::bullish;  // of the move that left it
  std::size_t confirmed_index = 0;           // last bar of the pattern
  double top = 0, bottom = 0;
  std::optional<std::size_t> filled_index;  // first later bar that reaches the far edge
};

// In order of confirmation, and by kind within a bar. Causal: later bars append and fill in filled_index. O(n log n).
std::vector<Imbalance> imbalances(const OhlcvView& bars);

}  // namespace prom::smc
