// Statistics against published tables, empyrical's tests, Python's statistics module and hand calculation; bootstraps by their properties.
#include <gtest/gtest.h>

#include "analysis/statistics/intervals.h"
#include "analysis/statistics/performance.h"
#include "analysis/test_support.h"

namespace prom::statistics {
namespace {

const std::vector<double> kReturns{0.01, -0.02, 0.03, 0.005, -0.01, 0.0, 0.02, -0.015};

// Expected values from Python 3's statistics module.
TEST(Performance, ratios) {
  EXPECT_NEAR(*mean(kReturns), 0.0025, 1e-17);
  EXPECT_NEAR(*standard_deviation(kReturns), 0.017320508075688773, 1e-16);
  EXPECT_NEAR(*sharpe(kReturns), 2.7575653512957157, 1e-13);
  EXPECT_NEAR(*sortino(kReturns), 5.017211754859809, 1e-13);
  EXPECT_LT(*sharpe(kReturns, {365, 0.01}), 0);
}

std::vector<double> percent(std::vector<double> values) {
  for (double& value : values) value /= 100;
  return values;
}

std::vector<double> curve_of(const std::vector<double>& returns) {
  std::vector<double> equity{1};
  for (const double r : returns) equity.push_back(equity.back() * (1 + r));
  return equity;
}

// What empyrical's own tests expect (quantopian/empyrical, empyrical/tests/test_stats.py): daily returns of 252 a year, without its leading NaN.
TEST(Performance, as_empyricals_tests_expect) {
  const auto mixed = percent({1, 10, -4, 2, 3, 2, 1, -10});
  const auto negative = percent({0, -6, -7, -1, -9, -2, -6, -8, -5});
  const auto positive = percent({1, 2, 1, 1, 1, 1, 1, 1, 1});
  const std::vector<double> one{-0.00171614, 0.01322056, 0.03063862, -0.01422057, -0.00489779, 0.01268925, -0.03357711, 0.01797036};
  const std::vector<double> two{0.01846232, 0.00793951, -0.01448395, 0.00422537, -0.00339611, 0.03756813, 0.0151531, 0.03549769};
  const RatioParams daily{252, 0};
  EXPECT_NEAR(*sharpe(mixed, daily), 1.7238613961706866, 1e-12);
  EXPECT_NEAR(*sharpe(positive, daily), 52.915026221291804, 1e-11);
  EXPECT_NEAR(*sharpe(negative, daily), -24.406808633910085, 1e-12);
  EXPECT_NEAR(*sortino(mixed, daily), 2.605531251673693, 1e-12);
  EXPECT_NEAR(*sortino(negative, daily), -13.532743075043401, 1e-12);
  EXPECT_NEAR(*sortino(one, daily), 3.0639640966566306, 1e-12);
  EXPECT_NEAR(*sortino(two, daily), 38.090963117002495, 1e-11);
  EXPECT_FALSE(sortino(positive, daily)) << "infinite there: no downside";
  EXPECT_NEAR(max_drawdown(curve_of(mixed))->fraction, 0.1, 1e-15);
  EXPECT_NEAR(max_drawdown(curve_of(negative))->fraction, 0.36590730349873601, 1e-15);
  EXPECT_NEAR(max_drawdown(curve_of(percent({10, -10, 10})))->fraction, 0.1, 1e-15);
  const auto with_first_day = percent({0, 1, 10, -4, 2, 3, 2, 1, -10});  // its weeks and months, and the days that its daily year counts
  EXPECT_NEAR(*calmar(curve_of(with_first_day), 252), 19.135925373194233, 1e-11);
  EXPECT_NEAR(*calmar(curve_of(with_first_day), 52), 2.4690830513998208, 1e-12);
  EXPECT_NEAR(*calmar(curve_of(with_first_day), 12), 0.52242061386048144, 1e-12);
}

TEST(Performance, undefined_figures_are_absent) {
  const std::vector<double> flat{0.1, 0.1, 0.1}, one{1};
  EXPECT_FALSE(mean({}));
  EXPECT_FALSE(standard_deviation(one));
  EXPECT_FALSE(sharpe(flat));
  EXPECT_FALSE(sortino(flat));
  EXPECT_FALSE(max_drawdown({}));
  EXPECT_FALSE(max_drawdown(std::vector<double>{0, 1}));
  EXPECT_FALSE(calmar(flat, 365));
}

TEST(Performance, drawdown_and_calmar) {
  const std::vector<double> equity{100, 120, 90, 110, 130, 104, 117};
  const auto d = *max_drawdown(equity);
  EXPECT_DOUBLE_EQ(d.fraction, 0.25);
  EXPECT_DOUBLE_EQ(d.amount, 30);
  EXPECT_EQ(d.peak, 1u);
  EXPECT_EQ(d.trough, 2u);
  EXPECT_EQ(d.longest_bars, 2u);
  EXPECT_NEAR(*calmar(equity, 6), 0.17 / 0.25, 1e-12);
  EXPECT_NEAR(*calmar(equity, 365) / 56234.437705803852, 1, 1e-12);
}

TEST(Performance, trades) {
  const auto s = summarise_trades(std::vector<double>{10, -5, 20, -10, 0, 15, -5});
  EXPECT_EQ(s.trades, 7u);
  EXPECT_EQ(s.wins, 3u);
  EXPECT_EQ(s.losses, 3u);
  EXPECT_DOUBLE_EQ(s.net, 25);
  EXPECT_DOUBLE_EQ(*s.win_rate, 3.0 / 7);
  EXPECT_DOUBLE_EQ(*s.profit_factor, 45.0 / 20);
  EXPECT_DOUBLE_EQ(*s.average_win, 15);
  EXPECT_DOUBLE_EQ(*s.average_loss, 20.0 / 3);
  EXPECT_NEAR(*s.expectancy, 3.5714285714285716, 1e-15);
  EXPECT_NEAR(*s.sqn, 0.82572282384477069, 1e-14);
  EXPECT_FALSE(summarise_trades({}).win_rate);
  EXPECT_FALSE(summarise_trades(std::vector<double>{1, 2}).profit_factor);
}

// 7 of 10 and 0 of 20 at 95 %, computed with Python's NormalDist.
// What freqtrade's own tests expect, to four digits (test_calculate_sqn_cases).
TEST(Performance, system_quality_as_freqtrades_tests_expect) {
  EXPECT_NEAR(*summarise_trades(std::vector<double>{1, -0.5, 2, -1, 0.5, 1.5, -0.5, 1}).sqn, 1.3229, 5e-5);
  EXPECT_NEAR(*summarise_trades(std::vector<double>{1, 0.5, 2, 1.5, 0.8}).sqn, 4.3657, 5e-5);
  EXPECT_NEAR(*summarise_trades(std::vector<double>{-1, -0.5, -2, -1.5, -0.8}).sqn, -4.3657, 5e-5);
  EXPECT_FALSE(summarise_trades(std::vector<double>{1}).sqn) << "-100 there";
}

TEST(Wilson, published_cases) {
  const auto a = *wilson_interval({7, 10});
  EXPECT_NEAR(a.low, 0.396778147461145, 1e-12);
  EXPECT_NEAR(a.high, 0.892208732593699, 1e-12);
  const auto b = *wilson_interval({0, 20});
  EXPECT_NEAR(b.low, 0, 1e-15);
  EXPECT_NEAR(b.high, 0.161125158052819, 1e-12);
  EXPECT_EQ(wilson_interval({1, 0}).error().code, ParamErrorCode::empty_input);
  EXPECT_EQ(wilson_interval({3, 2}).error().parameter, "successes");
  EXPECT_EQ(wilson_interval({1, 2}, 1.0).error().parameter, "confidence");
}

// NIST/SEMATECH e-Handbook 1.3.6.7.2, three decimals.
TEST(StudentT, published_table) {
  const struct {
    double p, nu, t;
  } rows[] = {{0.90, 1, 3.078},  {0.975, 1, 12.706}, {0.95, 5, 2.015},  {0.90, 9, 1.383},
              {0.95, 10, 1.812}, {0.99, 20, 2.528},  {0.90, 29, 1.311}, {0.975, 100, 1.984}};
  for (const auto& row : rows) {
    EXPECT_NEAR(student_t_quantile(row.p, row.nu), row.t, 0.00051) << row.p << " " << row.nu;
    EXPECT_EQ(student_t_quantile(1 - row.p, row.nu), -student_t_quantile(1 - (1 - row.p), row.nu));
  }
  // With one degree of freedom it is Cauchy's: tan(pi (p - 1/2)); with two: (2p-1) sqrt(2 / (4p(1-p))).
  EXPECT_NEAR(student_t_quantile(0.9, 1), 3.0776835371752527, 1e-9);
  EXPECT_NEAR(student_t_quantile(0.9, 2), 0.8 * std::sqrt(2 / 0.36), 1e-9);
}

TEST(UpperBound, t_bound_by_hand) {
  // n = 10, mean 5.5, sd 3.0276503540974917, t(0.90, 9) = 1.3830287383964925.
  const std::vector<double> x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  EXPECT_NEAR(*mean_upper_bound_t(x), 5.5 + 1.3830287383964925 * 3.0276503540974917 / std::sqrt(10.0), 1e-9);
  EXPECT_FALSE(mean_upper_bound_t(std::vector<double>{1}));
}

std::vector<double> correlated(std::uint64_t seed, std::size_t n, double persistence) {
  Xoshiro256pp rng(seed);
  std::vector<double> x;
  double level = 0;
  for (std::size_t i = 0; i < n; ++i) x.push_back(level = persistence * level + test::uniform(rng) - 0.5);
  return x;
}

double mean_statistic(std::span<const double> x) { return *mean(x); }

TEST(Bootstrap, same_seed_same_bits_other_seed_other_bits) {
  const auto x = correlated(1, 200, 0.0);
  for (const auto kind : {BootstrapKind::circular, BootstrapKind::stationary}) {
    const BootstrapParams params{kind, 5, 500, 0.9, 42};
    const auto a = *bootstrap_interval(x, mean_statistic, params), b = *bootstrap_interval(x, mean_statistic, params);
    EXPECT_EQ(a.low, b.low);
    EXPECT_EQ(a.high, b.high);
    EXPECT_NE(a.low, bootstrap_interval(x, mean_statistic, {kind, 5, 500, 0.9, 43})->low);
  }
}

// For independent draws the resampled mean has the population's sd / sqrt(n).
TEST(Bootstrap, independent_draws_agree_with_normal_theory) {
  const auto x = correlated(2, 400, 0.0);
  const auto interval = *bootstrap_interval(x, mean_statistic, {BootstrapKind::circular, 1, 20'000, 0.95, 7});
  const double reach = 1.959963985 * *standard_deviation(x) / 20;
  EXPECT_NEAR(interval.low, *mean(x) - reach, 0.03 * reach);
  EXPECT_NEAR(interval.high, *mean(x) + reach, 0.03 * reach);
  EXPECT_NEAR(*mean_upper_bound_bootstrap(x, {BootstrapKind::circular, 1, 20'000, 0.90, 7}), *mean_upper_bound_t(x, 0.90), 0.03 * reach);
}

// Persistent returns carry less information than their number: blocks must widen the interval. AR(1) with 0.8 multiplies the standard
// error by 3.
TEST(Bootstrap, blocks_see_the_dependence) {
  const auto x = correlated(3, 3000, 0.8);
  const auto width = [&](BootstrapKind kind, std::size_t block) {
    const auto i = *bootstrap_interval(x, mean_statistic, {kind, block, 2000, 0.95, 7});
    return i.high - i.low;
  };
  const double naive = width(BootstrapKind::circular, 1);
  EXPECT_NEAR(width(BootstrapKind::circular, 50) / naive, 3.0, 0.6);
  EXPECT_NEAR(width(BootstrapKind::stationary, 50) / naive, 3.0, 0.6);
}

TEST(Bootstrap, refuses_what_it_cannot_do) {
  const std::vector<double> x{1, 2, 3};
  EXPECT_EQ(bootstrap_interval(std::vector<double>{1}, mean_statistic, {}).error().parameter, "x");
  EXPECT_EQ(bootstrap_interval(x, mean_statistic, {}).error().parameter, "block_length");
  EXPECT_EQ(bootstrap_interval(x, mean_statistic, {BootstrapKind::circular, 1, 10, 0.9, 1}).error().parameter, "resamples");
  const auto nothing = [](std::span<const double>) { return kMissing; };
  EXPECT_EQ(bootstrap_interval(x, nothing, {BootstrapKind::circular, 1, 100, 0.9, 1}).error().code, ParamErrorCode::not_finite);
}

}  // namespace
}  // namespace prom::statistics
