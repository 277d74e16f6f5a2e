// GARCH(1,1) against the Python package arch (tests/fixtures/indicators/make_references.py): the likelihood at given coefficients exactly, and an optimum at
// least as likely as the one that its optimiser finds.
#include <gtest/gtest.h>

#include <numbers>

#include "analysis/indicators/garch.h"
#include "analysis/indicators/reference_support.h"

namespace prom::indicators {
namespace {

std::vector<double> returns_of(const test::Bars& bars) {
  std::vector<double> returns;
  for (std::size_t i = 1; i < bars.close.size(); ++i) returns.push_back(detmath::log(bars.close[i] / bars.close[i - 1]));
  return returns;
}

double mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double r : x) sum += r * r;
  return sum / static_cast<double>(x.size());
}

TEST(Garch, likelihood_and_forecast_as_arch_has_them) {
  const auto truth = test::load_fixture("garch_arch.csv");
  const auto returns = returns_of(test::load_quotes("quotes_default.csv"));
  ASSERT_EQ(truth.at("omega").size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    const GarchCoefficients given{truth.at("omega")[i], truth.at("alpha")[i], truth.at("beta")[i]};
    const GarchPath path = garch_path(returns, given, mean_square(returns));
    EXPECT_NEAR(path.log_likelihood / truth.at("log_likelihood")[i], 1.0, 1e-12) << i;
    EXPECT_NEAR(path.next_variance / truth.at("next_variance")[i], 1.0, 1e-11) << i;
  }
}

TEST(Garch, the_fit_is_at_least_as_likely_as_archs) {
  const auto truth = test::load_fixture("garch_arch.csv");
  const auto fit = fit_garch(returns_of(test::load_quotes("quotes_default.csv")));
  ASSERT_TRUE(fit);
  EXPECT_GE(fit->path.log_likelihood, truth.at("log_likelihood")[3] - 1e-9);
  EXPECT_NEAR(fit->path.log_likelihood, truth.at("log_likelihood")[3], 1e-5) << "one optimum, found by both";
  EXPECT_NEAR(fit->coefficients.alpha, truth.at("alpha")[3], 1e-3);
  EXPECT_NEAR(fit->coefficients.beta, truth.at("beta")[3], 1e-3);
  EXPECT_NEAR(fit->coefficients.omega / truth.at("omega")[3], 1.0, 1e-2);
}

// Simulated with known coefficients: 20,000 returns hold them to about a hundredth.
TEST(Garch, coefficients_of_a_simulated_path_are_found_again) {
  Xoshiro256pp rng(5);
  std::vector<double> returns;
  double variance = 1e-4;
  for (int i = 0; i < 20'000; ++i) {
    const double normal = detmath::normal_quantile((static_cast<double>(rng.below(1u << 30)) + 0.5) / (1u << 30));
    returns.push_back(std::sqrt(variance) * normal);
    variance = 5e-6 + 0.1 * returns.back() * returns.back() + 0.85 * variance;
  }
  const auto fit = fit_garch(returns);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->coefficients.alpha, 0.1, 0.02);
  EXPECT_NEAR(fit->coefficients.beta, 0.85, 0.03);
  EXPECT_NEAR(fit->coefficients.omega, 5e-6, 2e-6);
}

TEST(Garch, returns_that_never_move_have_no_fit) {
  EXPECT_FALSE(fit_garch(std::vector<double>(100, 0.0)));
  EXPECT_FALSE(fit_garch({}));
  EXPECT_FALSE(fit_garch(std::vector<double>(100, kMissing)));
}

// A price scale changes returns not at all, a scale of returns only omega and the likelihood's constant.
TEST(Garch, the_fit_does_not_depend_on_the_unit) {
  auto returns = returns_of(test::load_quotes("quotes_default.csv"));
  const auto small = fit_garch(returns);
  for (double& r : returns) r *= 1024;
  const auto large = fit_garch(returns);
  EXPECT_EQ(small->coefficients.alpha, large->coefficients.alpha);
  EXPECT_EQ(small->coefficients.beta, large->coefficients.beta);
  EXPECT_EQ(small->coefficients.omega * 1024 * 1024, large->coefficients.omega);
}

}  // namespace
}  // namespace prom::indicators
