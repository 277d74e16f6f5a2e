// Instrument codes, values with contracts (pain P13), grids and the hot path's form of notional.
#include "domain/instrument.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>

#include "base/prng.h"
#include "domain/instrument_math.h"
#include "domain/test_support.h"

namespace prom {
namespace {

using namespace literals;
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

cpp_int big(Decimal::Mantissa value) {
  const wide::U128 size = wide::magnitude(value);
  cpp_int out = wide::high64(size);
  out <<= 64;
  out += wide::low64(size);
  return value < 0 ? cpp_int(-out) : out;
}

/// Half-even integer nearest to a rational.
cpp_int nearest(const cpp_rational& x) {
  cpp_int n = boost::multiprecision::numerator(x);
  const cpp_int d = boost::multiprecision::denominator(x);
  const bool negative = n < 0;
  if (negative) n = -n;
  cpp_int q = n / d;
  const cpp_int twice = 2 * (n % d);
  if (twice > d || (twice == d && q % 2 != 0)) ++q;
  return negative ? cpp_int(-q) : q;
}

cpp_rational power10(int n) { return cpp_rational(boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(n))); }

cpp_rational exact_value(const Instrument& x, std::int64_t price, std::int64_t quantity) {
  const cpp_rational contract = cpp_rational(big(x.contract_value.mantissa())) / power10(12);
  const cpp_rational p = cpp_rational(price) / power10(x.price_digits);
  const cpp_rational q = cpp_rational(quantity) / power10(x.quantity_digits);
  return x.payoff == Payoff::inverse ? cpp_rational(q * contract / p) : cpp_rational(q * contract * p);
}

TEST(InstrumentCode, RoundTripAndAliases) {
  EXPECT_EQ(instrument_code(testing::okx_swap()), "okx:linear:BTCUSDT");
  const auto code = parse_instrument_code("binance:inverse:BTCUSD_PERP");
  ASSERT_TRUE(code.has_value());
  EXPECT_EQ(code->venue, Venue::binance);
  EXPECT_EQ(code->payoff, Payoff::inverse);
  EXPECT_EQ(code->symbol, "BTCUSD_PERP");
  for (const auto* market : {"linear", "perp", "um", "swap", "futures", "PERP"}) {
    const auto linear = parse_instrument_code(std::string("bybit:") + market + ":ethusdt");
    ASSERT_TRUE(linear.has_value()) << market;
    EXPECT_EQ(linear->payoff, Payoff::linear);
    EXPECT_EQ(linear->symbol, "ETHUSDT");
  }
  for (const auto* bad : {"", "binance:spot", "binance:spot:", "kraken:spot:X", "binance:option:X", "binance:spot:A:B", "binance:spot:A B",
                          "binance:spot:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456"}) {
    EXPECT_FALSE(parse_instrument_code(bad).has_value()) << bad;
  }
}

TEST(InstrumentValue, ContractsAreNotBaseUnits) {
  // OKX's own example: 10 contracts of 0.01 BTC at 65 000 are 0.1 BTC worth 6 500 USDT, not 10 BTC or 100.
  const Instrument swap = testing::okx_swap();
  const PriceUnits price{650'000};
  const QuantityUnits ten{1'000};
  EXPECT_EQ(notional(swap, price, ten), "6500"_dec);
  EXPECT_EQ(notional_in_quote(swap, price, ten), "6500"_dec);
  EXPECT_EQ(base_amount(swap, ten, price), "0.1"_dec);
  // Binance COIN-M: 65 contracts of 100 USD at 65 000 are 0.1 BTC, worth 6 500 USD.
  const Instrument inverse = testing::inverse_btc();
  EXPECT_EQ(notional(inverse, price, {65}), "0.1"_dec);
  EXPECT_EQ(base_amount(inverse, {65}, price), "0.1"_dec);
  EXPECT_EQ(notional_in_quote(inverse, price, {65}), "6500"_dec);
  EXPECT_EQ(notional(inverse, price, {-65}), "-0.1"_dec);
  // 1 contract of 100 USD at 30 000: 0.00333... BTC, half-even at 1e-12.
  EXPECT_EQ(notional(inverse, {300'000}, {1}), "0.003333333333"_dec);
}

TEST(InstrumentValue, QuantityGoesThereAndBack) {
  const Instrument swap = testing::okx_swap();
  const Instrument inverse = testing::inverse_btc();
  Xoshiro256pp random(5);
  for (int i = 0; i < 2000; ++i) {
    const QuantityUnits q{random.range(1, 1'000'000'000)};
    EXPECT_EQ(quantity_to_step(swap, to_decimal(swap, q)), q);
    // Base amount over contract value is the number of contracts again.
    EXPECT_EQ(quantity_to_step(swap, div(base_amount(swap, q, {1}), swap.contract_value, Round::half_even)), q);
    const PriceUnits p{random.range(1'000, 2'000'000)};
    const Decimal back = div(mul(notional(inverse, p, q), to_decimal(inverse, p), Round::half_even), inverse.contract_value, Round::half_even);
    EXPECT_LT((back - to_decimal(inverse, q)).abs(), "0.00001"_dec);
  }
}

TEST(InstrumentValue, AgreesWithRationals) {
  Xoshiro256pp random(77);
  const Decimal contracts[] = {kDecimalOne, "0.01"_dec, "0.0025"_dec, "0.000000000001"_dec, "100"_dec, "1000000000"_dec, "0.3"_dec};
  int wide_cases = 0;
  for (int i = 0; i < 20000; ++i) {
    Instrument x;
    x.payoff = static_cast<Payoff>(random.below(3));
    x.price_digits = static_cast<std::uint8_t>(random.below(13));
    x.quantity_digits = static_cast<std::uint8_t>(random.below(13));
    x.contract_value = contracts[random.below(7)];
    const std::int64_t price = static_cast<std::int64_t>(random.next() >> random.range(1, 62)) + 1;
    std::int64_t quantity = static_cast<std::int64_t>(random.next() >> random.range(1, 63));
    if (random.chance(1, 2)) quantity = -quantity;
    const cpp_int expected = nearest(exact_value(x, price, quantity) * power10(12));
    if (boost::multiprecision::abs(expected) > (cpp_int(1) << 126)) continue;  // beyond Decimal: asserts
    const InstrumentMath math = InstrumentMath::of(x);
    ASSERT_EQ(big(math.value({price}, {quantity})), expected) << i;
    ASSERT_EQ(big(notional(x, {price}, {quantity}).mantissa()), expected) << i;
    if (math.mul == 0) ++wide_cases;
  }
  EXPECT_GT(wide_cases, 100);
}

TEST(InstrumentGrid, RoundsAsTold) {
  Instrument x = testing::spot_btc();
  x.tick = {50};
  x.step = {10};
  EXPECT_EQ(price_to_tick(x, "100.74"_dec, Round::down)->v, 10'050);
  EXPECT_EQ(price_to_tick(x, "100.51"_dec, Round::up)->v, 10'100);
  EXPECT_EQ(price_to_tick(x, "100.50"_dec, Round::up)->v, 10'050);
  EXPECT_FALSE(price_to_tick(x, "0.3"_dec, Round::down).has_value());
  EXPECT_FALSE(price_to_tick(x, "-1"_dec, Round::down).has_value());
  EXPECT_FALSE(price_to_tick(x, "1000000000000000000"_dec, Round::down).has_value());
  EXPECT_EQ(quantity_to_step(x, "0.00029"_dec).v, 20);
  EXPECT_EQ(quantity_to_step(x, "0.00009"_dec).v, 0);
  EXPECT_EQ(quantity_to_step(x, "-1"_dec).v, 0);
  EXPECT_EQ(quantity_to_step(x, "1000000000000000000"_dec).v, INT64_MAX - INT64_MAX % 10);
}

TEST(InstrumentTiers, LastTierHoldsAboveAllCaps) {
  Instrument x = testing::okx_swap();
  x.tiers = {{"50000"_dec, "125"_dec, "0.004"_dec}, {"600000"_dec, "100"_dec, "0.005"_dec}};
  EXPECT_EQ(tier_for(x, "50000"_dec)->maintenance_rate, "0.004"_dec);
  EXPECT_EQ(tier_for(x, "50000.01"_dec)->maintenance_rate, "0.005"_dec);
  EXPECT_EQ(tier_for(x, "9000000"_dec)->maintenance_rate, "0.005"_dec);
  EXPECT_EQ(tier_for(testing::spot_btc(), "1"_dec), nullptr);
}

TEST(InstrumentCheck, NamesTheFault) {
  EXPECT_EQ(check_instrument(testing::spot_btc()), InstrumentFault::none);
  EXPECT_EQ(check_instrument(testing::okx_swap()), InstrumentFault::none);
  EXPECT_EQ(check_instrument(testing::inverse_btc()), InstrumentFault::none);
  Instrument x = testing::spot_btc();
  x.contract_value = "0.01"_dec;
  EXPECT_EQ(check_instrument(x), InstrumentFault::contract_value_not_one);
  x = testing::okx_swap();
  x.contract_value = {};
  EXPECT_EQ(check_instrument(x), InstrumentFault::contract_value_out_of_range);
  x = testing::spot_btc();
  x.price_digits = 13;
  EXPECT_EQ(check_instrument(x), InstrumentFault::digits_out_of_range);
  x = testing::spot_btc();
  x.step = {7};
  EXPECT_EQ(check_instrument(x), InstrumentFault::minimum_off_step);
  x = testing::okx_swap();
  x.tiers = {{"2"_dec, "10"_dec, "0.01"_dec}, {"1"_dec, "5"_dec, "0.02"_dec}};
  EXPECT_EQ(check_instrument(x), InstrumentFault::tiers_not_ascending);
}

}  // namespace
}  // namespace prom
