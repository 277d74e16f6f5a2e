// Market structure. Pure, any thread.
#include "analysis/smc/market_structure.h"

namespace prom::smc {
namespace {

struct Tracker {
  MarketStructure out;
  std::optional<Swing> high, low;

  void broke(std::optional<Swing>& swing, Direction direction, std::size_t bar) {
    const bool turned = out.trend && *out.trend != direction;
    out.breaks.push_back({turned ? BreakKind::change_of_character : BreakKind::break_of_structure, direction, *swing, bar});
    out.trend = direction;
    swing.reset();
  }
};

}  // namespace

ParamResult<MarketStructure> market_structure(const OhlcvView& bars, const MarketStructureParams& params) {
  auto points = swing_points(bars, params.swings);
  if (!points) return std::unexpected(points.error());
  Tracker tracker;
  auto next = points->begin();
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double up = params.break_by == BreakBy::close ? bars.close[i] : bars.high[i];
    const double down = params.break_by == BreakBy::close ? bars.close[i] : bars.low[i];
    if (tracker.high && up > tracker.high->price) tracker.broke(tracker.high, Direction::bullish, i);
    if (tracker.low && down < tracker.low->price) tracker.broke(tracker.low, Direction::bearish, i);
    for (; next != points->end() && next->swing.confirmed_index == i; ++next) {
      (next->swing.kind == SwingKind::high ? tracker.high : tracker.low) = next->swing;
    }
  }
  tracker.out.swings = std::move(*points);
  return std::move(tracker.out);
}

}  // namespace prom::smc
