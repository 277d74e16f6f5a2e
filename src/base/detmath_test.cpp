// Deterministic maths: published values bit for bit, accuracy against extended precision, and digests of many results that must be the
// same on every CPU. CMakeLists.txt runs this file a second time with AVX2 and FMA hidden from the C library.
#include "base/detmath.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "base/prng.h"

namespace prom {
namespace {

constexpr int kSamples = 100'000;

double uniform(Xoshiro256pp& random, double low, double high) { return low + (high - low) * (static_cast<double>(random.next() >> 11) * 0x1p-53); }

// Distance of `value` from the exact result in units of the last place of the exact result.
double ulps(double value, long double exact) {
  const double nearest = static_cast<double>(exact);
  if (std::isinf(nearest) || nearest == 0) return value == nearest ? 0 : INFINITY;
  const double ulp = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return static_cast<double>(std::fabs(static_cast<long double>(value) - exact) / ulp);
}

template <class Function, class Reference>
double worst_ulps(Function function, Reference reference, double low, double high) {
  Xoshiro256pp random(17);
  double worst = 0;
  for (int i = 0; i < kSamples; ++i) {
    const double x = uniform(random, low, high);
    worst = std::max(worst, ulps(function(x), reference(static_cast<long double>(x))));
  }
  return worst;
}

TEST(Detmath, KnownBits) {
  // Nearest doubles of ln 2, ln 10, log10 2 and pi/4.
  EXPECT_EQ(std::bit_cast<std::uint64_t>(detmath::log(2)), 0x3fe62e42fefa39efULL);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(detmath::log(10)), 0x40026bb1bbb55516ULL);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(detmath::log10(2)), 0x3fd34413509f79ffULL);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(detmath::atan(1)), 0x3fe921fb54442d18ULL);
  // SLEEF is faithful, not correctly rounded: e comes out as the double above it (0.67 ulp), where the C library gives the one below.
  EXPECT_EQ(std::bit_cast<std::uint64_t>(detmath::exp(1)), 0x4005bf0a8b14576aULL);
  EXPECT_EQ(detmath::exp(0), 1);
  EXPECT_EQ(detmath::log2(8), 3);
  EXPECT_EQ(detmath::log10(1000), 3);
  EXPECT_EQ(detmath::pow(2, 10), 1024);
  EXPECT_EQ(detmath::sqrt(2), std::sqrt(2.0));
  EXPECT_EQ(detmath::normal_cdf(0), 0.5);
}

TEST(Detmath, AccuracyAgainstExtendedPrecision) {
  // SLEEF promises 1.0 ulp (erfc 1.5); the reference adds under 0.001.
  EXPECT_LT(worst_ulps(detmath::exp, [](long double x) { return std::exp(x); }, -700, 700), 1.001);
  EXPECT_LT(worst_ulps(detmath::expm1, [](long double x) { return std::expm1(x); }, -1, 1), 1.001);
  EXPECT_LT(worst_ulps(detmath::log, [](long double x) { return std::log(x); }, 0, 1e6), 1.001);
  EXPECT_LT(worst_ulps(detmath::log1p, [](long double x) { return std::log1p(x); }, -0.9, 1), 1.001);
  EXPECT_LT(worst_ulps(detmath::log2, [](long double x) { return std::log2(x); }, 0, 1e6), 1.001);
  EXPECT_LT(worst_ulps(detmath::log10, [](long double x) { return std::log10(x); }, 0, 1e6), 1.001);
  EXPECT_LT(worst_ulps(detmath::cbrt, [](long double x) { return std::cbrt(x); }, -1e6, 1e6), 1.001);
  EXPECT_LT(worst_ulps(detmath::tanh, [](long double x) { return std::tanh(x); }, -10, 10), 1.001);
  EXPECT_LT(worst_ulps(detmath::sin, [](long double x) { return std::sin(x); }, -100, 100), 1.001);
  EXPECT_LT(worst_ulps(detmath::cos, [](long double x) { return std::cos(x); }, -100, 100), 1.001);
  EXPECT_LT(worst_ulps(detmath::tan, [](long double x) { return std::tan(x); }, -100, 100), 1.001);
  EXPECT_LT(worst_ulps(detmath::atan, [](long double x) { return std::atan(x); }, -100, 100), 1.001);
  EXPECT_LT(worst_ulps(detmath::erf, [](long double x) { return std::erf(x); }, -6, 6), 1.001);
  EXPECT_LT(worst_ulps(detmath::erfc, [](long double x) { return std::erfc(x); }, -6, 25), 1.501);
  constexpr double kPower = 1.7;
  constexpr double kSide = 0.3;
  const auto power = [](double x) { return detmath::pow(x, kPower); };
  const auto angle = [](double x) { return detmath::atan2(x, kSide); };
  EXPECT_LT(worst_ulps(power, [](long double x) { return std::pow(x, static_cast<long double>(kPower)); }, 0, 1e6), 1.001);
  EXPECT_LT(worst_ulps(angle, [](long double x) { return std::atan2(x, static_cast<long double>(kSide)); }, -9, 9), 1.001);
}

TEST(Detmath, NormalDistribution) {
  // Abramowitz and Stegun, table 26.1, and the percentage points that every textbook prints.
  EXPECT_NEAR(detmath::normal_cdf(1.0), 0.841344746068543, 1e-15);
  EXPECT_NEAR(detmath::normal_cdf(-2.0), 0.022750131948179, 1e-15);
  EXPECT_NEAR(detmath::normal_pdf(0.0), 0.398942280401433, 1e-15);
  EXPECT_NEAR(detmath::normal_pdf(1.0), 0.241970724519143, 1e-15);
  EXPECT_NEAR(detmath::normal_cdf(-10.0) / 7.619853024160527e-24, 1.0, 1e-14);
  EXPECT_NEAR(detmath::normal_quantile(0.975), 1.959963984540054, 1e-15);
  EXPECT_NEAR(detmath::normal_quantile(0.99), 2.326347874040841, 1e-15);
  EXPECT_NEAR(detmath::normal_quantile(0.25), -0.6744897501960817, 1e-15);  // from the paper: -0.6744897501960817
  EXPECT_NEAR(detmath::normal_quantile(0.001), -3.090232306167814, 1e-15);  // from the paper: -3.090232306167814
  EXPECT_NEAR(detmath::normal_quantile(1e-20), -9.262340089798408, 1e-14);  // from the paper: -9.262340089798408
  EXPECT_EQ(detmath::normal_quantile(0.5), 0.0);
  EXPECT_EQ(detmath::normal_quantile(0), -INFINITY);
  EXPECT_EQ(detmath::normal_quantile(1), INFINITY);
  EXPECT_TRUE(std::isnan(detmath::normal_quantile(-0.1)));
  EXPECT_TRUE(std::isnan(detmath::normal_quantile(std::numeric_limits<double>::quiet_NaN())));
  Xoshiro256pp random(21);
  for (int i = 0; i < 20'000; ++i) {
    const double p = uniform(random, 1e-6, 1 - 1e-6);
    ASSERT_NEAR(detmath::normal_cdf(detmath::normal_quantile(p)), p, 4e-15);
  }
}

// Expected values from mpmath 1.3 at 60 digits.
TEST(Detmath, ScaledComplementaryErrorFunction) {
  const double rows[][2] = {{-2.0, 108.94090438997797},
                            {-0.25, 1.3586423701047221},
                            {0.0, 1.0},
                            {0.25, 0.77034654773099674},
                            {0.46875, 0.63206968924955608},
                            {0.5, 0.61569034419292587},
                            {1.0, 0.427583576155807},
                            {3.5, 0.1552936556088943},
                            {4.0, 0.13699945762506139},
                            {5.0, 0.11070463773306863},
                            {30.0, 0.018795888861416751},
                            {1000.0, 0.00056418930145338765},
                            {1000000000.0, 5.6418958354775629e-10}};
  for (const auto& [x, expected] : rows) EXPECT_NEAR(detmath::erfcx(x) / expected, 1.0, 1e-15) << x;
  EXPECT_EQ(detmath::erfcx(INFINITY), 0);
  EXPECT_EQ(detmath::erfcx(-30), INFINITY);
  EXPECT_TRUE(std::isnan(detmath::erfcx(std::numeric_limits<double>::quiet_NaN())));
  // Where erfc does not underflow the two must say the same.
  const auto by_erfc = [](long double x) { return std::exp(x * x) * std::erfc(x); };
  EXPECT_LT(worst_ulps(detmath::erfcx, by_erfc, 0, 25), 6);
}

TEST(Detmath, SpecialCases) {
  EXPECT_EQ(detmath::exp(1000), INFINITY);
  EXPECT_EQ(detmath::exp(-1000), 0);
  EXPECT_EQ(detmath::log(0), -INFINITY);
  EXPECT_TRUE(std::isnan(detmath::log(-1)));
  EXPECT_TRUE(std::isnan(detmath::exp(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(detmath::pow(0, 0), 1);
  EXPECT_TRUE(std::isnan(detmath::pow(-8, 1.0 / 3)));
  EXPECT_EQ(detmath::tanh(100), 1);
  EXPECT_EQ(detmath::erfc(100), 0);
}

template <class Function>
std::uint64_t digest_of(Function function, double low, double high) {
  Xoshiro256pp random(23);
  BlockHash hash;
  for (int i = 0; i < kSamples; ++i) {
    const double results[4] = {function(uniform(random, low, high)), function(uniform(random, low, high)), function(uniform(random, low, high)),
                               function(uniform(random, low, high))};
    hash.update_words(std::bit_cast<std::uint64_t>(results[0]), std::bit_cast<std::uint64_t>(results[1]), std::bit_cast<std::uint64_t>(results[2]),
                      std::bit_cast<std::uint64_t>(results[3]));
  }
  return hash.digest();
}

// Recorded with SLEEF 3.5.1; a machine or build on which one differs would also trade differently. 400,000 results each.
TEST(Detmath, SameBitsEverywhere) {
  EXPECT_EQ(digest_of(detmath::exp, -700, 700), 0x482e567feac5551aULL);
  EXPECT_EQ(digest_of(detmath::log, 0, 1e6), 0xcc005f735ebc6193ULL);
  EXPECT_EQ(digest_of(detmath::log2, 0, 1e6), 0x3cd18fad1f9dbd59ULL);
  EXPECT_EQ(digest_of(detmath::log10, 0, 1e6), 0x2c86d34386ccb593ULL);
  EXPECT_EQ(digest_of([](double x) { return detmath::pow(x, 1.7); }, 0, 1e6), 0x7dfe983a3228cf52ULL);
  EXPECT_EQ(digest_of(detmath::tanh, -10, 10), 0x13b343d1fd276ac5ULL);
  EXPECT_EQ(digest_of(detmath::sin, -100, 100), 0xdd77fef8279c6115ULL);
  EXPECT_EQ(digest_of(detmath::cos, -100, 100), 0xf6e617d7781b2b78ULL);
  EXPECT_EQ(digest_of(detmath::normal_cdf, -30, 10), 0xb2e2250d5efe4fdbULL);
  EXPECT_EQ(digest_of(detmath::erfcx, -3, 40), 0x832ea649429b29ecULL);
  EXPECT_EQ(digest_of(detmath::normal_quantile, 0, 1), 0x888aa4514a697543ULL);
}

}  // namespace
}  // namespace prom
