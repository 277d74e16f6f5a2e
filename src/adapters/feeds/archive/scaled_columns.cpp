// Moving the scale is rare (at most a dozen times a file), so it may touch every stored value.
#include "adapters/feeds/archive/scaled_columns.h"

#include <algorithm>

namespace prom::archive {

ScaledColumns::ScaledColumns(Scale scale, int digits, Cut cut, std::initializer_list<std::vector<std::int64_t>*> columns)
    : scale_(scale), digits_(scale == Scale::fixed ? digits : 0), cut_(cut), columns_(columns) {}

void ScaledColumns::grow(int digits) {
  const std::int64_t factor = kPowersOfTen[digits - digits_];
  for (auto* column : columns_) {
    for (std::int64_t& value : *column) value *= factor;
  }
  largest_ *= factor;
  digits_ = digits;
}

void ScaledColumns::shrink() {
  for (auto* column : columns_) {
    for (std::int64_t& value : *column) {
      const std::int64_t rest = value % 10;
      value /= 10;
      if (rest != 0) ++cut_values_;
      if (cut_ == Cut::nearest && rest >= 5) ++value;
    }
  }
  largest_ = largest_ / 10 + 1;
  --digits_;
}

void ScaledColumns::make_room(std::span<const Number> numbers) {
  if (scale_ == Scale::fixed) return;
  int wanted = digits_;
  for (const Number& number : numbers) wanted = std::max(wanted, std::min(number.digits, cap_));
  while (wanted > digits_) {
    if (largest_ <= kUnitLimit / kPowersOfTen[wanted - digits_]) {
      grow(wanted);
      break;
    }
    cap_ = --wanted;
  }
  for (const Number& number : numbers) {
    while (digits_ > 0 && !to_scale(number, digits_, cut_)) {
      shrink();
      cap_ = digits_;
    }
  }
}

std::optional<Scaled> ScaledColumns::place(const Number& number) {
  const auto scaled = to_scale(number, digits_, cut_);
  if (!scaled) return std::nullopt;
  if (!scaled->exact) ++cut_values_;
  largest_ = std::max(largest_, scaled->units < 0 ? -scaled->units : scaled->units);
  return scaled;
}

}  // namespace prom::archive
