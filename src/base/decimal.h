// Exact decimal numbers for money and quantities: one __int128 mantissa at the fixed scale 1e-12, |value| < 1.7e26.
// Operators assert on overflow (a broken invariant); checked_* return it (input from outside). No implicit conversion to or from double:
// base/on_grid.h is the one door back. Any thread; a value type of 16 bytes.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/result.h"
#include "base/wide_int.h"

namespace prom {

// Where an inexact result goes. Every division and multiplication names one.
enum class Round : std::uint8_t {
  down,       // toward zero
  up,         // away from zero
  floor,      // toward minus infinity
  ceil,       // toward plus infinity
  half_even,  // nearest, a tie to the even neighbour
  half_up,    // nearest, a tie away from zero
};

enum class DecimalError : std::uint8_t { empty, malformed, inexact, overflow, division_by_zero };
std::string_view describe(DecimalError error);

namespace detail {

inline constexpr std::int64_t kPow10[19] = {1LL,
                                            10LL,
                                            100LL,
                                            1'000LL,
                                            10'000LL,
                                            100'000LL,
                                            1'000'000LL,
                                            10'000'000LL,
                                            100'000'000LL,
                                            1'000'000'000LL,
                                            10'000'000'000LL,
                                            100'000'000'000LL,
                                            1'000'000'000'000LL,
                                            10'000'000'000'000LL,
                                            100'000'000'000'000LL,
                                            1'000'000'000'000'000LL,
                                            10'000'000'000'000'000LL,
                                            100'000'000'000'000'000LL,
                                            1'000'000'000'000'000'000LL};

enum class Sign : std::uint8_t { plus, minus };

// Whether the magnitude `quotient` grows by one, given the remainder of a division by `divisor`.
constexpr bool rounds_away(wide::U128 quotient, wide::U128 remainder, wide::U128 divisor, Sign sign, Round round) {
  switch (round) {
    case Round::down: return false;
    case Round::up: return remainder != 0;
    case Round::floor: return sign == Sign::minus && remainder != 0;
    case Round::ceil: return sign == Sign::plus && remainder != 0;
    case Round::half_even: return remainder > divisor - remainder || (remainder == divisor - remainder && (quotient & 1) != 0);
    case Round::half_up: return remainder >= divisor - remainder;
  }
  PROM_UNREACHABLE();
}

}  // namespace detail

class Decimal {
 public:
  using Mantissa = wide::I128;
  static constexpr std::int64_t kScale = 1'000'000'000'000;
  static constexpr int kDigits = 12;
  static constexpr Mantissa kMaxMantissa = static_cast<Mantissa>(~wide::U128{0} >> 1);
  static constexpr Mantissa kMinMantissa = -kMaxMantissa - 1;

  constexpr Decimal() = default;  // zero

  // mantissa * 1e-12.
  static constexpr Decimal from_mantissa(Mantissa mantissa) { return Decimal(mantissa); }
  static constexpr Decimal from_int(std::int64_t value) { return Decimal(Mantissa{value} * kScale); }
  // units * 10^-digits, digits 0..12 (asserted); always exact.
  static constexpr Decimal from_units(std::int64_t units, int digits) {
    PROM_ASSERT(digits >= 0 && digits <= kDigits, "digits must be 0..12; see checked_from_units");
    return Decimal(Mantissa{units} * detail::kPow10[kDigits - digits]);
  }
  // As from_units for digits 0..18: `inexact` where the value needs more than 12 decimal places; `overflow` for other digits.
  static Result<Decimal, DecimalError> checked_from_units(std::int64_t units, int digits);

  // Exact: [+-] digits [. digits] [(e|E) [+-] digits], with at least one digit on either side of the point. `inexact` where a non-zero
  // digit lies beyond 1e-12, `overflow` beyond the range, `malformed` for anything else: "nan", "1,5", " 1", ".".
  static Result<Decimal, DecimalError> parse(std::string_view text);
  // Exact, shortest plain form: no exponent, no trailing zeros, no "-0". parse(to_string()) gives the same value.
  std::string to_string() const;

  constexpr Mantissa mantissa() const { return mantissa_; }
  constexpr bool is_zero() const { return mantissa_ == 0; }
  constexpr bool is_positive() const { return mantissa_ > 0; }
  constexpr bool is_negative() const { return mantissa_ < 0; }
  constexpr int sign() const { return (mantissa_ > 0) - (mantissa_ < 0); }
  constexpr Decimal abs() const { return mantissa_ < 0 ? -*this : *this; }

  // The value in units of 10^-digits, digits 0..18 (asserted), rounded as named; `overflow` where it does not fit.
  Result<std::int64_t, DecimalError> to_units(int digits, Round round) const;
  // The nearest double (ties to even). For analysis and display only.
  double to_double() const;

  friend constexpr auto operator<=>(Decimal a, Decimal b) = default;
  friend constexpr Decimal operator+(Decimal a, Decimal b) {
    Mantissa sum = 0;
    PROM_ASSERT(!__builtin_add_overflow(a.mantissa_, b.mantissa_, &sum), "Decimal + overflow");
    return Decimal(sum);
  }
  friend constexpr Decimal operator-(Decimal a, Decimal b) {
    Mantissa difference = 0;
    PROM_ASSERT(!__builtin_sub_overflow(a.mantissa_, b.mantissa_, &difference), "Decimal - overflow");
    return Decimal(difference);
  }
  friend constexpr Decimal operator-(Decimal a) {
    PROM_ASSERT(a.mantissa_ != kMinMantissa, "Decimal negation overflow");
    return Decimal(-a.mantissa_);
  }
  constexpr Decimal& operator+=(Decimal b) { return *this = *this + b; }
  constexpr Decimal& operator-=(Decimal b) { return *this = *this - b; }

 private:
  constexpr explicit Decimal(Mantissa mantissa) : mantissa_(mantissa) {}
  Mantissa mantissa_ = 0;
};

// The limits of the range: about +-1.7e26.
inline constexpr Decimal kDecimalMax = Decimal::from_mantissa(Decimal::kMaxMantissa);
inline constexpr Decimal kDecimalMin = Decimal::from_mantissa(Decimal::kMinMantissa);
inline constexpr Decimal kDecimalZero{};
inline constexpr Decimal kDecimalOne = Decimal::from_int(1);
inline constexpr Decimal kDecimalEpsilon = Decimal::from_mantissa(1);

Result<Decimal, DecimalError> checked_add(Decimal a, Decimal b);
Result<Decimal, DecimalError> checked_sub(Decimal a, Decimal b);
Result<Decimal, DecimalError> checked_mul(Decimal a, Decimal b, Round round);
Result<Decimal, DecimalError> checked_div(Decimal a, Decimal b, Round round);

namespace detail {
// The general cases: any magnitudes, 256-bit intermediates. They assert on overflow and division by zero.
Decimal mul_wide(Decimal a, Decimal b, Round round);
Decimal div_wide(Decimal a, Decimal b, Round round);

// rounds_away() in 64 bits for the fast paths: 1 or 0, without a branch once `round` is a constant. remainder < divisor.
constexpr std::uint64_t away_64(wide::Quotient64 q, std::uint64_t divisor, Sign sign, Round round) {
  switch (round) {
    case Round::down: return 0;
    case Round::up: return q.remainder != 0 ? 1 : 0;
    case Round::floor: return sign == Sign::minus && q.remainder != 0 ? 1 : 0;
    case Round::ceil: return sign == Sign::plus && q.remainder != 0 ? 1 : 0;
    case Round::half_even: return q.remainder + (q.quotient & 1) > divisor - q.remainder ? 1 : 0;
    case Round::half_up: return q.remainder >= divisor - q.remainder ? 1 : 0;
  }
  PROM_UNREACHABLE();
}

// numerator / divisor where the quotient is known to fit 64 bits: high64(numerator) < divisor.
inline Decimal narrow_quotient(wide::U128 numerator, std::uint64_t divisor, Sign sign, Round round) {
  const wide::Quotient64 q = wide::divide_128_by_64(wide::high64(numerator), wide::low64(numerator), divisor);
  const auto size = static_cast<wide::I128>(wide::U128{q.quotient} + away_64(q, divisor, sign, round));
  return Decimal::from_mantissa(sign == Sign::minus ? -size : size);
}

constexpr Sign sign_of_product(Decimal a, Decimal b) { return (a.mantissa() ^ b.mantissa()) < 0 ? Sign::minus : Sign::plus; }
}  // namespace detail

// a * b rounded to 1e-12. Exact intermediate. Asserts on overflow. One multiplication and one divq where both operands and the result
// stay below 1.8e7; several times that beyond.
inline Decimal mul(Decimal a, Decimal b, Round round) {
  constexpr auto kDivisor = static_cast<std::uint64_t>(Decimal::kScale);
  const wide::U128 x = wide::magnitude(a.mantissa());
  const wide::U128 y = wide::magnitude(b.mantissa());
  if (wide::high64(x | y) != 0) [[unlikely]]
    return detail::mul_wide(a, b, round);
  const wide::U128 product = wide::multiply_64(wide::low64(x), wide::low64(y));
  if (wide::high64(product) >= kDivisor) [[unlikely]]
    return detail::mul_wide(a, b, round);
  return detail::narrow_quotient(product, kDivisor, detail::sign_of_product(a, b), round);
}

// a / b rounded to 1e-12. Exact intermediate. Asserts on overflow and on b == 0. Same fast path as mul.
inline Decimal div(Decimal a, Decimal b, Round round) {
  constexpr auto kFactor = static_cast<std::uint64_t>(Decimal::kScale);
  const wide::U128 x = wide::magnitude(a.mantissa());
  const wide::U128 y = wide::magnitude(b.mantissa());
  if (wide::high64(x | y) != 0) [[unlikely]]
    return detail::div_wide(a, b, round);
  const wide::U128 numerator = wide::multiply_64(wide::low64(x), kFactor);
  if (wide::high64(numerator) >= wide::low64(y)) [[unlikely]]
    return detail::div_wide(a, b, round);  // also b == 0
  return detail::narrow_quotient(numerator, wide::low64(y), detail::sign_of_product(a, b), round);
}

// The multiple of `step` (> 0, asserted) that `round` picks for `value`, e.g. a price on its tick. Asserts on overflow.
Decimal round_to_step(Decimal value, Decimal step, Round round);

constexpr Decimal min(Decimal a, Decimal b) { return b < a ? b : a; }
constexpr Decimal max(Decimal a, Decimal b) { return a < b ? b : a; }

namespace literals {
// Constants in code, checked by the compiler: "0.0005"_dec. Plain digits with an optional sign and point; at most 12 decimals.
consteval Decimal operator""_dec(const char* text, std::size_t size) {
  std::size_t i = size > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  Decimal::Mantissa value = 0;
  int decimals = -1;
  bool any_digit = false;
  for (; i < size; ++i) {
    if (text[i] == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    PROM_ASSERT(text[i] >= '0' && text[i] <= '9', "not a plain decimal");
    PROM_ASSERT(decimals < Decimal::kDigits, "more than 12 decimals");
    value = value * 10 + (text[i] - '0');
    any_digit = true;
    if (decimals >= 0) ++decimals;
  }
  PROM_ASSERT(any_digit, "no digit");
  value *= detail::kPow10[Decimal::kDigits - (decimals < 0 ? 0 : decimals)];
  return Decimal::from_mantissa(size > 0 && text[0] == '-' ? -value : value);
}
}  // namespace literals

}  // namespace prom
