// Position arithmetic in exact integers; each inexact step names its rounding. Pure; any thread.
#include "domain/position.h"

namespace prom {

namespace {

constexpr wide::U128 kScale = Decimal::kScale;
constexpr wide::U128 kScaleSquared = kScale * kScale;

detail::Sign sign_of_amount(Decimal amount) { return amount.is_negative() ? detail::Sign::minus : detail::Sign::plus; }

wide::U128 magnitude(Decimal value) { return wide::magnitude(value.mantissa()); }
wide::U128 magnitude(QuantityUnits value) { return wide::magnitude(value.v); }

// cost * part / whole, half-even; 0 < part < whole.
Decimal share(Decimal cost, std::int64_t part, std::int64_t whole) {
  const wide::U128 size = magnitude(cost);
  if (wide::high64(size) == 0) [[likely]] {
    const wide::I128 n = static_cast<wide::I128>(size) * part;
    const Decimal out = Decimal::from_mantissa(detail::divide_half_even(n, whole));
    return cost.is_negative() ? -out : out;
  }
  return detail::mul_div(size, static_cast<wide::U128>(part), static_cast<wide::U128>(whole), sign_of_amount(cost), Round::half_even);
}

// The divisor of quantity units to base or quote units, and the contract value's mantissa, both with common powers of ten removed.
struct QuantityScale {
  wide::U128 contract;
  wide::U128 divisor;
};
QuantityScale quantity_scale(const Instrument& instrument) {
  QuantityScale scale{magnitude(instrument.contract_value), static_cast<wide::U128>(detail::kPow10[instrument.quantity_digits])};
  while (scale.divisor != 1 && scale.contract % 10 == 0) {
    scale.contract /= 10;
    scale.divisor /= 10;
  }
  return scale;
}

wide::U128 checked_product(wide::U128 a, wide::U128 b) {
  wide::U128 out = 0;
  PROM_ASSERT(!__builtin_mul_overflow(a, b, &out), "position beyond the range of its arithmetic");
  return out;
}

std::optional<Price> positive_price(Decimal value) {
  const auto price = Price::from(value);
  return price ? std::optional<Price>(*price) : std::nullopt;
}

}  // namespace

PositionChange apply_fill(const InstrumentMath& math, QuantityUnits position, Decimal cost, Side side, PriceUnits price, QuantityUnits quantity) {
  PROM_ASSERT(quantity.v > 0, "a fill has a positive quantity");
  PROM_ASSERT(price.v > 0, "a fill has a positive price");
  const QuantityUnits change{sign_of(side) * quantity.v};
  const Decimal value = math.value_decimal(price, change);
  PositionChange out;
  PROM_ASSERT(!__builtin_add_overflow(position.v, change.v, &out.quantity_after.v), "position overflow");
  const bool reduces = (position.v > 0 && change.v < 0) || (position.v < 0 && change.v > 0);
  if (!reduces) {
    out.cost_after = cost + value;
    out.opened = quantity;
    return out;
  }
  const QuantityUnits held{position.v < 0 ? -position.v : position.v};
  out.closed = quantity < held ? quantity : held;
  out.opened = quantity - out.closed;
  const Decimal cost_closed = out.closed == held ? cost : share(cost, out.closed.v, held.v);
  // What the closed part is worth, signed like the position. The opened part takes the rest of the fill's value, so that the two add up to it to the last digit.
  const QuantityUnits closed_signed{position.v > 0 ? out.closed.v : -out.closed.v};
  const Decimal value_closed = out.opened.v == 0 ? -value : math.value_decimal(price, closed_signed);
  out.realised = math.is_inverse() ? cost_closed - value_closed : value_closed - cost_closed;
  out.cost_after = out.opened.v == 0 ? cost - cost_closed : value + value_closed;
  return out;
}

PositionChange apply_fill(const Instrument& instrument, QuantityUnits position, Decimal cost, Side side, PriceUnits price, QuantityUnits quantity) {
  return apply_fill(InstrumentMath::of(instrument), position, cost, side, price, quantity);
}

Decimal unrealised_pnl(const Instrument& instrument, QuantityUnits position, Decimal cost, PriceUnits price) {
  return unrealised_pnl(InstrumentMath::of(instrument), position, cost, price);
}

std::optional<Decimal> average_price(const Instrument& instrument, QuantityUnits position, Decimal cost) {
  if (position.v == 0) return std::nullopt;
  const QuantityScale scale = quantity_scale(instrument);
  const wide::U128 size = checked_product(magnitude(position), scale.contract);  // base or quote units * 1e12 * divisor
  if (instrument.payoff != Payoff::inverse)
    return detail::mul_div(magnitude(cost), checked_product(kScale, scale.divisor), size, detail::Sign::plus, Round::half_even);
  // An inverse position too small to have a cost at 1e-12 has no average either.
  if (cost.is_zero()) return std::nullopt;
  return detail::mul_div(size, kScale, checked_product(scale.divisor, magnitude(cost)), detail::Sign::plus, Round::half_even);
}

std::optional<Price> liquidation_price(const Instrument& instrument, QuantityUnits position, Decimal cost, Decimal margin, Decimal maintenance_rate) {
  if (instrument.payoff == Payoff::spot || position.v == 0) return std::nullopt;
  if (maintenance_rate.is_negative() || maintenance_rate >= kDecimalOne) return std::nullopt;
  const bool is_long = position.v > 0;
  const Round round = is_long ? Round::ceil : Round::floor;
  const Decimal paid = cost.abs();
  const QuantityScale scale = quantity_scale(instrument);
  const wide::U128 size = checked_product(magnitude(position), scale.contract);
  if (instrument.payoff == Payoff::linear) {
    const Decimal numerator = is_long ? paid - margin : paid + margin;
    const Decimal rate = is_long ? kDecimalOne - maintenance_rate : kDecimalOne + maintenance_rate;
    if (!numerator.is_positive()) return std::nullopt;
    // n / (b * rate) at 1e-12 with b = size / (1e12 * divisor): n * 1e24 * divisor / (size * rate), all mantissas.
    return positive_price(detail::mul_div(checked_product(magnitude(numerator), scale.divisor), kScaleSquared, checked_product(size, magnitude(rate)),
                                          detail::Sign::plus, round));
  }
  const Decimal denominator = is_long ? paid + margin : paid - margin;
  const Decimal rate = is_long ? kDecimalOne + maintenance_rate : kDecimalOne - maintenance_rate;
  if (!denominator.is_positive()) return std::nullopt;
  return positive_price(detail::mul_div(size, magnitude(rate), checked_product(magnitude(denominator), scale.divisor), detail::Sign::plus, round));
}

}  // namespace prom
