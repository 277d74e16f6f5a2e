// The general cases of InstrumentMath: factors or products beyond 64 bits go through 256-bit integers. Pure; any thread.
#include "domain/instrument_math.h"

namespace prom {

namespace detail {

Decimal mul_div(wide::U128 a, wide::U128 b, wide::U128 divisor, Sign sign, Round round) {
  PROM_ASSERT(divisor != 0, "division by zero");
  const wide::Quotient256 q = wide::divide_256(wide::multiply_128(a, b), divisor);
  PROM_ASSERT(q.quotient.hi == 0, "value beyond the range of Decimal");
  const bool away = rounds_away(q.quotient.lo, q.remainder, divisor, sign, round);
  const wide::U128 magnitude = q.quotient.lo + (away ? 1 : 0);
  PROM_ASSERT(magnitude != 0 || q.quotient.lo == 0, "value beyond the range of Decimal");
  PROM_ASSERT(magnitude <= static_cast<wide::U128>(Decimal::kMaxMantissa), "value beyond the range of Decimal");
  const auto mantissa = static_cast<wide::I128>(magnitude);
  return Decimal::from_mantissa(sign == Sign::minus ? -mantissa : mantissa);
}

}  // namespace detail

namespace {

wide::U128 power_of_ten(int exponent) {
  wide::U128 out = 1;
  for (int i = 0; i < exponent; ++i) out *= 10;
  return out;
}

std::int64_t narrow(wide::U128 value) { return value <= static_cast<wide::U128>(INT64_MAX) ? static_cast<std::int64_t>(value) : 0; }

}  // namespace

InstrumentMath InstrumentMath::of(const Instrument& instrument) {
  PROM_ASSERT(instrument.price_digits <= Decimal::kDigits && instrument.quantity_digits <= Decimal::kDigits, "digits must be 0..12; see check_instrument");
  // 1e9 units a contract keeps every factor below 2^128.
  PROM_ASSERT(instrument.contract_value.is_positive() && instrument.contract_value <= Decimal::from_int(1'000'000'000),
              "contract value out of range; see check_instrument");
  InstrumentMath math;
  math.price_digits = instrument.price_digits;
  math.quantity_digits = instrument.quantity_digits;
  math.contract = static_cast<wide::U128>(instrument.contract_value.mantissa());
  math.mul_wide = math.contract;
  if (instrument.payoff == Payoff::inverse) {
    math.mul_wide *= power_of_ten(instrument.price_digits);
    math.div_wide = power_of_ten(instrument.quantity_digits);
  } else {
    math.div_wide = power_of_ten(instrument.price_digits + instrument.quantity_digits);
  }
  while (math.div_wide != 1 && math.mul_wide % 10 == 0) {
    math.mul_wide /= 10;
    math.div_wide /= 10;
  }
  math.form = instrument.payoff == Payoff::inverse ? Form::inverse : math.div_wide == 1 ? Form::whole : Form::ratio;
  math.mul = narrow(math.mul_wide);
  math.div = narrow(math.div_wide);
  if (math.div == 0) math.mul = 0;
  return math;
}

wide::I128 InstrumentMath::value_wide(PriceUnits price, QuantityUnits quantity) const {
  const wide::U128 p = wide::magnitude(price.v);
  const wide::U128 q = wide::magnitude(quantity.v);
  if (form == Form::inverse) {
    PROM_ASSERT(price.v > 0, "an inverse contract has no value at a price that is not positive");
    const auto sign = quantity.v < 0 ? detail::Sign::minus : detail::Sign::plus;
    return detail::mul_div(q, mul_wide, div_wide * p, sign, Round::half_even).mantissa();
  }
  const auto sign = (price.v < 0) != (quantity.v < 0) ? detail::Sign::minus : detail::Sign::plus;
  return detail::mul_div(p * q, mul_wide, div_wide, sign, Round::half_even).mantissa();
}

}  // namespace prom
