// Position arithmetic: worked examples, and random fills against exact rationals.
#include "domain/position.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>

#include "base/prng.h"
#include "domain/test_support.h"

namespace prom {
namespace {

using namespace literals;
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

cpp_rational exact(Decimal value) {
  const wide::U128 size = wide::magnitude(value.mantissa());
  cpp_int out = wide::high64(size);
  out <<= 64;
  out += wide::low64(size);
  const cpp_rational scaled = cpp_rational(out) / cpp_rational(cpp_int(1'000'000'000'000));
  return value.is_negative() ? cpp_rational(-scaled) : scaled;
}
cpp_rational power10(int n) { return cpp_rational(boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(n))); }
const cpp_rational kUnit = 1 / power10(12);

cpp_rational exact_value(const Instrument& x, std::int64_t price, std::int64_t quantity) {
  const cpp_rational p = cpp_rational(price) / power10(x.price_digits);
  const cpp_rational q = cpp_rational(quantity) / power10(x.quantity_digits) * exact(x.contract_value);
  return x.payoff == Payoff::inverse ? cpp_rational(q / p) : cpp_rational(q * p);
}

TEST(Position, OpensReducesAndTurns) {
  const Instrument x = testing::spot_btc();
  // Buy 1 at 100, buy 1 at 110: cost 210, average 105.
  auto change = apply_fill(x, {0}, {}, Side::buy, {10'000}, {100'000});
  EXPECT_EQ(change.cost_after, "100"_dec);
  EXPECT_EQ(change.opened.v, 100'000);
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::buy, {11'000}, {100'000});
  EXPECT_EQ(change.cost_after, "210"_dec);
  EXPECT_EQ(average_price(x, change.quantity_after, change.cost_after), "105"_dec);
  EXPECT_EQ(unrealised_pnl(x, change.quantity_after, change.cost_after, {12'000}), "30"_dec);
  // Sell 0.5 at 120: realised 7.5.
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::sell, {12'000}, {50'000});
  EXPECT_EQ(change.realised, "7.5"_dec);
  EXPECT_EQ(change.cost_after, "157.5"_dec);
  EXPECT_EQ(change.closed.v, 50'000);
  EXPECT_EQ(change.opened.v, 0);
  // Sell 2 at 90: closes 1.5 (-22.5) and turns to short 0.5 at 90.
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::sell, {9'000}, {200'000});
  EXPECT_EQ(change.realised, "-22.5"_dec);
  EXPECT_EQ(change.closed.v, 150'000);
  EXPECT_EQ(change.opened.v, 50'000);
  EXPECT_EQ(change.quantity_after.v, -50'000);
  EXPECT_EQ(change.cost_after, "-45"_dec);
  EXPECT_EQ(average_price(x, change.quantity_after, change.cost_after), "90"_dec);
  // Buy back at 80: +5, flat, cost exactly zero.
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::buy, {8'000}, {50'000});
  EXPECT_EQ(change.realised, "5"_dec);
  EXPECT_TRUE(change.cost_after.is_zero());
  EXPECT_EQ(change.quantity_after.v, 0);
  EXPECT_FALSE(average_price(x, {0}, {}).has_value());
}

TEST(Position, InverseProfitIsInBase) {
  // Bybit's example of an inverse contract: long 10 000 USD from 5 000 to 6 000: 10 000 * (1/5000 - 1/6000) = 0.33333333 BTC.
  Instrument x = testing::inverse_btc();
  x.contract_value = kDecimalOne;
  auto change = apply_fill(x, {0}, {}, Side::buy, {50'000}, {10'000});
  EXPECT_EQ(change.cost_after, "2"_dec);
  EXPECT_EQ(unrealised_pnl(x, change.quantity_after, change.cost_after, {60'000}), "0.333333333333"_dec);
  EXPECT_EQ(average_price(x, change.quantity_after, change.cost_after), "5000"_dec);
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::sell, {60'000}, {10'000});
  EXPECT_EQ(change.realised, "0.333333333333"_dec);
  EXPECT_TRUE(change.cost_after.is_zero());
  // The short of the same loses what the long won.
  change = apply_fill(x, {0}, {}, Side::sell, {50'000}, {10'000});
  EXPECT_EQ(change.cost_after, "-2"_dec);
  EXPECT_EQ(unrealised_pnl(x, change.quantity_after, change.cost_after, {60'000}), "-0.333333333333"_dec);
}

/// Random walks of fills: after each one cost and realised must follow the exact rationals within one unit of 1e-12 for each rounding made.
void walk(const Instrument& x, std::uint64_t seed, PositionLeg leg) {
  Xoshiro256pp random(seed);
  QuantityUnits quantity{};
  Decimal cost, realised;
  cpp_rational exact_cost = 0, exact_realised = 0, flow = 0;
  int roundings = 0, turned = 0, flat = 0;
  for (int i = 0; i < 400; ++i) {
    const std::int64_t price = random.range(1'000, 900'000);
    std::int64_t size = random.range(1, 5'000);
    if (quantity.v != 0 && random.chance(1, 5)) size = quantity.v < 0 ? -quantity.v : quantity.v;
    Side side = random.chance(1, 2) ? Side::buy : Side::sell;
    if (leg != PositionLeg::net) {  // a hedge leg never changes sign
      const Side opening = leg == PositionLeg::long_leg ? Side::buy : Side::sell;
      const std::int64_t held = quantity.v < 0 ? -quantity.v : quantity.v;
      if (side != opening && size > held) {
        if (held == 0)
          side = opening;
        else
          size = held;
      }
    }
    const auto change = apply_fill(x, quantity, cost, side, {price}, {size});
    const std::int64_t signed_size = side == Side::buy ? size : -size;
    flow += exact_value(x, price, signed_size);
    const bool reduces = (quantity.v > 0 && signed_size < 0) || (quantity.v < 0 && signed_size > 0);
    if (!reduces) {
      exact_cost += exact_value(x, price, signed_size);
      ASSERT_EQ(change.opened.v, size);
      ASSERT_TRUE(change.realised.is_zero());
    } else {
      const std::int64_t held = quantity.v < 0 ? -quantity.v : quantity.v;
      const std::int64_t closed = std::min(size, held);
      const cpp_rational cost_closed = exact_cost * closed / held;
      const cpp_rational value_closed = exact_value(x, price, quantity.v > 0 ? closed : -closed);
      exact_realised += x.payoff == Payoff::inverse ? cpp_rational(cost_closed - value_closed) : cpp_rational(value_closed - cost_closed);
      exact_cost -= cost_closed;
      if (size > held) {
        exact_cost = exact_value(x, price, signed_size > 0 ? size - held : held - size);
        ++turned;
      }
      ASSERT_EQ(change.closed.v, closed);
      ASSERT_EQ(change.opened.v, size - closed);
    }
    quantity = change.quantity_after;
    cost = change.cost_after;
    realised += change.realised;
    roundings += 3;
    if (quantity.v == 0) {
      ++flat;
      ASSERT_TRUE(cost.is_zero());
      exact_cost = 0;
    }
    if (leg == PositionLeg::long_leg) {
      ASSERT_GE(quantity.v, 0);
    }
    ASSERT_LE(abs(exact(cost) - exact_cost), roundings * kUnit) << i;
    ASSERT_LE(abs(exact(realised) - exact_realised), roundings * kUnit) << i;
    // Cash is conserved: what was realised is what flowed in, less what the open position cost.
    const cpp_rational balance = x.payoff == Payoff::inverse ? cpp_rational(flow - exact(cost)) : cpp_rational(exact(cost) - flow);
    ASSERT_LE(abs(exact(realised) - balance), roundings * kUnit) << i;
  }
  EXPECT_GT(flat, 5);
  if (leg == PositionLeg::net) {
    EXPECT_GT(turned, 5);
  }
}

TEST(Position, RandomFillsFollowRationals) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const Instrument& x : {testing::spot_btc(), testing::okx_swap(), testing::inverse_btc()}) {
      walk(x, seed, PositionLeg::net);
      walk(x, seed + 100, PositionLeg::long_leg);
    }
    walk(testing::okx_swap(), seed + 200, PositionLeg::short_leg);
  }
}

TEST(Position, WholeValuesLoseNothing) {
  // Spot and linear values of at most 12 digits are exact, so closing in thirds leaves no unit behind.
  const Instrument x = testing::spot_btc();
  auto change = apply_fill(x, {0}, {}, Side::buy, {10'001}, {3});
  Decimal realised;
  for (int i = 0; i < 3; ++i) {
    change = apply_fill(x, change.quantity_after, change.cost_after, Side::sell, {10'001}, {1});
    realised += change.realised;
  }
  EXPECT_TRUE(change.cost_after.is_zero());
  EXPECT_TRUE(realised.is_zero());
}

TEST(Position, LargeCostsKeepTheirDigits) {
  // 2e12 units of a coin at 1e-6 cost 2 000 000; a third of it is closed.
  Instrument x = testing::spot_btc();
  x.price_digits = 6;
  x.quantity_digits = 0;
  auto change = apply_fill(x, {0}, {}, Side::buy, {1}, {2'000'000'000'001});
  EXPECT_EQ(change.cost_after, "2000000.000001"_dec);
  change = apply_fill(x, change.quantity_after, change.cost_after, Side::sell, {3}, {1});
  EXPECT_EQ(change.realised, "0.000002"_dec);
}

TEST(Liquidation, LinearSolvesItsOwnCondition) {
  // Long 1 BTC at 50 000, margin 5 000 (10x), maintenance 0.4 %: P = (50000 - 5000) / (1 - 0.004) = 45180.7228915...
  Instrument x = testing::okx_swap();
  const QuantityUnits one{10'000};
  EXPECT_EQ(liquidation_price(x, one, "50000"_dec, "5000"_dec, "0.004"_dec)->value(), "45180.722891566266"_dec);
  // Short: P = (50000 + 5000) / (1 + 0.004) = 54780.876494...
  EXPECT_EQ(liquidation_price(x, -one, "-50000"_dec, "5000"_dec, "0.004"_dec)->value(), "54780.876494023904"_dec);
  EXPECT_FALSE(liquidation_price(x, one, "50000"_dec, "50000"_dec, "0.004"_dec).has_value());
  EXPECT_FALSE(liquidation_price(x, one, "50000"_dec, "5000"_dec, "1"_dec).has_value());
  EXPECT_FALSE(liquidation_price(x, {0}, {}, "5000"_dec, "0.004"_dec).has_value());
  EXPECT_FALSE(liquidation_price(testing::spot_btc(), one, "50000"_dec, "5000"_dec, "0.004"_dec).has_value());
}

TEST(Liquidation, RandomPositionsMeetTheCondition) {
  Xoshiro256pp random(9);
  for (int i = 0; i < 3000; ++i) {
    const Instrument x = random.chance(1, 2) ? testing::okx_swap() : testing::inverse_btc();
    const std::int64_t size = random.range(1, 100'000);
    const PriceUnits entry{random.range(10'000, 900'000)};
    const QuantityUnits quantity{random.chance(1, 2) ? size : -size};
    const Decimal cost = notional(x, entry, quantity);
    const Decimal margin = div(cost.abs(), Decimal::from_int(random.range(2, 100)), Round::half_even);
    const Decimal rate = Decimal::from_units(random.range(0, 100), 4);
    const auto price = liquidation_price(x, quantity, cost, margin, rate);
    if (!price) continue;
    // margin + unrealised - rate * value is zero there, but for the rounding of the price to 1e-12.
    const cpp_rational p = exact(price->value());
    const cpp_rational q = cpp_rational(quantity.v) / power10(x.quantity_digits) * exact(x.contract_value);
    const cpp_rational value = x.payoff == Payoff::inverse ? cpp_rational(q / p) : cpp_rational(q * p);
    const cpp_rational pnl = x.payoff == Payoff::inverse ? cpp_rational(exact(cost) - value) : cpp_rational(value - exact(cost));
    const cpp_rational left = exact(margin) + pnl - exact(rate) * abs(value);
    ASSERT_LE(abs(left), abs(q) * kUnit * 2) << i;
    // Rounded towards the entry: at the stated price the account is at or just above the maintenance margin.
    ASSERT_GE(left, 0) << i;
  }
}

}  // namespace
}  // namespace prom
