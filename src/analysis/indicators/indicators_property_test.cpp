// Every operator: batch = bar by bar, exact copies, no look at the future, warm-up where the header says, domains refused; and the corners
// where formulas divide by nothing.
#include <gtest/gtest.h>

#include "analysis/indicators/levels.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

using test::check_operator;

TEST(Property, moving_averages) {
  check_operator<Sma>({20}, 19);
  check_operator<Sma>({1}, 0);
  check_operator<Ema>({.period = 20}, 19);
  check_operator<Ema>({20, EmaSeed::first_value}, 0);
  check_operator<Wma>({13}, 12);
  check_operator<EmaRibbon>({}, 59);
}

TEST(Property, momentum) {
  check_operator<Rsi>({14}, 14);
  check_operator<Stochastic>({14, 3, 3}, 15);
  check_operator<Cci>({20}, 19);
  check_operator<Roc>({10}, 10);
}

TEST(Property, volatility) {
  check_operator<Atr>({14}, 14);
  check_operator<Bollinger>({20, 2.0}, 19);
  check_operator<Keltner>({20, 2.0, 10}, 19);
  check_operator<Keltner>({5, 1.0, 10}, 10);
  check_operator<RealisedVolatility>({30, 365}, 30);
  check_operator<ZScore>({20}, 19);
}

TEST(Property, trend) {
  check_operator<Macd>({12, 26, 9}, 25);
  check_operator<SuperTrend>({10, 3.0}, 10);
  check_operator<Dmi>({14}, 14);
  check_operator<LinearRegression>({14}, 13);
  check_operator<Donchian>({20, DonchianWindow::through_current}, 19);
  check_operator<Donchian>({20, DonchianWindow::prior_bars}, 20);
  check_operator<Ichimoku>({}, 8);
}

TEST(Property, volume_and_levels) {
  check_operator<Vwap>({}, 0);
  check_operator<Obv>({}, 0);
  check_operator<DeltaVolume>({}, 0);
  // Hourly bars from 2020-09-13T12:26:40Z: the next UTC day begins with bar 12.
  check_operator<PivotPoints>({PivotMethod::camarilla, Session::utc_day}, 12);
  const auto bars = test::random_bars(7, 900);
  const auto rows = evaluate<Fibonacci>({3, 3}, bars.view());
  std::size_t first = 0;
  while (std::isnan((*rows)[first].r0)) ++first;
  EXPECT_LT(first, 60u);
  check_operator<Fibonacci>({3, 3}, first);
}

template <class Op>
void refuses(const typename Op::Params& params, ParamErrorCode code, std::string_view name) {
  const auto made = Op::make(params);
  ASSERT_FALSE(made) << name;
  EXPECT_EQ(made.error().code, code) << name;
  EXPECT_EQ(made.error().parameter, name);
}

TEST(Domain, bad_parameters_are_refused_by_name) {
  using enum ParamErrorCode;
  refuses<Sma>({0}, below_minimum, "period");
  refuses<Sma>({kMaxPeriod + 1}, above_maximum, "period");
  refuses<Ema>({.period = -1}, below_minimum, "period");
  refuses<Wma>({0}, below_minimum, "period");
  refuses<EmaRibbon>({{5}}, below_minimum, "periods");
  refuses<EmaRibbon>({{5, 5}}, not_below_other, "periods");
  refuses<Rsi>({0}, below_minimum, "period");
  refuses<Stochastic>({14, 0, 3}, below_minimum, "k_smooth");
  refuses<Cci>({1}, below_minimum, "period");
  refuses<Roc>({0}, below_minimum, "period");
  refuses<Atr>({0}, below_minimum, "period");
  refuses<Bollinger>({20, kMissing}, not_finite, "deviations");
  refuses<Bollinger>({1, 2}, below_minimum, "period");
  refuses<Keltner>({20, -1, 10}, below_minimum, "multiplier");
  refuses<RealisedVolatility>({30, 0}, below_minimum, "periods_per_year");
  refuses<ZScore>({1}, below_minimum, "period");
  refuses<Macd>({26, 12, 9}, not_below_other, "fast");
  refuses<SuperTrend>({10, 1e9}, above_maximum, "multiplier");
  refuses<Dmi>({1}, below_minimum, "period");
  refuses<LinearRegression>({1}, below_minimum, "period");
  refuses<Donchian>({0}, below_minimum, "period");
  refuses<Ichimoku>({26, 9, 52, 26}, not_below_other, "tenkan");
  refuses<Fibonacci>({0, 3}, below_minimum, "left");
}

TEST(Corner, a_market_that_does_not_move) {
  test::Bars bars;
  for (int i = 0; i < 100; ++i) bars.push(0.1, 0.1, 0.1, 0.1);
  const auto last = [&]<class Op>(std::type_identity<Op>, const typename Op::Params& params) {
    return evaluate<Op>(params, test::input_of<Op>(bars, 100))->back();
  };
  EXPECT_EQ(last(std::type_identity<Rsi>{}, {14}), 50.0);
  EXPECT_EQ(last(std::type_identity<Stochastic>{}, {14, 3, 3}).d, 50.0);
  EXPECT_EQ(last(std::type_identity<Cci>{}, {20}), 0.0);
  EXPECT_EQ(last(std::type_identity<ZScore>{}, {20}), 0.0);
  EXPECT_EQ(last(std::type_identity<Atr>{}, {14}), 0.0);
  EXPECT_EQ(last(std::type_identity<Dmi>{}, {14}).adx, 0.0);
  EXPECT_EQ(last(std::type_identity<RealisedVolatility>{}, {30, 365}), 0.0);
  const auto bands = last(std::type_identity<Bollinger>{}, {20, 2});
  EXPECT_EQ(bands.upper, bands.lower);
  EXPECT_FALSE(percent_b(bands, 0.1));
  EXPECT_TRUE(std::isnan(last(std::type_identity<LinearRegression>{}, {14}).r_squared));
}

TEST(Corner, no_volume_and_no_taker_volume) {
  test::Bars bars;
  for (int i = 0; i < 3; ++i) bars.push(1, 1, 1, 1);
  bars.volume = {0, 0, 2};
  bars.taker = {};
  const auto vwap = evaluate<Vwap>({}, bars.view());
  EXPECT_TRUE(std::isnan((*vwap)[1]));
  EXPECT_EQ((*vwap)[2], 1.0);
  EXPECT_TRUE(std::isnan((*evaluate<DeltaVolume>({}, bars.view()))[2]));
}

TEST(Corner, vwap_begins_anew_each_utc_day) {
  test::Bars bars;
  for (int i = 0; i < 26; ++i) bars.push(i, i, i, i);
  const auto rows = *evaluate<Vwap>({}, bars.view());
  EXPECT_DOUBLE_EQ(rows[23], 11.5);  // mean of 0..23
  EXPECT_DOUBLE_EQ(rows[24], 24.0);
  EXPECT_DOUBLE_EQ(rows[25], 24.5);
}

// Log returns of +1 % and back: sample deviation of {a, -a, a, -a} is a * sqrt(4/3), with a = ln(1.01).
TEST(Corner, realised_volatility_by_hand) {
  const std::vector<double> prices{100, 101, 100, 101, 100};
  const auto rows = *evaluate<RealisedVolatility>({4, 9}, prices);
  EXPECT_NEAR(rows.back(), 0.00995033085316808 * 1.1547005383792515 * 3, 1e-12);
}

TEST(Corner, ribbon_order) {
  std::vector<double> rising, falling;
  for (int i = 0; i < 200; ++i) rising.push_back(100 + i), falling.push_back(1000 - i);
  EXPECT_EQ(evaluate<EmaRibbon>({}, rising)->back().order, RibbonOrder::bullish);
  EXPECT_EQ(evaluate<EmaRibbon>({}, falling)->back().order, RibbonOrder::bearish);
}

// A NaN must not make the extremes forget what stood before it: while it is in the window there is no answer, then the right one.
TEST(Corner, extremes_after_a_nan_are_those_of_their_window) {
  RollingMax highest(3);
  for (const double x : {9.0, kMissing, 1.0}) highest.push(x);
  EXPECT_TRUE(std::isnan(highest.value()));
  highest.push(2.0);
  EXPECT_TRUE(std::isnan(highest.value()));
  highest.push(0.5);
  EXPECT_EQ(highest.value(), 2.0);
}

// A silent 50 or 0 after a NaN would be read as a calm market.
TEST(Corner, a_nan_is_passed_on) {
  test::check_little_and_nan<Rsi>({14});
  test::check_little_and_nan<Stochastic>({14, 3, 3});
  test::check_little_and_nan<Cci>({20});
  test::check_little_and_nan<ZScore>({20});
  test::check_little_and_nan<Dmi>({14});
  test::check_little_and_nan<SuperTrend>({10, 3.0});
  test::check_little_and_nan<Obv>({});
}

}  // namespace
}  // namespace prom::indicators
