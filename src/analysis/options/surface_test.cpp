// The surface against flat and published ones: what is built, what is read between quotes, and which arbitrage is named where.
#include "analysis/options/surface.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/test_support.h"

namespace prom::options {
namespace {

constexpr auto kCall = OptionKind::call, kPut = OptionKind::put;

// Quotes of both kinds at every strike, from a function of k that gives total variance.
template <class Variance>
std::vector<Quote> quotes_of(const Black76& market, double years, Variance variance, const std::vector<double>& ks) {
  std::vector<Quote> quotes;
  for (const double k : ks) {
    const double strike = market.forward * detmath::exp(k), volatility = std::sqrt(variance(k) / years);
    for (const auto kind : {kCall, kPut}) quotes.push_back({kind, strike, *price({kind, strike, years}, Black76{market.forward, market.rate, volatility})});
  }
  return quotes;
}

std::vector<double> range(double low, double high, int steps) {
  std::vector<double> ks;
  for (int i = 0; i <= steps; ++i) ks.push_back(low + (high - low) * i / steps);
  return ks;
}

std::size_t count(const std::vector<Violation>& found, Arbitrage kind) {
  return static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [kind](const Violation& v) { return v.kind == kind; }));
}

TEST(Surface, flat_volatility_comes_back_everywhere_and_offers_no_arbitrage) {
  std::vector<std::vector<Quote>> quotes;
  std::vector<Expiry> expiries;
  for (const double years : {0.5, 0.05, 1.0}) {  // in any order
    quotes.push_back(quotes_of({100 + 10 * years, 0.04, 0}, years, [years](double) { return 0.36 * years; }, range(-1, 1, 40)));
  }
  int i = 0;
  for (const double years : {0.5, 0.05, 1.0}) expiries.push_back({years, 100 + 10 * years, 0.04, quotes[static_cast<std::size_t>(i++)]});
  const auto surface = *build_surface(expiries);
  ASSERT_EQ(surface.slices.size(), 3u);
  EXPECT_EQ(surface.slices[0].years, 0.05);
  for (const auto& slice : surface.slices) {
    ASSERT_EQ(slice.points.size(), 41u);
    for (const auto& p : slice.points) EXPECT_NEAR(p.volatility, 0.6, 1e-11) << slice.years << " " << p.k;
  }
  // The other half of the quotes lies in the money; nothing else was lost.
  EXPECT_EQ(surface.dropped.size(), 3u * 41);
  for (const auto& d : surface.dropped) EXPECT_EQ(d.reason, DropReason::in_the_money);
  for (const double years : {0.01, 0.05, 0.3, 0.75, 1.0, 3.0}) {
    for (const double strike : {1.0, 60.0, 101.3, 250.0, 9000.0}) EXPECT_NEAR(*volatility_at(surface, {strike, years}), 0.6, 1e-9);
  }
  EXPECT_TRUE(find_arbitrage(surface).empty());
}

TEST(Surface, between_quotes_total_variance_is_linear_in_k_and_in_time) {
  const std::vector<double> strikes{80, 100, 125}, near{0.5, 0.4, 0.45}, far{0.6, 0.5, 0.55};
  const auto surface = *surface_of(std::vector<VolatilityColumn>{{0.25, 100, strikes, near}, {1.0, 100, strikes, far}});
  const double k = std::log(100.0 * std::sqrt(0.8) / 100);  // half way between k(80) and 0
  const double w1 = 0.5 * (0.25 * 0.25 + 0.16 * 0.25), w2 = 0.5 * (0.36 + 0.25);
  EXPECT_NEAR(*volatility_at(surface, {100 * std::exp(k), 0.25}), std::sqrt(w1 / 0.25), 1e-13);
  EXPECT_NEAR(*volatility_at(surface, {100 * std::exp(k), 0.5}), std::sqrt((w1 * 2 / 3 + w2 / 3) / 0.5), 1e-13);
  EXPECT_NEAR(*volatility_at(surface, {10, 0.1}), 0.5, 1e-13);
  EXPECT_NEAR(*volatility_at(surface, {400, 7}), 0.55, 1e-13);
}

// A. Vogt's parameters in Gatheral and Jacquier, example 3.1: an innocent-looking SVI slice. On this grid, by mpmath at 40
// digits: call prices stop being convex at the 61 strikes from k = 0.65 to 1.25 and rise at the 45 from 0.51 to 0.95.
TEST(Arbitrage, the_published_example_is_found_where_it_is) {
  const auto svi = [](double k) { return -0.0410 + 0.1331 * (0.3060 * (k - 0.3586) + std::sqrt((k - 0.3586) * (k - 0.3586) + 0.4153 * 0.4153)); };
  const auto quotes = quotes_of({100, 0, 0}, 1.0, svi, range(-1.5, 1.5, 300));
  const auto found = find_arbitrage(*build_surface(std::vector<Expiry>{{1.0, 100, 0, quotes}}), {1e-12, 1e-12});
  const struct {
    Arbitrage kind;
    std::size_t number;
    double low, high;
    std::string_view name;
  } expected[] = {{Arbitrage::butterfly, 61, 0.65, 1.25, "butterfly"}, {Arbitrage::vertical_spread, 45, 0.51, 0.95, "vertical_spread"}};
  EXPECT_EQ(found.size(), 61u + 45u);
  for (const auto& e : expected) {
    std::vector<double> ks;
    for (const auto& v : found) {
      if (v.kind != e.kind) continue;
      EXPECT_GT(v.amount, 0);
      EXPECT_LT(v.strikes[0], v.strikes[1]);
      ks.push_back(std::log(v.strikes[1] / 100));
    }
    EXPECT_EQ(ks.size(), e.number) << e.name;
    EXPECT_NEAR(ks.front(), e.low, 1e-9);
    EXPECT_NEAR(ks.back(), e.high, 1e-9);
    EXPECT_EQ(name_of(e.kind), e.name);
  }
}

TEST(Arbitrage, a_calendar_that_falls_is_named_with_its_strike) {
  const std::vector<double> strikes{80, 100, 125}, near{0.5, 0.6, 0.5}, far{0.5, 0.4, 0.5};
  const auto surface = *surface_of(std::vector<VolatilityColumn>{{0.5, 100, strikes, near}, {1.0, 100, strikes, far}});
  const auto found = find_arbitrage(surface);
  ASSERT_EQ(count(found, Arbitrage::calendar), 1u);
  const auto at = *std::find_if(found.begin(), found.end(), [](const Violation& v) { return v.kind == Arbitrage::calendar; });
  EXPECT_EQ(at.slice, 0u);
  EXPECT_EQ(at.strikes[0], 100);
  EXPECT_NEAR(at.amount, 0.36 * 0.5 - 0.16, 1e-14);
  EXPECT_EQ(name_of(at.kind), "calendar");
  EXPECT_EQ(count(find_arbitrage(surface, {1, 0.03}), Arbitrage::calendar), 0u);
}

TEST(Arbitrage, a_dearer_call_of_a_higher_strike_is_a_vertical_spread) {
  const std::vector<double> strikes{100, 101}, volatilities{0.5, 0.6};
  const auto found = find_arbitrage(*surface_of(std::vector<VolatilityColumn>{{1.0, 100, strikes, volatilities}}));
  // 100 * (2 N(0.25) - 1) = 19.7413 and, with ln(100/101) = -0.00995033, s = 0.6: 23.2034 (SciPy).
  ASSERT_EQ(count(found, Arbitrage::vertical_spread), 1u);
  EXPECT_EQ(found[0].strikes[1], 101);
  EXPECT_NEAR(found[0].amount, 3.4620930901838065, 1e-9);
  EXPECT_EQ(name_of(found[0].kind), "vertical_spread");
}

// Random surfaces: every triple of the outside definition and no other, by brute force over call prices from black.h.
TEST(Arbitrage, agrees_with_brute_force) {
  Xoshiro256pp rng(5);
  std::size_t seen = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<double> strikes, volatilities;
    double strike = 50;
    for (int i = 0; i < 12; ++i) strikes.push_back(strike += 1 + 10 * test::uniform(rng)), volatilities.push_back(0.4 + 0.15 * test::uniform(rng));
    const auto surface = *surface_of(std::vector<VolatilityColumn>{{0.5, 90, strikes, volatilities}});
    std::vector<double> k{0}, c{90};
    for (std::size_t i = 0; i < strikes.size(); ++i) k.push_back(strikes[i]), c.push_back(*price({kCall, strikes[i], 0.5}, Black76{90, 0, volatilities[i]}));
    std::size_t butterflies = 0, verticals = 0;
    for (std::size_t i = 1; i < k.size(); ++i) verticals += c[i] > c[i - 1] + 1e-7 || c[i - 1] - c[i] > k[i] - k[i - 1] + 1e-7 ? 1 : 0;
    for (std::size_t i = 1; i + 1 < k.size(); ++i) butterflies += (c[i + 1] - c[i]) / (k[i + 1] - k[i]) < (c[i] - c[i - 1]) / (k[i] - k[i - 1]) - 1e-7 ? 1 : 0;
    const auto found = find_arbitrage(surface, {1e-8, 1e-8});
    EXPECT_EQ(count(found, Arbitrage::butterfly), butterflies);
    EXPECT_EQ(count(found, Arbitrage::vertical_spread), verticals);
    seen += butterflies;
  }
  EXPECT_GT(seen, 200u);
}

TEST(Surface, says_why_a_quote_is_missing_and_refuses_what_is_no_surface) {
  const std::vector<Quote> quotes{{kCall, 120, 3}, {kCall, 120, 4}, {kPut, 120, 25}, {kCall, 110, 0}, {kPut, 90, 91}, {kCall, NAN, 1}, {kCall, 1e16, 1}};
  const auto surface = *build_surface(std::vector<Expiry>{{1, 100, 0, quotes}});
  ASSERT_EQ(surface.slices.size(), 1u);
  ASSERT_EQ(surface.slices[0].points.size(), 1u);
  std::vector<std::pair<std::size_t, DropReason>> dropped;
  for (const auto& d : surface.dropped) dropped.emplace_back(d.quote, d.reason);
  std::sort(dropped.begin(), dropped.end());
  const std::vector<std::pair<std::size_t, DropReason>> expected{
      {1, DropReason::duplicate},           {2, DropReason::in_the_money}, {3, DropReason::at_or_below_intrinsic},
      {4, DropReason::at_or_above_maximum}, {5, DropReason::bad_number},   {6, DropReason::bad_number}};
  EXPECT_EQ(dropped, expected);
  EXPECT_EQ(build_surface({}).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(build_surface(std::vector<Expiry>{{0, 100, 0, quotes}}).error().parameter, "years");
  EXPECT_EQ(build_surface(std::vector<Expiry>{{1, NAN, 0, quotes}}).error().parameter, "forward");
  EXPECT_EQ(build_surface(std::vector<Expiry>{{1, 100, 0, quotes}, {1, 100, 0, quotes}}).error().code, ParamErrorCode::not_below_other);
  const std::vector<double> two{90, 90}, one{0.5}, bad{0.5, -1};
  EXPECT_EQ(surface_of(std::vector<VolatilityColumn>{{1, 100, two, one}}).error().code, ParamErrorCode::length_mismatch);
  EXPECT_EQ(surface_of(std::vector<VolatilityColumn>{{1, 100, two, bad}}).error().parameter, "volatility");
  EXPECT_EQ(volatility_at({}, {100, 1}).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(volatility_at(surface, {-1, 1}).error().parameter, "strike");
}

}  // namespace
}  // namespace prom::options
