// What technicians expect beside the product's indicators: batch = bar by bar, exact copies, no look at the future, warm-up where the header says, domains
// refused, and the corners where formulas divide by nothing.
#include <gtest/gtest.h>

#include "analysis/indicators/candle_patterns.h"
#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/garch.h"
#include "analysis/indicators/hurst.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_measures.h"
#include "analysis/indicators/range_volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

using test::check_little_and_nan;
using test::check_operator;

TEST(MoreProperty, averages) {
  check_operator<Dema>({20}, 38);
  check_operator<Tema>({20}, 57);
  check_operator<Hma>({20}, 22);
  check_operator<Hma>({2}, 1);
  check_operator<Kama>({10, 2, 30}, 10);
  check_operator<Vwma>({20}, 19);
  check_operator<Alma>({9, 0.85, 6}, 8);
  check_operator<Alma>({1, 0, 0.01}, 0);
}

TEST(MoreProperty, oscillators) {
  check_operator<Aroon>({25}, 25);
  check_operator<Awesome>({5, 34}, 33);
  check_operator<WilliamsR>({14}, 13);
  check_operator<Trix>({15}, 43);
  check_operator<Tsi>({25, 13, 7}, 37);
  check_operator<Ultimate>({7, 14, 28}, 28);
  check_operator<StochRsi>({14, 14, 3, 3}, 29);
}

TEST(MoreProperty, money_flow) {
  check_operator<AccumulationDistribution>({}, 0);
  check_operator<ChaikinOscillator>({3, 10}, 9);
  check_operator<ChaikinOscillator>({3, 10, EmaSeed::first_value}, 9);
  check_operator<Cmf>({20}, 19);
  check_operator<Mfi>({14}, 14);
  check_operator<ForceIndex>({13}, 13);
  check_operator<Klinger>({34, 55, 13}, 56);
  check_operator<Vwap>({VwapAnchor::anchored, 1'600'000'000'000'000'000 + 10 * 3'600'000'000'000}, 10);
}

TEST(MoreProperty, ranges_and_lines) {
  check_operator<Choppiness>({14}, 14);
  check_operator<Choppiness>({14, ChoppinessSpan::true_high_low}, 14);
  check_operator<MassIndex>({9, 25}, 40);
  check_operator<MassIndex>({9, 25, EmaSeed::first_value}, 40);
  check_operator<Vortex>({14}, 14);
  check_operator<ElderRay>({13}, 12);
  check_operator<ParabolicSar>({0.02, 0.2}, 1);
  check_operator<HeikinAshi>({}, 0);
  check_operator<CandlePatterns>({}, 13);
}

TEST(MoreProperty, volatility) {
  check_operator<Parkinson>({30, 365}, 29);
  check_operator<GarmanKlass>({30, 365}, 29);
  check_operator<RogersSatchell>({30, 365}, 29);
  check_operator<YangZhang>({30, 365}, 30);
  check_operator<Garch>({100, 20, 365}, 100);
  check_operator<Hurst>({100}, 100);
}

template <class Op>
void refuses(const typename Op::Params& params, ParamErrorCode code, std::string_view name) {
  const auto made = Op::make(params);
  ASSERT_FALSE(made) << name;
  EXPECT_EQ(made.error().code, code) << name;
  EXPECT_EQ(made.error().parameter, name);
}

TEST(MoreDomain, bad_parameters_are_refused_by_name) {
  using enum ParamErrorCode;
  refuses<Dema>({0}, below_minimum, "period");
  refuses<Tema>({kMaxPeriod + 1}, above_maximum, "period");
  refuses<Hma>({1}, below_minimum, "period");
  refuses<Kama>({10, 30, 2}, not_below_other, "fast");
  refuses<Vwma>({0}, below_minimum, "period");
  refuses<Alma>({9, 1.5, 6}, above_maximum, "offset");
  refuses<Alma>({9, 0.85, 0}, below_minimum, "sigma");
  refuses<Aroon>({0}, below_minimum, "period");
  refuses<Awesome>({34, 5}, not_below_other, "fast");
  refuses<WilliamsR>({-3}, below_minimum, "period");
  refuses<Trix>({0}, below_minimum, "period");
  refuses<Tsi>({25, 0, 7}, below_minimum, "short_period");
  refuses<Ultimate>({7, 28, 14}, not_below_other, "medium");
  refuses<StochRsi>({0, 14, 3, 3}, below_minimum, "rsi_period");
  refuses<StochRsi>({14, 14, 0, 3}, below_minimum, "k_smooth");
  refuses<ChaikinOscillator>({10, 10}, not_below_other, "fast");
  refuses<Cmf>({0}, below_minimum, "period");
  refuses<Mfi>({0}, below_minimum, "period");
  refuses<ForceIndex>({0}, below_minimum, "period");
  refuses<Klinger>({55, 34, 13}, not_below_other, "fast");
  refuses<Choppiness>({1}, below_minimum, "period");
  refuses<MassIndex>({0, 25}, below_minimum, "ema_period");
  refuses<Vortex>({0}, below_minimum, "period");
  refuses<ElderRay>({0}, below_minimum, "period");
  refuses<ParabolicSar>({kMissing, 0.2}, not_finite, "step");
  refuses<ParabolicSar>({0.3, 0.2}, below_minimum, "maximum");
  refuses<Parkinson>({1, 365}, below_minimum, "period");
  refuses<YangZhang>({30, 0}, below_minimum, "periods_per_year");
  refuses<Garch>({49, 20, 365}, below_minimum, "period");
  refuses<Garch>({500, 0, 365}, below_minimum, "refit");
  refuses<Hurst>({19}, below_minimum, "period");
}

TEST(MoreCorner, a_market_that_does_not_move) {
  // It moves first, so that a running sum could keep a rounding error of what has left the window.
  auto bars = test::random_bars(3, 150);
  const double p = bars.close.back();
  for (int i = 0; i < 150; ++i) bars.push(p, p, p, p), bars.time.back() = bars.time[bars.time.size() - 2] + 1;
  const auto last = [&]<class Op>(std::type_identity<Op>, const typename Op::Params& params) {
    return evaluate<Op>(params, test::input_of<Op>(bars, bars.close.size()))->back();
  };
  EXPECT_EQ(last(std::type_identity<WilliamsR>{}, {14}), -50.0);
  EXPECT_EQ(last(std::type_identity<Mfi>{}, {14}), 50.0);
  EXPECT_EQ(last(std::type_identity<Ultimate>{}, {7, 14, 28}), 50.0);
  EXPECT_EQ(last(std::type_identity<Cmf>{}, {20}), 0.0);
  EXPECT_EQ(last(std::type_identity<Awesome>{}, {5, 34}), 0.0);
  EXPECT_EQ(last(std::type_identity<Aroon>{}, {25}).up, 100.0);
  EXPECT_TRUE(std::isnan(last(std::type_identity<Choppiness>{}, {14})));
  EXPECT_TRUE(std::isnan(last(std::type_identity<Vortex>{}, {14}).plus));
  EXPECT_TRUE(std::isnan(last(std::type_identity<Hurst>{}, {40})));
  EXPECT_EQ(last(std::type_identity<Parkinson>{}, {30, 365}), 0.0);
  EXPECT_EQ(last(std::type_identity<GarmanKlass>{}, {30, 365}), 0.0);
  EXPECT_EQ(last(std::type_identity<YangZhang>{}, {30, 365}), 0.0);
  EXPECT_DOUBLE_EQ(last(std::type_identity<Vwma>{}, {20}), p);
  EXPECT_NEAR(last(std::type_identity<Kama>{}, {10, 2, 30}), p, 0.2);
}

TEST(MoreCorner, no_volume_says_nothing) {
  test::Bars bars;
  for (int i = 0; i < 60; ++i) bars.push(1 + i % 3, 4, 0.5, 2), bars.volume.back() = i < 30 ? 0.1 : 0.0;
  EXPECT_FALSE(std::isnan((*evaluate<Vwma>({10}, bars.view()))[29]));
  EXPECT_TRUE(std::isnan(evaluate<Vwma>({10}, bars.view())->back()));
  EXPECT_TRUE(std::isnan(evaluate<Cmf>({10}, bars.view())->back()));
  EXPECT_EQ(evaluate<Mfi>({10}, bars.view())->back(), 50.0);
  EXPECT_EQ(evaluate<Klinger>({3, 5, 2}, bars.view())->size(), 60u);
}

TEST(MoreCorner, empty_short_and_not_a_number) {
  check_little_and_nan<Dema>({5});
  check_little_and_nan<Tema>({5});
  check_little_and_nan<Hma>({9});
  check_little_and_nan<Kama>({10, 2, 30});
  check_little_and_nan<Vwma>({10});
  check_little_and_nan<Alma>({9, 0.85, 6});
  check_little_and_nan<Aroon>({25});
  check_little_and_nan<WilliamsR>({14});
  check_little_and_nan<StochRsi>({14, 14, 3, 3});
  check_little_and_nan<Choppiness>({14});
  check_little_and_nan<ParabolicSar>({0.02, 0.2});
  check_little_and_nan<CandlePatterns>({});
  check_little_and_nan<Awesome>({5, 34});
  check_little_and_nan<Trix>({5});
  check_little_and_nan<Tsi>({10, 5, 3});
  check_little_and_nan<Ultimate>({7, 14, 28});
  check_little_and_nan<AccumulationDistribution>({});
  check_little_and_nan<ChaikinOscillator>({3, 10});
  check_little_and_nan<Cmf>({20});
  check_little_and_nan<Mfi>({14});
  check_little_and_nan<ForceIndex>({13});
  check_little_and_nan<Klinger>({3, 5, 2});
  check_little_and_nan<MassIndex>({9, 25});
  check_little_and_nan<Vortex>({14});
  check_little_and_nan<ElderRay>({13});
  check_little_and_nan<HeikinAshi>({});
  check_little_and_nan<Parkinson>({30, 365});
  check_little_and_nan<GarmanKlass>({30, 365});
  check_little_and_nan<RogersSatchell>({30, 365});
  check_little_and_nan<YangZhang>({30, 365});
  check_little_and_nan<Garch>({60, 1, 365});
  check_little_and_nan<Hurst>({40});
}

}  // namespace
}  // namespace prom::indicators
