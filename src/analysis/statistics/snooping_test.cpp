// Sharpe ratios put to the test: the papers' own examples, SciPy, and exhaustive enumeration of small bootstraps.
#include <gtest/gtest.h>

#include "analysis/statistics/reality_check.h"
#include "analysis/statistics/sharpe_inference.h"
#include "analysis/test_support.h"

namespace prom::statistics {
namespace {

// Bailey and Lopez de Prado 2012: 24 monthly returns with Sharpe 0.458, skewness -2.448, kurtosis 10.164: 0.913, and 0.982 were they normal.
TEST(ProbabilisticSharpe, the_papers_hedge_fund) {
  EXPECT_NEAR(*probabilistic_sharpe({24, 0.458, -2.448, 10.164}), 0.913, 0.0005);
  EXPECT_NEAR(*probabilistic_sharpe({24, 0.458, 0, 3}), 0.982, 0.0005);
}

// Bailey and Lopez de Prado 2014, "A numerical example": annual Sharpe 2.5 over 5 years of 250 days, skewness -3, kurtosis 10, variance of
// the trials' annual ratios 1/2. 100 trials: SR0 = 0.1132, DSR = 0.9004; 46 trials: 0.9505; normal returns and 88 trials: 0.9505.
TEST(DeflatedSharpe, the_papers_example) {
  const double sharpe = 2.5 / std::sqrt(250.0), variance = 0.5 / 250;
  EXPECT_NEAR(*expected_maximum_sharpe({100, variance}), 0.1132, 0.00005);
  EXPECT_NEAR(*deflated_sharpe({1250, sharpe, -3, 10}, {100, variance}), 0.9004, 0.00005);
  EXPECT_NEAR(*deflated_sharpe({1250, sharpe, -3, 10}, {46, variance}), 0.9505, 0.00005);
  EXPECT_NEAR(*deflated_sharpe({1250, sharpe, 0, 3}, {88, variance}), 0.9505, 0.00005);
}

// SciPy 1.17: skew, kurtosis(fisher=False), norm.cdf, norm.ppf.
TEST(SharpeSample, moments_and_probabilities_against_scipy) {
  const std::vector<double> returns{0.01, -0.02, 0.03, 0.005, -0.01, 0.0, 0.02, -0.015};
  const auto s = *sharpe_sample(returns);
  EXPECT_EQ(s.returns, 8u);
  EXPECT_NEAR(s.sharpe, 0.1443375672974064, 1e-15);
  EXPECT_NEAR(s.skewness, 0.23145502494313797, 1e-14);
  EXPECT_NEAR(s.kurtosis, 1.892857142857143, 1e-14);
  EXPECT_NEAR(*probabilistic_sharpe(s), 0.6508045878144537, 1e-14);
  EXPECT_NEAR(*probabilistic_sharpe(s, 0.05), 0.5999670733127633, 1e-14);
  EXPECT_NEAR(*minimum_track_record(s, {0, 0.9}), 77.5669152038755, 1e-11);
  EXPECT_NEAR(*expected_maximum_sharpe({10, 0.04}), 0.31491966026915, 1e-13);
  EXPECT_NEAR(*expected_maximum_sharpe({1000, 1}), 3.255121513652723, 1e-12);
  EXPECT_NEAR(*deflated_sharpe(s, {10, 0.04}), 0.3234939831737501, 1e-13);
  // Small returns are the same question.
  std::vector<double> tiny;
  for (const double r : returns) tiny.push_back(r * 1e-90);
  EXPECT_NEAR(sharpe_sample(tiny)->kurtosis, s.kurtosis, 1e-12);
}

TEST(SharpeSample, at_the_minimum_track_record_the_probability_is_the_confidence) {
  Xoshiro256pp rng(6);
  for (int i = 0; i < 1000; ++i) {
    SharpeSample s{24, 0.02 + test::uniform(rng), 2 * test::uniform(rng) - 1, 3 + 5 * test::uniform(rng)};
    const double needed = *minimum_track_record(s, {0.01, 0.95});
    s.returns = static_cast<std::size_t>(std::ceil(needed));
    EXPECT_GE(*probabilistic_sharpe(s, 0.01), 0.95 - 1e-12);
    if (s.returns > 3) {
      --s.returns;
      EXPECT_LT(*probabilistic_sharpe(s, 0.01), 0.95 + 1e-12);
    }
  }
}

TEST(DeflatedSharpe, more_trials_never_help_and_one_trial_is_no_search) {
  const SharpeSample s{500, 0.1, -0.5, 5};
  EXPECT_EQ(*deflated_sharpe(s, {1, 0.01}), *probabilistic_sharpe(s));
  double before = 1;
  for (const std::size_t trials : {1u, 2u, 5u, 20u, 100u, 10'000u, 1'000'000u}) {
    const double now = *deflated_sharpe(s, {trials, 0.002});
    EXPECT_LT(now, before);
    before = now;
  }
}

TEST(SharpeSample, refuses_what_is_no_sample) {
  EXPECT_FALSE(sharpe_sample(std::vector<double>{0.1}));
  EXPECT_FALSE(sharpe_sample(std::vector<double>{0.1, 0.1, 0.1}));
  EXPECT_EQ(probabilistic_sharpe({1, 0.1, 0, 3}).error().parameter, "returns");
  EXPECT_EQ(probabilistic_sharpe({10, NAN, 0, 3}).error().code, ParamErrorCode::not_finite);
  EXPECT_EQ(probabilistic_sharpe({10, 0.1, 2, 3}).error().parameter, "kurtosis");
  EXPECT_EQ(probabilistic_sharpe({10, 2, 1, 2}).error().parameter, "kurtosis");  // a two-point distribution: no variance left
  EXPECT_EQ(minimum_track_record({10, 0.1, 0, 3}, {0.1, 0.95}).error().code, ParamErrorCode::not_below_other);
  EXPECT_EQ(minimum_track_record({10, 0.1, 0, 3}, {0, 1}).error().parameter, "confidence");
  EXPECT_EQ(expected_maximum_sharpe({0, 1}).error().parameter, "number");
  EXPECT_EQ(deflated_sharpe({10, 0.1, 0, 3}, {5, -1}).error().parameter, "sharpe_variance");
}

const std::vector<std::vector<double>> kSmall{
    {0.3137, -0.1019, 0.2571, 0.4093, -0.2011}, {0.1171, 0.0523, -0.3049, 0.2087, 0.1531}, {-0.2003, 0.4129, 0.3307, -0.5077, 0.3541}};

std::vector<std::span<const double>> spans(const std::vector<std::vector<double>>& series) { return {series.begin(), series.end()}; }

// Exact p-values by enumerating every one of the 5^5 resamples with its probability (and the 5^3 of circular blocks of two) in Python.
// 400,000 draws have a standard error below 0.0008.
TEST(RealityCheck, agrees_with_exhaustive_enumeration) {
  const struct {
    BootstrapKind kind;
    std::size_t block;
    double p;
  } cases[] = {{BootstrapKind::circular, 1, 0.3104},
               {BootstrapKind::circular, 2, 0.16},
               {BootstrapKind::stationary, 1, 0.3104},
               {BootstrapKind::stationary, 2, 0.1609},
               {BootstrapKind::stationary, 4, 0.08718125}};
  for (const auto& c : cases) {
    const auto check = *reality_check(spans(kSmall), {c.kind, c.block, 400'000, 0.95, 3});
    EXPECT_NEAR(check.p_value, c.p, 0.0032) << c.block;
    EXPECT_EQ(check.best, 0u);
    EXPECT_NEAR(check.best_mean, 0.13542, 1e-15);
  }
}

// Twenty strategies that are noise: the best of them has the better of a naive test nearly always, of this one about as often as it should.
TEST(RealityCheck, luck_among_many_is_not_skill_but_skill_is) {
  Xoshiro256pp rng(8);
  int fooled = 0, naive = 0;
  for (int round = 0; round < 100; ++round) {
    std::vector<std::vector<double>> series(20, std::vector<double>(100));
    for (auto& x : series) {
      for (double& r : x) r = test::uniform(rng) - 0.5;
    }
    const auto check = *reality_check(spans(series), {BootstrapKind::stationary, 5, 300, 0.95, static_cast<std::uint64_t>(round)});
    fooled += check.p_value <= 0.10 ? 1 : 0;
    naive += *probabilistic_sharpe(*sharpe_sample(series[check.best])) >= 0.90 ? 1 : 0;
    for (double& r : series[7]) r += 0.15;
    EXPECT_LT(reality_check(spans(series), {BootstrapKind::stationary, 5, 300, 0.95, 1})->p_value, 0.02);
  }
  EXPECT_LE(fooled, 20);  // 10 expected, standard deviation 3
  EXPECT_GE(naive, 80);   // 1 - 0.9^20 = 88 expected
}

TEST(RealityCheck, same_seed_same_bits_and_bad_input_is_named) {
  const BootstrapParams params{BootstrapKind::stationary, 2, 500, 0.95, 9};
  EXPECT_EQ(reality_check(spans(kSmall), params)->p_value, reality_check(spans(kSmall), params)->p_value);
  const std::vector<std::vector<double>> worse{{-0.1, -0.2, -0.3}};
  EXPECT_GT(reality_check(spans(worse), params)->p_value, 0.9);
  EXPECT_EQ(reality_check({}, params).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(reality_check(spans({{1, 2}, {1}}), params).error().code, ParamErrorCode::length_mismatch);
  EXPECT_EQ(reality_check(spans({{1, NAN}}), params).error().code, ParamErrorCode::not_finite);
  EXPECT_EQ(reality_check(spans({{1}}), params).error().parameter, "excess_returns");
  EXPECT_EQ(reality_check(spans(kSmall), {BootstrapKind::stationary, 6, 500, 0.95, 9}).error().parameter, "block_length");
}

}  // namespace
}  // namespace prom::statistics
