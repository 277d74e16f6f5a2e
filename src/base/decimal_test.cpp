// Decimal against Boost.Multiprecision's arbitrary integers, an independent implementation, plus cases worked out by hand.
#include "base/decimal.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>

#include "base/prng.h"

namespace prom {
namespace {

using namespace literals;
using boost::multiprecision::cpp_int;

constexpr Round kRounds[] = {Round::down, Round::up, Round::floor, Round::ceil, Round::half_even, Round::half_up};
const cpp_int kScale = 1'000'000'000'000;
const cpp_int kMax = (cpp_int(1) << 127) - 1;
const cpp_int kMin = -(cpp_int(1) << 127);

cpp_int big(Decimal value) { return cpp_int(value.mantissa()); }

// numerator / denominator rounded, from the definitions of the modes on exact integers.
cpp_int reference_divide(const cpp_int& numerator, const cpp_int& denominator, Round round) {
  const bool negative = (numerator < 0) != (denominator < 0);
  const cpp_int n = abs(numerator);
  const cpp_int d = abs(denominator);
  cpp_int q = n / d;
  const cpp_int twice = (n % d) * 2;
  bool away = false;
  if (round == Round::up) away = twice > 0;
  if (round == Round::floor) away = negative && twice > 0;
  if (round == Round::ceil) away = !negative && twice > 0;
  if (round == Round::half_even) away = twice > d || (twice == d && q % 2 == 1);
  if (round == Round::half_up) away = twice >= d;
  if (away) ++q;
  return negative ? -q : q;
}

// Magnitudes of every bit length, so that all paths and their borders are met; sometimes next to a power of two or a round number.
Decimal random_decimal(Xoshiro256pp& random) {
  const auto bits = static_cast<int>(random.below(128));
  wide::U128 size = wide::join(random.next(), random.next());
  size = bits == 0 ? 0 : size >> (128 - bits);
  switch (random.below(6)) {
    case 0: size = (wide::U128{1} << bits) - random.below(2); break;
    case 1: size = size / 1'000'000'000'000 * 1'000'000'000'000; break;
    case 2: size = size / 1'000'000 * 500'000; break;
    default: break;
  }
  size &= ~wide::U128{0} >> 1;
  const auto mantissa = static_cast<wide::I128>(size);
  return Decimal::from_mantissa(random.chance(1, 2) ? mantissa : -mantissa);
}

void expect_matches(const Result<Decimal, DecimalError>& actual, const cpp_int& expected) {
  if (expected > kMax || expected < kMin) {
    ASSERT_FALSE(actual.has_value());
    EXPECT_EQ(actual.error(), DecimalError::overflow);
  } else {
    ASSERT_TRUE(actual.has_value());
    EXPECT_EQ(big(*actual), expected);
  }
}

TEST(Decimal, ArithmeticMatchesBoost) {
  Xoshiro256pp random(20250504);
  int overflows = 0;
  for (int i = 0; i < 300'000; ++i) {
    const Decimal a = random_decimal(random);
    const Decimal b = random_decimal(random);
    const Round round = kRounds[random.below(6)];
    SCOPED_TRACE(a.to_string() + " " + b.to_string() + " round " + std::to_string(static_cast<int>(round)));
    expect_matches(checked_add(a, b), big(a) + big(b));
    expect_matches(checked_sub(a, b), big(a) - big(b));
    const cpp_int product = reference_divide(big(a) * big(b), kScale, round);
    expect_matches(checked_mul(a, b, round), product);
    if (product <= kMax && product >= kMin) {
      ASSERT_EQ(big(mul(a, b, round)), product);
    } else {
      ++overflows;
    }
    if (b.is_zero()) continue;
    const cpp_int quotient = reference_divide(big(a) * kScale, big(b), round);
    expect_matches(checked_div(a, b, round), quotient);
    if (quotient <= kMax && quotient >= kMin) {
      ASSERT_EQ(big(div(a, b, round)), quotient);
    }
    EXPECT_EQ(a < b, big(a) < big(b));
    EXPECT_EQ(a == b, big(a) == big(b));
    if (HasFailure()) return;
  }
  EXPECT_GT(overflows, 1000);  // the generator does reach the far side
}

// The values that trade: prices, quantities, rates. Ties are frequent because of the few digits.
TEST(Decimal, MarketSizedArithmeticMatchesBoost) {
  Xoshiro256pp random(7);
  for (int i = 0; i < 300'000; ++i) {
    const Decimal a = Decimal::from_units(random.range(-20'000'000, 20'000'000), static_cast<int>(random.below(13)));
    const Decimal b = Decimal::from_units(random.range(-2'000'000, 2'000'000), static_cast<int>(random.below(13)));
    const Round round = kRounds[random.below(6)];
    ASSERT_EQ(big(mul(a, b, round)), reference_divide(big(a) * big(b), kScale, round)) << a.to_string() << " * " << b.to_string();
    if (!b.is_zero()) {
      ASSERT_EQ(big(div(a, b, round)), reference_divide(big(a) * kScale, big(b), round)) << a.to_string() << " / " << b.to_string();
    }
  }
}

TEST(Decimal, WideDivisionMatchesBoost) {
  Xoshiro256pp random(99);
  for (int i = 0; i < 300'000; ++i) {
    const auto word = [&] { return random.chance(1, 4) ? (random.chance(1, 2) ? 0 : UINT64_MAX) : random.next(); };
    const wide::U256 n{wide::join(word(), word()), wide::join(word(), word())};
    wide::U128 d = wide::join(word(), word()) >> random.below(128);
    if (d == 0) d = 1;
    const cpp_int big_n = (cpp_int(n.hi) << 128) + cpp_int(n.lo);
    const wide::Quotient256 q = wide::divide_256(n, d);
    ASSERT_EQ((cpp_int(q.quotient.hi) << 128) + cpp_int(q.quotient.lo), big_n / cpp_int(d));
    ASSERT_EQ(cpp_int(q.remainder), big_n % cpp_int(d));
    const wide::U256 product = wide::multiply_128(n.hi, d);
    ASSERT_EQ((cpp_int(product.hi) << 128) + cpp_int(product.lo), cpp_int(n.hi) * cpp_int(d));
  }
}

TEST(Decimal, RoundingByHand) {
  const Decimal third_place = Decimal::from_mantissa(1);
  const auto halves = [&](int mantissa, Round round) { return static_cast<int>(mul(Decimal::from_mantissa(mantissa), "0.5"_dec, round).mantissa()); };
  EXPECT_EQ(third_place.to_string(), "0.000000000001");
  // mantissa / 2 for 1, 3, -1, -3: 0.5, 1.5, -0.5, -1.5
  const struct {
    Round round;
    int of_1, of_3, of_minus_1, of_minus_3;
  } table[] = {{Round::down, 0, 1, 0, -1}, {Round::up, 1, 2, -1, -2},       {Round::floor, 0, 1, -1, -2},
               {Round::ceil, 1, 2, 0, -1}, {Round::half_even, 0, 2, 0, -2}, {Round::half_up, 1, 2, -1, -2}};
  for (const auto& row : table) {
    EXPECT_EQ(halves(1, row.round), row.of_1);
    EXPECT_EQ(halves(3, row.round), row.of_3);
    EXPECT_EQ(halves(-1, row.round), row.of_minus_1);
    EXPECT_EQ(halves(-3, row.round), row.of_minus_3);
  }
  EXPECT_EQ(div("1"_dec, "3"_dec, Round::half_even).to_string(), "0.333333333333");
  EXPECT_EQ(div("2"_dec, "3"_dec, Round::half_even).to_string(), "0.666666666667");
  EXPECT_EQ(div("-2"_dec, "3"_dec, Round::down).to_string(), "-0.666666666666");
}

// Two trillion units of a coin at 0.000001: the quantities of the cheapest coins, and what they cost.
TEST(Decimal, RangeEdges) {
  const Decimal units = "2000000000000"_dec;
  EXPECT_EQ(mul(units, "0.000001"_dec, Round::half_even).to_string(), "2000000");
  EXPECT_EQ(mul(units, "0.000001234567"_dec, Round::half_even).to_string(), "2469134");
  EXPECT_EQ(div("2000000"_dec, "0.000001"_dec, Round::half_even), units);
  EXPECT_EQ(mul(units, units, Round::down).to_string(), "4000000000000000000000000");
  EXPECT_EQ(kDecimalMax.to_string(), "170141183460469231731687303.715884105727");
  EXPECT_EQ(kDecimalMin.to_string(), "-170141183460469231731687303.715884105728");
  EXPECT_EQ(Decimal::parse("170141183460469231731687303.715884105727"), kDecimalMax);
  EXPECT_EQ(Decimal::parse("-170141183460469231731687303.715884105728"), kDecimalMin);
  EXPECT_EQ(Decimal::parse("170141183460469231731687303.715884105728").error(), DecimalError::overflow);
  EXPECT_EQ(checked_add(kDecimalMax, kDecimalEpsilon).error(), DecimalError::overflow);
  EXPECT_EQ(checked_sub(kDecimalMin, kDecimalEpsilon).error(), DecimalError::overflow);
  EXPECT_EQ(checked_mul(kDecimalMin, "-1"_dec, Round::down).error(), DecimalError::overflow);
  EXPECT_EQ(checked_mul(kDecimalMin, "1"_dec, Round::down), kDecimalMin);
  EXPECT_EQ(checked_div(kDecimalMax, kDecimalEpsilon, Round::down).error(), DecimalError::overflow);
  EXPECT_EQ(checked_div(kDecimalOne, Decimal(), Round::down).error(), DecimalError::division_by_zero);
  EXPECT_EQ(checked_mul(kDecimalMax, kDecimalMax, Round::up).error(), DecimalError::overflow);
  // The quotient is 2^128 - 1 and a rest: rounding away must not wrap to zero.
  EXPECT_EQ(checked_div("136112946769055950119191719.899634033797"_dec, "0.400000000002"_dec, Round::up).error(), DecimalError::overflow);
  EXPECT_EQ(div(kDecimalMin, kDecimalMin, Round::down), kDecimalOne);
}

TEST(DecimalDeathTest, BrokenInvariantsStop) {
  EXPECT_DEATH(static_cast<void>(kDecimalMax + kDecimalEpsilon), "overflow");
  EXPECT_DEATH(static_cast<void>(kDecimalMin - kDecimalEpsilon), "overflow");
  EXPECT_DEATH(static_cast<void>(-kDecimalMin), "overflow");
  EXPECT_DEATH(static_cast<void>(mul(kDecimalMax, "2"_dec, Round::down)), "overflow");
  EXPECT_DEATH(static_cast<void>(div(kDecimalOne, Decimal(), Round::down)), "division by zero");
  EXPECT_DEATH(static_cast<void>(div(kDecimalMax, Decimal(), Round::down)), "division by zero");
  EXPECT_DEATH(static_cast<void>(Decimal::from_units(1, 13)), "digits");
}

TEST(Decimal, ParseAccepts) {
  const struct {
    const char* text;
    const char* canonical;
  } table[] = {{"0", "0"},
               {"-0", "0"},
               {"+1", "1"},
               {"00012.50", "12.5"},
               {".5", "0.5"},
               {"5.", "5"},
               {"-0.000000000001", "-0.000000000001"},
               {"1e-12", "0.000000000001"},
               {"123e3", "123000"},
               {"1.25E+2", "125"},
               {"12500000000000000e-16", "1.25"},
               {"0.00000000000100000000000000000000000000000000000000", "0.000000000001"},
               {"100000000000000000000000000000000000000000e-30", "100000000000"},
               {"0e999999999999999999999", "0"},
               {"0.0000000000000000000000000000000000001e37", "1"},
               {"1e26", "100000000000000000000000000"}};
  for (const auto& row : table) {
    const auto value = Decimal::parse(row.text);
    ASSERT_TRUE(value.has_value()) << row.text;
    EXPECT_EQ(value->to_string(), row.canonical) << row.text;
  }
}

TEST(Decimal, ParseRefuses) {
  EXPECT_EQ(Decimal::parse("").error(), DecimalError::empty);
  for (const char* text : {"-",   "+",     ".",  "-.", "e5",   "1e",    "1e+", "1e-", "nan",   "NaN",   "inf", "-Infinity",
                           "1,5", "1_000", " 1", "1 ", "0x10", "1.2.3", "--1", "+-1", "1e1.5", "1e5e5", "1f",  "\xd9\xa1"}) {
    EXPECT_EQ(Decimal::parse(text).error(), DecimalError::malformed) << text;
  }
  EXPECT_EQ(Decimal::parse(std::string_view("1\0", 2)).error(), DecimalError::malformed);
  for (const char* text : {"0.0000000000001", "1.1234567890123", "1e-13", "1e-99999999999999999999999999"}) {
    EXPECT_EQ(Decimal::parse(text).error(), DecimalError::inexact) << text;
  }
  for (const char* text : {"1e27", "2e26", "-171000000000000000000000000", "1e99999999999999999999", "999999999999999999999999999999999999999999"}) {
    EXPECT_EQ(Decimal::parse(text).error(), DecimalError::overflow) << text;
  }
}

TEST(Decimal, TextRoundTrips) {
  Xoshiro256pp random(3);
  for (int i = 0; i < 100'000; ++i) {
    const Decimal value = random_decimal(random);
    const std::string text = value.to_string();
    ASSERT_EQ(Decimal::parse(text), value) << text;
    // The text means the mantissa: remove the point, pad to 12 decimals, read by Boost.
    const std::size_t point = text.find('.');
    std::string digits = text;
    std::size_t decimals = 0;
    if (point != std::string::npos) {
      decimals = text.size() - point - 1;
      digits.erase(point, 1);
      ASSERT_NE(text.back(), '0');
    }
    digits.append(12 - decimals, '0');
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));  // Boost reads a leading 0 as octal
    ASSERT_EQ((negative ? -cpp_int(digits) : cpp_int(digits)), big(value)) << text;
  }
}

TEST(Decimal, UnitsMatchBoost) {
  Xoshiro256pp random(4);
  for (int i = 0; i < 100'000; ++i) {
    const int digits = static_cast<int>(random.below(19));
    const Round round = kRounds[random.below(6)];
    const auto units = static_cast<std::int64_t>(random.next() >> random.below(64));
    const cpp_int power = boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(digits));
    const auto made = Decimal::checked_from_units(units, digits);
    const bool exact = cpp_int(units) * kScale % power == 0;
    ASSERT_EQ(made.has_value(), exact);
    if (made) {
      ASSERT_EQ(big(*made) * power, cpp_int(units) * kScale);
      ASSERT_EQ(made->to_units(digits, round), units);
    }
    const Decimal value = random_decimal(random);
    const cpp_int expected = reference_divide(big(value) * power, kScale, round);
    const auto got = value.to_units(digits, round);
    const bool fits = expected <= INT64_MAX && expected >= INT64_MIN;
    ASSERT_EQ(got.has_value(), fits) << value.to_string() << " digits " << digits;
    if (got) {
      ASSERT_EQ(cpp_int(*got), expected);
    }
  }
}

TEST(Decimal, ToDoubleIsNearest) {
  using Exact = boost::multiprecision::number<boost::multiprecision::cpp_bin_float<400, boost::multiprecision::digit_base_2>>;
  Xoshiro256pp random(5);
  for (int i = 0; i < 50'000; ++i) {
    const Decimal value = random_decimal(random);
    const double got = value.to_double();
    const Exact exact = Exact(big(value)) / Exact(kScale);
    const auto distance = [&](double candidate) { return abs(Exact(candidate) - exact); };
    ASSERT_LE(distance(got), distance(std::nextafter(got, -INFINITY))) << value.to_string();
    ASSERT_LE(distance(got), distance(std::nextafter(got, INFINITY))) << value.to_string();
  }
  EXPECT_EQ("0.1"_dec.to_double(), 0.1);
  EXPECT_EQ("-65000.37"_dec.to_double(), -65000.37);
  EXPECT_EQ("123456789.123456789012"_dec.to_double(), 123456789.123456789012);
}

TEST(Decimal, RoundToStep) {
  EXPECT_EQ(round_to_step("65000.37"_dec, "0.1"_dec, Round::down), "65000.3"_dec);
  EXPECT_EQ(round_to_step("-65000.37"_dec, "0.1"_dec, Round::down), "-65000.3"_dec);
  EXPECT_EQ(round_to_step("-65000.37"_dec, "0.1"_dec, Round::floor), "-65000.4"_dec);
  EXPECT_EQ(round_to_step("7.5"_dec, "5"_dec, Round::half_even), "10"_dec);
  EXPECT_EQ(round_to_step("12.5"_dec, "5"_dec, Round::half_even), "10"_dec);
  Xoshiro256pp random(6);
  for (int i = 0; i < 100'000; ++i) {
    const Decimal value = Decimal::from_mantissa(random_decimal(random).mantissa() / 4);
    const Decimal step = Decimal::from_mantissa(random_decimal(random).mantissa() / 4).abs();
    if (step.is_zero()) continue;
    const Round round = kRounds[random.below(6)];
    ASSERT_EQ(big(round_to_step(value, step, round)), reference_divide(big(value), big(step), round) * big(step));
  }
}

TEST(Decimal, LiteralsAgreeWithParse) {
  EXPECT_EQ("0.0005"_dec, *Decimal::parse("0.0005"));
  EXPECT_EQ("-1234567.123456789012"_dec, *Decimal::parse("-1234567.123456789012"));
  EXPECT_EQ("+3"_dec, Decimal::from_int(3));
  EXPECT_EQ(Decimal::from_int(INT64_MIN).to_string(), "-9223372036854775808");
  EXPECT_EQ("-2.5"_dec.abs(), "2.5"_dec);
  EXPECT_EQ("-2.5"_dec.sign(), -1);
  EXPECT_EQ(Decimal().sign(), 0);
}

}  // namespace
}  // namespace prom
