// Confirmed swings. Pure, any thread.
#include "analysis/indicators/swings.h"

namespace prom::indicators {

SwingDetector::SwingDetector(const Params& params)
    : highest_(static_cast<std::size_t>(params.left + params.right + 1)),
      lowest_(static_cast<std::size_t>(params.left + params.right + 1)),
      lowest_high_(static_cast<std::size_t>(params.left + params.right + 1)),
      highest_low_(static_cast<std::size_t>(params.left + params.right + 1)),
      highs_(static_cast<std::size_t>(params.right + 1)),
      lows_(static_cast<std::size_t>(params.right + 1)),
      right_(static_cast<std::size_t>(params.right)) {}

ParamResult<SwingDetector> SwingDetector::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("left", params.left));
  PROM_CHECK_PARAM(bad_period("right", params.right));
  return SwingDetector(params);
}

SwingDetector::Found SwingDetector::update(const OhlcvBar& bar) {
  highest_.push(bar.high);
  lowest_.push(bar.low);
  lowest_high_.push(bar.high);
  highest_low_.push(bar.low);
  highs_.push(bar.high);
  lows_.push(bar.low);
  const std::size_t now = seen_++;
  Found found;
  if (!highest_.full()) return found;
  const double high = highs_.oldest(), low = lows_.oldest();
  // A window without any range confirms nothing.
  if (high == highest_.value() && lowest_high_.value() < high) found.high = Swing{SwingKind::high, now - right_, now, high};
  if (low == lowest_.value() && highest_low_.value() > low) found.low = Swing{SwingKind::low, now - right_, now, low};
  return found;
}

}  // namespace prom::indicators
