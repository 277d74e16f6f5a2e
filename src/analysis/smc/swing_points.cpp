// Swing points. Pure, any thread.
#include "analysis/smc/swing_points.h"

namespace prom::smc {

ParamResult<std::vector<SwingPoint>> swing_points(const OhlcvView& bars, const SwingParams& params) {
  auto detector = indicators::SwingDetector::make(params);
  if (!detector) return std::unexpected(detector.error());
  std::vector<SwingPoint> points;
  std::optional<double> last_high, last_low;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto found = detector->update(bar_at(bars, i));
    if (found.high) {
      SwingPoint point{*found.high, std::nullopt};
      if (last_high) point.label = found.high->price > *last_high ? SwingLabel::higher_high : SwingLabel::lower_high;
      last_high = found.high->price;
      points.push_back(point);
    }
    if (found.low) {
      SwingPoint point{*found.low, std::nullopt};
      if (last_low) point.label = found.low->price > *last_low ? SwingLabel::higher_low : SwingLabel::lower_low;
      last_low = found.low->price;
      points.push_back(point);
    }
  }
  return points;
}

}  // namespace prom::smc
