// Premium and discount: where price stands in the dealing range between the last confirmed swing high and low.
// Operator with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/params.h"
#include "analysis/series.h"
#include "analysis/smc/swing_points.h"

namespace prom::smc {

enum class PriceZone {
  above_range,
  premium,      // upper half but its innermost tenth
  equilibrium,  // 0.45..0.55
  discount,     // lower half but its innermost tenth
  below_range,
};

struct PremiumDiscountValue {
  double position = kMissing;  // 0 at the range's low, 1 at its high; outside 0..1 when the close has left the range
  double range_high = kMissing, range_low = kMissing, equilibrium = kMissing;
  static constexpr std::array<std::string_view, 4> kNames{"position", "range_high", "range_low", "equilibrium"};
  [[nodiscard]] std::array<double, 4> columns() const { return {position, range_high, range_low, equilibrium}; }
};

// Requires a value with a position.
PriceZone zone_of(const PremiumDiscountValue& value);

// The range: the newest confirmed swing high and the newest confirmed swing low. No value before both exist, or while the low is not
// below the high.
class PremiumDiscount {
 public:
  using Params = SwingParams;
  using Value = PremiumDiscountValue;
  using Input = OhlcvView;

  static ParamResult<PremiumDiscount> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit PremiumDiscount(indicators::SwingDetector swings) : swings_(std::move(swings)) {}
  indicators::SwingDetector swings_;
  std::optional<Swing> high_, low_;
  double close_ = 0;
};

}  // namespace prom::smc
