// Premium and discount. Pure, any thread.
#include "analysis/smc/premium_discount.h"

namespace prom::smc {

PriceZone zone_of(const PremiumDiscountValue& value) {
  if (value.position > 1) return PriceZone::above_range;
  if (value.position < 0) return PriceZone::below_range;
  if (value.position > 0.55) return PriceZone::premium;
  return value.position < 0.45 ? PriceZone::discount : PriceZone::equilibrium;
}

ParamResult<PremiumDiscount> PremiumDiscount::make(const Params& params) {
  auto swings = indicators::SwingDetector::make(params);
  if (!swings) return std::unexpected(swings.error());
  return PremiumDiscount(std::move(*swings));
}

void PremiumDiscount::update(const OhlcvBar& bar) {
  const auto found = swings_.update(bar);
  if (found.high) high_ = found.high;
  if (found.low) low_ = found.low;
  close_ = bar.close;
}

std::optional<PremiumDiscountValue> PremiumDiscount::value() const {
  if (!high_ || !low_ || !(low_->price < high_->price)) return std::nullopt;
  const double range = high_->price - low_->price;
  return PremiumDiscountValue{(close_ - low_->price) / range, high_->price, low_->price, low_->price + range / 2.0};
}

}  // namespace prom::smc
