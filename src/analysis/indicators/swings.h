// Confirmed swing highs and lows, the raw material of Fibonacci levels and of smart-money structure. Causal: a swing is reported at the
// bar that confirms it and never changes. Plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"

namespace prom::indicators {

enum class SwingKind { high, low };

struct Swing {
  SwingKind kind = SwingKind::high;
  std::size_t index = 0;            // the extreme bar
  std::size_t confirmed_index = 0;  // index + right: the first bar at whose close it is known
  double price = 0;                 // that bar's high or low
  bool operator==(const Swing&) const = default;
};

// Bar i is a swing high when its high is >= every high of the `left` bars before and the `right` bars after it, where at least one
// neighbour is lower; likewise for lows. Of equal extremes within a window every one qualifies (a double top is two swings). One bar can
// be both.
class SwingDetector {
 public:
  struct Params {
    int left = 5, right = 5;
  };
  // What one bar confirmed: at most one swing of each kind.
  struct Found {
    std::optional<Swing> high, low;
  };

  static ParamResult<SwingDetector> make(const Params& params);
  // The swings that the newest bar confirms; its index is the number of updates before it.
  Found update(const OhlcvBar& bar);

 private:
  explicit SwingDetector(const Params& params);
  RollingMax highest_;
  RollingMin lowest_;
  RollingMin lowest_high_;
  RollingMax highest_low_;
  MirrorWindow highs_, lows_;  // the last right + 1 values: the oldest one is the candidate
  std::size_t right_, seen_ = 0;
};

}  // namespace prom::indicators
