// Prices, Greeks and implied volatilities against mpmath at 80 digits and against an outside table; parity, bounds, monotony and round
// trips over a wide random domain.
#include "analysis/options/black.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "analysis/options/normalised_black.h"
#include "analysis/test_support.h"
#include "base/hash.h"
#include "base/proof_test_support.h"

namespace prom::options {
namespace {

constexpr auto kCall = OptionKind::call, kPut = OptionKind::put;

test::Table load(const std::string& name) {
  std::ifstream in(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/options/" + name);
  EXPECT_TRUE(in.good()) << name;
  return test::read_csv(in);
}

double between(Xoshiro256pp& rng, double low, double high) { return low + (high - low) * test::uniform(rng); }

struct ReferenceRow {
  Contract contract;
  BlackScholes market;
  Greeks expected;
};

std::vector<ReferenceRow> reference_rows() {
  const auto t = load("black_mpmath.csv");
  std::vector<ReferenceRow> rows;
  for (std::size_t i = 0; i < t.at("spot").size(); ++i) {
    const auto at = [&](const char* name) { return t.at(name)[i]; };
    rows.push_back({{at("is_call") == 1 ? kCall : kPut, at("strike"), at("years")},
                    {at("spot"), at("rate"), at("carry_yield"), at("volatility")},
                    {at("price"), at("delta"), at("gamma"), at("vega"), at("theta"), at("rho"), at("vanna"), at("volga")}});
  }
  return rows;
}

double root_variance(const ReferenceRow& row) { return row.market.volatility * std::sqrt(row.contract.years); }
double log_moneyness(const ReferenceRow& row) {
  return std::log(row.market.spot / row.contract.strike) + (row.market.rate - row.market.carry_yield) * row.contract.years;
}

// What one rounding of the inputs does: an x off by a bit of its largest part moves a wing price by |d ln b / dx| of that, about |h| / s + 1.
double rounding(const ReferenceRow& row) {
  const double s = root_variance(row), size = std::fabs(std::log(row.market.spot / row.contract.strike)) + std::fabs(row.market.rate * row.contract.years);
  return 2.3e-16 * (size + std::fabs(row.market.carry_yield * row.contract.years)) * (std::fabs(log_moneyness(row)) / (s * s) + 1.0 / s + 1.0);
}

// In the money the intrinsic value is a difference of two legs, which costs a rounding of the legs, whatever is left of them.
double leg_rounding(const ReferenceRow& row) {
  const bool in_the_money = (row.contract.kind == kCall) == (log_moneyness(row) > 0);
  const double legs =
      row.market.spot * std::exp(-row.market.carry_yield * row.contract.years) + row.contract.strike * std::exp(-row.market.rate * row.contract.years);
  return in_the_money ? 4e-16 * legs : 0;
}

// 318 rows with prices from 1e5 down to 1e-290. Relative error of every number against 80 digits: 1e-13 and what rounding x costs. Where a
// derivative passes through zero it is measured against its typical size.
TEST(Reference, black_scholes_agrees_with_eighty_digits) {
  const auto rows = reference_rows();
  ASSERT_EQ(rows.size(), 318u);
  test::WorstError gamma;
  for (const auto& row : rows) {
    const auto g = *greeks(row.contract, row.market);
    const auto& e = row.expected;
    EXPECT_EQ(*price(row.contract, row.market), g.price);
    const double s = root_variance(row), tolerance = 1e-13 + 4 * rounding(row);
    const auto agrees = [&](double actual, double expected, double typical) {
      return std::fabs(actual - expected) <= tolerance * std::max(std::fabs(expected), typical) + 1e-290;
    };
    const double carry = std::fabs(row.market.carry_yield * e.delta * row.market.spot), interest = std::fabs(row.market.rate * e.rho / row.contract.years);
    EXPECT_TRUE(agrees(g.price, e.price, leg_rounding(row) / tolerance)) << g.price << " against " << e.price << ", volatility " << row.market.volatility;
    EXPECT_TRUE(agrees(g.delta, e.delta, 0)) << g.delta << " against " << e.delta;
    EXPECT_TRUE(agrees(g.gamma, e.gamma, 0)) << g.gamma << " against " << e.gamma;
    gamma.add(g.gamma, e.gamma);
    EXPECT_TRUE(agrees(g.vega, e.vega, 0)) << g.vega << " against " << e.vega;
    EXPECT_TRUE(agrees(g.theta, e.theta, carry + interest)) << g.theta << " against " << e.theta;
    EXPECT_TRUE(agrees(g.rho, e.rho, 0)) << g.rho << " against " << e.rho;
    EXPECT_TRUE(agrees(g.vanna, e.vanna, e.vega / row.market.spot / s * (1 + s))) << g.vanna << " against " << e.vanna;
    EXPECT_TRUE(agrees(g.volga, e.volga, e.vega / row.market.volatility * (1 + s * s))) << g.volga << " against " << e.volga;
  }
  test::record_proof(
      {"get_gamma_exposure", test::ProofKind::outside, "Black and Scholes by mpmath at 80 digits", "gamma of an option", gamma.values(), gamma.worst()});
}

// The outside prices give the outside volatilities back, as far as a price determines one: an error of the price becomes one of the
// volatility through 1 / (vega * volatility).
TEST(Reference, implied_volatility_agrees_with_eighty_digits) {
  std::size_t compared = 0;
  for (const auto& row : reference_rows()) {
    const auto& e = row.expected;
    if (e.price < 1e-290) continue;
    const double doubt = e.price * (4e-16 + 4 * rounding(row)) + leg_rounding(row), tolerance = 1e-13 + doubt / (e.vega * row.market.volatility);
    if (!(tolerance < 1e-5)) continue;  // in the money with no time value left: the price says nothing about volatility
    const auto implied = implied_volatility(row.contract, row.market, e.price);
    ASSERT_TRUE(implied) << e.price;
    EXPECT_NEAR(*implied / row.market.volatility, 1, tolerance) << "price " << e.price << ", volatility " << row.market.volatility;
    ++compared;
  }
  EXPECT_GT(compared, 200u);
}

// Gammon Capital's table: prices and Greeks of calls and puts, printed to about 1e-9.
TEST(Reference, outside_table) {
  const auto t = load("gammon_black_scholes.csv");
  const std::size_t rows = t.at("S").size();
  ASSERT_EQ(rows, 101u);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto at = [&](const char* name) { return t.at(name)[i]; };
    const BlackScholes market{at("S"), at("R"), 0, at("v")};
    const auto call = *greeks({kCall, at("K"), at("t")}, market), put = *greeks({kPut, at("K"), at("t")}, market);
    const std::pair<double, const char*> pairs[] = {
        {call.price, "bs_call"}, {put.price, "bs_put"}, {call.delta, "CD"}, {call.gamma, "CG"}, {call.theta, "CT"}, {call.vega, "CV"},        {call.rho, "CR"},
        {put.delta, "PD"},       {put.gamma, "PG"},     {put.theta, "PT"},  {put.vega, "PV"},   {put.rho, "PR"},    {call.price, "call_vals"}};
    for (const auto& [actual, name] : pairs) EXPECT_TRUE(test::close_to(actual, at(name), 1e-9)) << name << " row " << i;
  }
}

// J. C. Hull, Options, Futures, and Other Derivatives, on Black's model: put on a futures price of 20, strike 20, 4 months, 9 %, 25 %: 1.12.
TEST(Black76, textbook_case_and_the_same_as_a_spot_with_its_rate_as_yield) {
  const Contract contract{kPut, 20, 4.0 / 12};
  EXPECT_NEAR(*price(contract, Black76{20, 0.09, 0.25}), 1.12, 0.005);
  const auto a = *greeks({kCall, 90, 0.7}, Black76{100, 0.03, 0.4}), b = *greeks({kCall, 90, 0.7}, BlackScholes{100, 0.03, 0.03, 0.4});
  for (const auto& [x, y] : {std::pair{a.price, b.price}, {a.delta, b.delta}, {a.gamma, b.gamma}, {a.vega, b.vega}, {a.vanna, b.vanna}, {a.volga, b.volga}}) {
    EXPECT_NEAR(x, y, 1e-14 * std::fabs(y));
  }
  EXPECT_NEAR(a.theta, b.theta, 1e-12);
}

struct Draw {
  Contract contract;
  Black76 market;
};
Draw draw(Xoshiro256pp& rng, double reach) {  // reach: how far into the wings, in standard deviations
  Draw d;
  d.market.volatility = detmath::exp(between(rng, -6.9, 1.6));  // 0.001..5
  d.contract.years = detmath::exp(between(rng, -9.2, 1.6));     // 50 minutes..5 years
  d.market.rate = between(rng, -0.1, 0.3);
  d.market.forward = detmath::exp(between(rng, -6, 12));
  const double s = d.market.volatility * std::sqrt(d.contract.years);
  d.contract.strike = d.market.forward * detmath::exp(std::clamp(s * between(rng, -reach, reach), -20.0, 20.0));
  d.contract.kind = rng.below(2) == 0 ? kCall : kPut;
  return d;
}

TEST(Properties, price_to_volatility_to_price_comes_back) {
  Xoshiro256pp rng(11);
  std::size_t wings = 0, nothing = 0;
  double worst = 0;
  for (int i = 0; i < 200'000; ++i) {
    const Draw d = draw(rng, 36);
    const double p = *price(d.contract, d.market);
    const auto implied = implied_volatility(d.contract, d.market, p);
    if (!implied) {  // only where the price is on its bound in doubles
      const double discount = detmath::exp(-d.market.rate * d.contract.years), call = discount * (d.market.forward - d.contract.strike);
      const double intrinsic = std::max(0.0, d.contract.kind == kCall ? call : -call);
      const double most = discount * (d.contract.kind == kCall ? d.market.forward : d.contract.strike);
      ASSERT_TRUE(p - intrinsic <= 4e-16 * discount * (d.market.forward + d.contract.strike) || most - p <= 1e-15 * most || p < 1e-300)
          << p << " " << intrinsic << " " << most;
      ++nothing;
      continue;
    }
    Black76 again = d.market;
    again.volatility = *implied;
    worst = std::max(worst, std::fabs(*price(d.contract, again) / p - 1));
    wings += p < 1e-20 * d.market.forward ? 1 : 0;
  }
  EXPECT_LT(worst, 1e-10);
  EXPECT_GT(wings, 50'000u);
  EXPECT_LT(nothing, 110'000u);
}

TEST(Properties, out_of_the_money_volatility_comes_back) {
  Xoshiro256pp rng(12);
  double worst = 0;
  for (int i = 0; i < 100'000; ++i) {
    Draw d = draw(rng, 36);
    d.contract.kind = d.contract.strike >= d.market.forward ? kCall : kPut;
    const double p = *price(d.contract, d.market), most = std::min(d.contract.strike, d.market.forward) * detmath::exp(-d.market.rate * d.contract.years);
    if (p < 1e-300 || most - p < 1e-3 * most) continue;
    worst = std::max(worst, std::fabs(*implied_volatility(d.contract, d.market, p) / d.market.volatility - 1));
  }
  EXPECT_LT(worst, 1e-11);
}

TEST(Properties, parity_bounds_signs_and_monotony) {
  Xoshiro256pp rng(13);
  for (int i = 0; i < 50'000; ++i) {
    const Draw d = draw(rng, 8);
    const double discount = detmath::exp(-d.market.rate * d.contract.years), f = discount * d.market.forward, k = discount * d.contract.strike;
    const auto call = *greeks({kCall, d.contract.strike, d.contract.years}, d.market), put = *greeks({kPut, d.contract.strike, d.contract.years}, d.market);
    ASSERT_NEAR(call.price - put.price, f - k, 4e-16 * (f + k));
    ASSERT_NEAR(call.delta - put.delta, discount, 1e-15);
    ASSERT_EQ(call.gamma, put.gamma);
    ASSERT_EQ(call.vega, put.vega);
    ASSERT_TRUE(call.price >= std::max(0.0, f - k) && call.price <= f * (1 + 1e-15)) << call.price;
    ASSERT_TRUE(put.price >= std::max(0.0, k - f) && put.price <= k * (1 + 1e-15)) << put.price;
    ASSERT_TRUE(call.vega >= 0 && call.gamma >= 0);
    for (const auto& g : {call, put}) {
      for (const double v : {g.price, g.delta, g.gamma, g.vega, g.theta, g.rho, g.vanna, g.volga}) ASSERT_TRUE(std::isfinite(v));
    }
    Black76 more = d.market;  // more volatility, more price
    more.volatility *= 1 + 1e-3 + test::uniform(rng);
    const double richer = *price(d.contract, more), cheaper = d.contract.kind == kCall ? call.price : put.price;
    ASSERT_GE(richer, cheaper * (1 - 1e-15));
    if (cheaper < 0.9 * std::min(f, k) && cheaper > 0) ASSERT_GT(richer, d.contract.strike == d.market.forward ? 0 : cheaper * (1 - 1e-15));
  }
}

// No jump where the ways of computing meet: neighbouring volatilities keep prices in order.
TEST(Properties, rising_in_fine_steps_across_every_seam) {
  for (const double x : {0.0, -1e-9, -1e-4, -0.01, -0.3, -2.0, -20.0}) {
    double before = -INFINITY;
    for (int i = 0; i < 40'000; ++i) {
      const double s = std::max(std::sqrt(-x) * 0.03, 1e-6) * detmath::exp(i * 3.5e-4), now = log_normalised_call(x, s);
      if (normalised_call_gap(x, s) < 1e-10) break;
      ASSERT_GT(now, before) << "x " << x << " s " << s;
      before = now;
    }
  }
}

// Rates of 10 a year over a hundred years overflowed the discount factor, and the price became infinity less infinity.
TEST(Properties, corners_of_the_ranges_give_numbers_or_refusals_never_nan) {
  const double underlyings[] = {1e-12, 1.0, 1e15}, years[] = {1e-9, 0.1, 100.0}, volatilities[] = {1e-6, 0.5, 100.0}, rates[] = {-10.0, -0.1, 0.0, 10.0};
  std::size_t priced = 0, refused = 0;
  const auto see = [&](const ParamResult<Greeks>& g) {
    if (!g) {
      ++refused;
      return;
    }
    ++priced;
    for (const double v : {g->price, g->delta, g->gamma, g->vega, g->theta, g->rho, g->vanna, g->volga}) EXPECT_TRUE(std::isfinite(v));
    EXPECT_GE(g->price, 0);
  };
  for (const auto kind : {kCall, kPut}) {
    for (const double u : underlyings) {
      for (const double k : underlyings) {
        for (const double t : years) {
          for (const double v : volatilities) {
            for (const double r : rates) {
              see(greeks({kind, k, t}, Black76{u, r, v}));
              for (const double q : rates) see(greeks({kind, k, t}, BlackScholes{u, r, q, v}));
            }
          }
        }
      }
    }
  }
  // Of the 20 pairs of rates, 14 hold a rate of 10 either way and are refused over 100 years.
  EXPECT_EQ(priced, 54u * (20 + 20 + 6));
  EXPECT_EQ(refused, 54u * 14);
  const auto overflow = greeks({kCall, 100, 100}, Black76{100, -10, 1});
  ASSERT_FALSE(overflow);
  EXPECT_EQ(overflow.error().parameter, "rate");
  EXPECT_EQ(overflow.error().limit, -1);
}

// Recorded; a machine or build on which it differs would also decide differently. CMakeLists.txt runs it again with AVX2 and FMA hidden.
TEST(Properties, same_bits_everywhere) {
  Xoshiro256pp rng(17);
  BlockHash hash;
  for (int i = 0; i < 20'000; ++i) {
    const Draw d = draw(rng, 36);
    const auto g = *greeks(d.contract, d.market);
    const double implied = implied_volatility(d.contract, d.market, g.price).value_or(0);
    hash.update_words(std::bit_cast<std::uint64_t>(g.price), std::bit_cast<std::uint64_t>(g.theta), std::bit_cast<std::uint64_t>(g.volga),
                      std::bit_cast<std::uint64_t>(implied));
  }
  EXPECT_EQ(hash.digest(), 0xc67a1b188304454aULL);
}

TEST(Implied, refuses_what_no_volatility_gives_and_names_the_limit) {
  const Black76 market{100, 0.05, 0};
  const double discount = detmath::exp(-0.05);
  const Contract call{kCall, 80, 1}, put{kPut, 80, 1};
  const auto below = implied_volatility(call, market, 20 * discount);
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().code, ParamErrorCode::below_minimum);
  EXPECT_EQ(below.error().parameter, "price");
  EXPECT_NEAR(below.error().limit, 20 * discount, 1e-13);
  EXPECT_EQ(implied_volatility(put, market, 0).error().code, ParamErrorCode::below_minimum);
  EXPECT_EQ(implied_volatility(put, market, -1).error().code, ParamErrorCode::below_minimum);
  const auto above = implied_volatility(put, market, 80 * discount);
  EXPECT_EQ(above.error().code, ParamErrorCode::above_maximum);
  EXPECT_NEAR(above.error().limit, 80 * discount, 1e-13);
  EXPECT_EQ(implied_volatility(call, market, 100 * discount).error().code, ParamErrorCode::above_maximum);
  EXPECT_EQ(implied_volatility(call, market, NAN).error().code, ParamErrorCode::not_finite);
  EXPECT_EQ(implied_volatility({kCall, 0, 1}, market, 1).error().parameter, "strike");
  EXPECT_EQ(implied_volatility({kCall, 80, 0}, market, 1).error().parameter, "years");
  EXPECT_EQ(price(call, market).error().parameter, "volatility");
  EXPECT_EQ(price(call, Black76{NAN, 0, 1}).error().parameter, "forward");
  EXPECT_EQ(greeks(call, BlackScholes{100, 11, 0, 1}).error().parameter, "rate");
  EXPECT_EQ(greeks(call, BlackScholes{100, 0, INFINITY, 1}).error().parameter, "carry_yield");
}

}  // namespace
}  // namespace prom::options
