// Imbalances. Pure, any thread.
#include "analysis/smc/imbalances.h"

#include <algorithm>

#include "analysis/smc/fair_value_gaps.h"

namespace prom::smc {
namespace {

std::optional<Imbalance> between_neighbours(const OhlcvView& bars, std::size_t i) {
  const double body_low = std::min(bars.open[i], bars.close[i]), body_high = std::max(bars.open[i], bars.close[i]);
  const double past_low = std::min(bars.open[i - 1], bars.close[i - 1]), past_high = std::max(bars.open[i - 1], bars.close[i - 1]);
  Imbalance gap;
  gap.confirmed_index = i;
  if (body_low > past_high) {
    const bool apart = bars.low[i] > bars.high[i - 1];
    gap.kind = apart ? ImbalanceKind::opening_gap : ImbalanceKind::volume_imbalance;
    gap.top = apart ? bars.low[i] : body_low;
    gap.bottom = apart ? bars.high[i - 1] : past_high;
    return gap;
  }
  if (body_high < past_low) {
    const bool apart = bars.high[i] < bars.low[i - 1];
    gap.kind = apart ? ImbalanceKind::opening_gap : ImbalanceKind::volume_imbalance;
    gap.direction = Direction::bearish;
    gap.top = apart ? bars.low[i - 1] : past_low;
    gap.bottom = apart ? bars.high[i] : body_high;
    return gap;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Imbalance> imbalances(const OhlcvView& bars) {
  std::vector<Imbalance> found;
  // The default parameters are inside their domain.
  const auto gaps = *fair_value_gaps(bars);
  auto gap = gaps.begin();
  TouchQueue<Direction::bullish, Reach::at_level> bullish;
  TouchQueue<Direction::bearish, Reach::at_level> bearish;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    const auto fill = [&](std::size_t id) { found[id].filled_index = i; };
    bullish.take_reached(bars.low[i], fill);
    bearish.take_reached(bars.high[i], fill);
    for (; gap != gaps.end() && gap->confirmed_index == i; ++gap) {
      found.push_back({ImbalanceKind::fair_value_gap, gap->direction, i, gap->top, gap->bottom, gap->mitigated_index});
    }
    if (const auto pair = between_neighbours(bars, i)) {
      if (pair->direction == Direction::bullish) {
        bullish.add(pair->bottom, found.size());
      } else {
        bearish.add(pair->top, found.size());
      }
      found.push_back(*pair);
    }
  }
  return found;
}

}  // namespace prom::smc
