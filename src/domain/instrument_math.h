// The value of a quantity at a price with the instrument's constants worked out once: the hot path's form of notional(). Pure; any thread.
#pragma once

#include <cstdint>

#include "base/assert.h"
#include "base/decimal.h"
#include "base/wide_int.h"
#include "domain/amounts.h"
#include "domain/instrument.h"

namespace prom {

namespace detail {

/// a * b / divisor with a 256-bit intermediate, rounded as named. Asserts on a zero divisor and on a result beyond Decimal's range.
Decimal mul_div(wide::U128 a, wide::U128 b, wide::U128 divisor, Sign sign, Round round);

/// Half-even quotient for the common sizes; `divisor` > 0.
inline wide::I128 divide_half_even(wide::I128 n, std::int64_t divisor) {
  const wide::Quotient128 q = wide::divide_by_64(wide::magnitude(n), static_cast<std::uint64_t>(divisor));
  const auto sign = n < 0 ? Sign::minus : Sign::plus;
  const bool away = rounds_away(q.quotient, q.remainder, static_cast<wide::U128>(divisor), sign, Round::half_even);
  const auto out = static_cast<wide::I128>(q.quotient + (away ? 1 : 0));
  return n < 0 ? -out : out;
}

}  // namespace detail

/// With price p = P / 10^price_digits, quantity q = Q / 10^quantity_digits and contract value c, the mantissa at 1e-12 of the value is
///   spot, linear:  P * Q * mul / div,   mul / div = c * 1e12 / 10^(price_digits + quantity_digits), in lowest powers of ten
///   inverse:       Q * mul / (div * P), mul / div = c * 1e12 * 10^price_digits / 10^quantity_digits
/// Spot and linear values of at most 12 digits in all are whole: one integer multiplication.
struct InstrumentMath {
  enum class Form : std::uint8_t { whole, ratio, inverse };

  std::int64_t mul = 1;  ///< 0 where a factor does not fit 64 bits; mul_wide and div_wide always hold
  std::int64_t div = 1;
  Form form = Form::whole;
  std::uint8_t price_digits = 0;
  std::uint8_t quantity_digits = 0;
  wide::U128 mul_wide = 1;
  wide::U128 div_wide = 1;
  wide::U128 contract = Decimal::kScale;  ///< mantissa of the contract value

  static InstrumentMath of(const Instrument& instrument);

  bool is_inverse() const { return form == Form::inverse; }

  /// Value of `quantity` at `price` as a mantissa at 1e-12: in quote (spot, linear) or in base (inverse). Sign follows quantity; half-even where it is
  /// not whole. `price` > 0 for inverse. Asserts beyond Decimal's range.
  wide::I128 value(PriceUnits price, QuantityUnits quantity) const {
    if (mul != 0) [[likely]] {
      if (form != Form::inverse) {
        std::int64_t product = 0;
        if (!__builtin_mul_overflow(price.v, quantity.v, &product)) [[likely]] {
          const wide::I128 n = wide::I128{product} * mul;
          return form == Form::whole ? n : detail::divide_half_even(n, div);
        }
      } else {
        std::int64_t divisor = 0;
        if (!__builtin_mul_overflow(div, price.v, &divisor) && divisor > 0) [[likely]]
          return detail::divide_half_even(wide::I128{quantity.v} * mul, divisor);
      }
    }
    return value_wide(price, quantity);
  }
  Decimal value_decimal(PriceUnits price, QuantityUnits quantity) const { return Decimal::from_mantissa(value(price, quantity)); }

 private:
  wide::I128 value_wide(PriceUnits price, QuantityUnits quantity) const;
};

}  // namespace prom
