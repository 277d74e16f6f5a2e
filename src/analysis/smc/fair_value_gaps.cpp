// Fair value gaps. Pure, any thread.
#include "analysis/smc/fair_value_gaps.h"

#include <algorithm>

namespace prom::smc {
namespace {

std::optional<FairValueGap> gap_confirmed_by(const OhlcvView& bars, std::size_t last, double min_size) {
  const std::size_t first = last - 2, middle = last - 1;
  FairValueGap gap;
  gap.index = middle;
  gap.confirmed_index = last;
  if (bars.high[first] < bars.low[last] && bars.close[middle] > bars.open[middle]) {
    gap.direction = Direction::bullish;
    gap.top = bars.low[last];
    gap.bottom = bars.high[first];
  } else if (bars.low[first] > bars.high[last] && bars.close[middle] < bars.open[middle]) {
    gap.direction = Direction::bearish;
    gap.top = bars.low[first];
    gap.bottom = bars.high[last];
  } else {
    return std::nullopt;
  }
  if (gap.top - gap.bottom < min_size * bars.close[middle]) return std::nullopt;
  return gap;
}

// Deepest return into each gap: the extreme of all bars after its confirmation, from running extremes taken from the end.
void measure_fill(const OhlcvView& bars, std::vector<FairValueGap>& gaps) {
  std::size_t next = bars.size();
  double lowest = 0, highest = 0;
  for (auto gap = gaps.rbegin(); gap != gaps.rend(); ++gap) {
    for (; next > gap->confirmed_index + 1; --next) {
      const bool first = next == bars.size();
      lowest = first ? bars.low[next - 1] : std::min(lowest, bars.low[next - 1]);
      highest = first ? bars.high[next - 1] : std::max(highest, bars.high[next - 1]);
    }
    if (next == bars.size()) continue;
    const double depth = gap->direction == Direction::bullish ? gap->top - lowest : highest - gap->bottom;
    gap->filled = std::clamp(depth / (gap->top - gap->bottom), 0.0, 1.0);
  }
}

}  // namespace

ParamResult<std::vector<FairValueGap>> fair_value_gaps(const OhlcvView& bars, const FairValueGapParams& params) {
  PROM_CHECK_PARAM(out_of_range("min_size", params.min_size, {0, 1}));
  std::vector<FairValueGap> gaps;
  TouchQueue<Direction::bullish, Reach::at_level> bullish_near, bullish_far;
  TouchQueue<Direction::bearish, Reach::at_level> bearish_near, bearish_far;
  for (std::size_t i = 2; i < bars.size(); ++i) {
    const auto touch = [&](std::size_t id) { gaps[id].touched_index = i; };
    const auto mitigate = [&](std::size_t id) { gaps[id].mitigated_index = i; };
    bullish_near.take_reached(bars.low[i], touch);
    bullish_far.take_reached(bars.low[i], mitigate);
    bearish_near.take_reached(bars.high[i], touch);
    bearish_far.take_reached(bars.high[i], mitigate);
    const auto gap = gap_confirmed_by(bars, i, params.min_size);
    if (!gap) continue;
    if (gap->direction == Direction::bullish) {
      bullish_near.add(gap->top, gaps.size());
      bullish_far.add(gap->bottom, gaps.size());
    } else {
      bearish_near.add(gap->bottom, gaps.size());
      bearish_far.add(gap->top, gaps.size());
    }
    gaps.push_back(*gap);
  }
  measure_fill(bars, gaps);
  return gaps;
}

}  // namespace prom::smc
