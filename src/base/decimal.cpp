// Decimal arithmetic off the fast path, and conversions to integers and double.
#include "base/decimal.h"

#include <bit>
#include <cmath>
#include <optional>

namespace prom {
namespace {

using detail::Sign;
using wide::U128;

constexpr auto kScale64 = static_cast<std::uint64_t>(Decimal::kScale);

Sign sign_of(Decimal value) { return value.is_negative() ? Sign::minus : Sign::plus; }

Result<Decimal, DecimalError> with_sign(U128 magnitude, Sign sign) {
  const U128 limit = static_cast<U128>(Decimal::kMaxMantissa) + (sign == Sign::minus ? 1 : 0);
  if (magnitude > limit) return err(DecimalError::overflow);
  // Negated as unsigned: the smallest mantissa has no positive counterpart.
  return Decimal::from_mantissa(static_cast<wide::I128>(sign == Sign::minus ? U128{0} - magnitude : magnitude));
}

Result<Decimal, DecimalError> quotient_of(wide::U256 numerator, U128 divisor, Sign sign, Round round) {
  const wide::Quotient256 q = wide::divide_256(numerator, divisor);
  if (q.quotient.hi != 0) return err(DecimalError::overflow);
  const bool away = detail::rounds_away(q.quotient.lo, q.remainder, divisor, sign, round);
  const U128 rounded = q.quotient.lo + (away ? 1 : 0);
  if (away && rounded == 0) return err(DecimalError::overflow);
  return with_sign(rounded, sign);
}

/// big * factor / divisor through three 64-bit limbs: three divq, where the general division takes ten times as long. Nothing where the quotient may not fit.
std::optional<Decimal> three_limbs(U128 big, std::uint64_t factor, std::uint64_t divisor, Sign sign, Round round) {
  const U128 low = wide::multiply_64(wide::low64(big), factor);
  const U128 high = wide::multiply_64(wide::high64(big), factor) + wide::high64(low);
  if (wide::high64(high) >= divisor) return std::nullopt;
  const wide::Quotient64 upper = wide::divide_128_by_64(wide::high64(high), wide::low64(high), divisor);
  if ((upper.quotient >> 62) != 0) return std::nullopt;
  const wide::Quotient64 lower = wide::divide_128_by_64(upper.remainder, wide::low64(low), divisor);
  const U128 quotient = wide::join(upper.quotient, lower.quotient);
  const bool away = detail::rounds_away(quotient, lower.remainder, divisor, sign, round);
  const auto size = static_cast<wide::I128>(quotient + (away ? 1 : 0));
  return Decimal::from_mantissa(sign == Sign::minus ? -size : size);
}

}  // namespace

std::string_view describe(DecimalError error) {
  switch (error) {
    case DecimalError::empty: return "the number is empty";
    case DecimalError::malformed: return "not a decimal number";
    case DecimalError::inexact: return "the number has more than 12 decimal places";
    case DecimalError::overflow: return "the number is too large";
    case DecimalError::division_by_zero: return "division by zero";
  }
  PROM_UNREACHABLE();
}

Result<Decimal, DecimalError> checked_add(Decimal a, Decimal b) {
  Decimal::Mantissa sum = 0;
  if (__builtin_add_overflow(a.mantissa(), b.mantissa(), &sum)) return err(DecimalError::overflow);
  return Decimal::from_mantissa(sum);
}

Result<Decimal, DecimalError> checked_sub(Decimal a, Decimal b) {
  Decimal::Mantissa difference = 0;
  if (__builtin_sub_overflow(a.mantissa(), b.mantissa(), &difference)) return err(DecimalError::overflow);
  return Decimal::from_mantissa(difference);
}

Result<Decimal, DecimalError> checked_mul(Decimal a, Decimal b, Round round) {
  const U128 x = wide::magnitude(a.mantissa());
  const U128 y = wide::magnitude(b.mantissa());
  return quotient_of(wide::multiply_128(x, y), kScale64, detail::sign_of_product(a, b), round);
}

Result<Decimal, DecimalError> checked_div(Decimal a, Decimal b, Round round) {
  if (b.is_zero()) return err(DecimalError::division_by_zero);
  const U128 x = wide::magnitude(a.mantissa());
  const U128 y = wide::magnitude(b.mantissa());
  return quotient_of(wide::multiply_128(x, kScale64), y, detail::sign_of_product(a, b), round);
}

namespace detail {

Decimal mul_wide(Decimal a, Decimal b, Round round) {
  const U128 x = wide::magnitude(a.mantissa());
  const U128 y = wide::magnitude(b.mantissa());
  if (wide::high64(x) == 0 || wide::high64(y) == 0) {
    const bool x_small = wide::high64(x) == 0;
    const auto product_of = three_limbs(x_small ? y : x, wide::low64(x_small ? x : y), kScale64, sign_of_product(a, b), round);
    if (product_of) return *product_of;
  }
  const auto product = checked_mul(a, b, round);
  PROM_ASSERT(product.has_value(), "Decimal mul overflow");
  return *product;
}

Decimal div_wide(Decimal a, Decimal b, Round round) {
  PROM_ASSERT(!b.is_zero(), "Decimal division by zero");
  const U128 divisor = wide::magnitude(b.mantissa());
  if (wide::high64(divisor) == 0) {
    const auto narrow = three_limbs(wide::magnitude(a.mantissa()), kScale64, wide::low64(divisor), sign_of_product(a, b), round);
    if (narrow) return *narrow;
  }
  const auto quotient = checked_div(a, b, round);
  PROM_ASSERT(quotient.has_value(), "Decimal div overflow");
  return *quotient;
}

}  // namespace detail

Decimal round_to_step(Decimal value, Decimal step, Round round) {
  PROM_ASSERT(step.is_positive(), "a step is positive");
  const auto divisor = static_cast<U128>(step.mantissa());
  const U128 magnitude = wide::magnitude(value.mantissa());
  const wide::Quotient128 q =
      wide::high64(divisor) == 0 ? wide::divide_by_64(magnitude, wide::low64(divisor)) : wide::Quotient128{magnitude / divisor, magnitude % divisor};
  U128 result = magnitude - q.remainder;
  if (detail::rounds_away(q.quotient, q.remainder, divisor, sign_of(value), round)) result += divisor;
  const auto out = with_sign(result, sign_of(value));
  PROM_ASSERT(out.has_value(), "round_to_step overflow");
  return *out;
}

Result<Decimal, DecimalError> Decimal::checked_from_units(std::int64_t units, int digits) {
  if (digits < 0 || digits > 18) return err(DecimalError::overflow);
  if (digits <= kDigits) return from_units(units, digits);
  const std::int64_t divisor = detail::kPow10[digits - kDigits];
  if (units % divisor != 0) return err(DecimalError::inexact);
  return Decimal(Mantissa{units / divisor});
}

Result<std::int64_t, DecimalError> Decimal::to_units(int digits, Round round) const {
  PROM_ASSERT(digits >= 0 && digits <= 18, "digits must be 0..18");
  if (digits > kDigits) {
    Mantissa scaled = 0;
    if (__builtin_mul_overflow(mantissa_, Mantissa{detail::kPow10[digits - kDigits]}, &scaled)) return err(DecimalError::overflow);
    if (scaled > INT64_MAX || scaled < INT64_MIN) return err(DecimalError::overflow);
    return static_cast<std::int64_t>(scaled);
  }
  const auto divisor = static_cast<std::uint64_t>(detail::kPow10[kDigits - digits]);
  const wide::Quotient128 q = wide::divide_by_64(wide::magnitude(mantissa_), divisor);
  const bool away = detail::rounds_away(q.quotient, q.remainder, divisor, sign_of(*this), round);
  const U128 rounded = q.quotient + (away ? 1 : 0);
  const U128 limit = U128{INT64_MAX} + (is_negative() ? 1 : 0);
  if (rounded > limit) return err(DecimalError::overflow);
  const auto units = static_cast<std::uint64_t>(rounded);
  return static_cast<std::int64_t>(is_negative() ? 0 - units : units);
}

double Decimal::to_double() const {
  constexpr Mantissa kExact = Mantissa{1} << 53;
  // Both are exact doubles, so the one rounding is that of the division.
  if (mantissa_ >= -kExact && mantissa_ <= kExact) return static_cast<double>(static_cast<std::int64_t>(mantissa_)) / static_cast<double>(kScale);
  // Otherwise a quotient of 63 or 64 bits whose lowest bit also stands for all that was cut off; one rounding, that of the conversion.
  const U128 size = wide::magnitude(mantissa_);
  const int bits = 128 - (wide::high64(size) != 0 ? std::countl_zero(wide::high64(size)) : 64 + std::countl_zero(wide::low64(size)));
  const int shift = 103 - bits;  // 2^103 / 1e12 lies between 2^63 and 2^64
  const U128 scaled = shift >= 0 ? size << shift : size >> -shift;
  const bool cut = shift < 0 && (scaled << -shift) != size;
  const wide::Quotient128 q = wide::divide_by_64(scaled, kScale64);
  const std::uint64_t sticky = cut || q.remainder != 0 ? 1 : 0;
  const double result = std::ldexp(static_cast<double>(wide::low64(q.quotient) | sticky), -shift);
  return is_negative() ? -result : result;
}

}  // namespace prom
