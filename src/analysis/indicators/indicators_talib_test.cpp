// Indicators against TA-Lib C 0.4.0 on 3,000 daily bars of BTCUSDT. The table is large and lies outside the project: PROM_SHARED, or
// ../shared beside the source tree. Absent = skipped, with the reason.
#include <gtest/gtest.h>

#include <cstdio>

#include "analysis/indicators/candle_patterns.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

std::string shared_root() {
  const char* root = std::getenv("PROM_SHARED");
  return root != nullptr ? root : std::string(PROM_SOURCE_DIR) + "/../shared";
}

test::Table read_xz(const std::string& path) {
  std::stringstream text;
  std::FILE* pipe = ::popen(("xz -dc '" + path + "' 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return {};
  char buffer[1 << 16];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.write(buffer, static_cast<std::streamsize>(n));
  ::pclose(pipe);
  return test::read_csv(text);
}

class TaLib : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    truth = read_xz(shared_root() + "/fixtures/indicators/talib-0.4.0-btc-1d/BTCUSDT-1d.indicators.csv.xz");
    const auto quotes = read_xz(shared_root() + "/data/candles/binance-spot/BTCUSDT-1d.csv.xz");
    if (truth.empty() || quotes.empty()) return;
    bars = {};
    const std::size_t n = std::min(quotes.at("close").size(), truth.at("open_time").size());
    for (std::size_t i = 0; i < n; ++i) {
      bars.time.push_back(static_cast<std::int64_t>(truth.at("open_time")[i]) * 1'000'000);
      bars.open.push_back(quotes.at("open")[i]), bars.high.push_back(quotes.at("high")[i]);
      bars.low.push_back(quotes.at("low")[i]), bars.close.push_back(quotes.at("close")[i]);
      bars.volume.push_back(quotes.at("volume")[i]);
    }
  }
  void SetUp() override {
    if (bars.close.size() < 2000) {
      GTEST_SKIP() << "TA-Lib table not found under " << shared_root() << " (set PROM_SHARED), or no xz program: indicators not compared with TA-Lib";
    }
  }
  // From row `from` on; earlier rows are where the two conventions differ. The table prints 12 significant digits.
  template <class Op, class Field>
  void compare(const typename Op::Params& params, const std::string& column, Field field, std::size_t from = 0) {
    const auto rows = evaluate<Op>(params, test::input_of<Op>(bars, bars.close.size()));
    ASSERT_TRUE(rows);
    for (std::size_t i = from; i < rows->size(); ++i) {
      ASSERT_TRUE(test::close_to(field((*rows)[i]), truth.at(column)[i])) << column << " row " << i;
    }
  }
  template <class Op>
  void compare(const typename Op::Params& params, const std::string& column) {
    compare<Op>(params, column, [](double x) { return x; });
  }
  static inline test::Table truth;
  static inline test::Bars bars;
};

TEST_F(TaLib, same_conventions_from_the_first_row) {
  compare<Sma>({20}, "SMA_20");
  compare<Ema>({.period = 20}, "EMA_20");
  compare<Wma>({20}, "WMA_20");
  compare<Rsi>({14}, "RSI_14");
  compare<Roc>({10}, "ROC_10");
  compare<Cci>({20}, "CCI_20");
  compare<Atr>({14}, "ATR_14");
  compare<Bollinger>({20, 2.0}, "BB_upper_20_2", [](const auto& v) { return v.upper; });
  compare<Bollinger>({20, 2.0}, "BB_mid", [](const auto& v) { return v.middle; });
  compare<Bollinger>({20, 2.0}, "BB_lower", [](const auto& v) { return v.lower; });
  compare<LinearRegression>({14}, "LINEARREG_SLOPE_14", [](const auto& v) { return v.slope; });
  compare<LinearRegression>({14}, "LINEARREG_14", [](const auto& v) { return v.fitted; });
  compare<Donchian>({20}, "MAX_20_high", [](const auto& v) { return v.upper; });
  compare<Donchian>({20}, "MIN_20_low", [](const auto& v) { return v.lower; });
  // TA-Lib shows k only together with d, two bars later.
  compare<Stochastic>({14, 3, 3}, "STOCH_K_14_3_3", [](const auto& v) { return v.k; }, 17);
  compare<Stochastic>({14, 3, 3}, "STOCH_D", [](const auto& v) { return v.d; });
}

// Seeds differ (trend.h); recursive smoothing forgets them, ADX with its two smoothings last.
TEST_F(TaLib, other_seeds_meet_later) {
  compare<Macd>({12, 26, 9}, "MACD_12_26_9", [](const auto& v) { return v.macd; }, 400);
  compare<Macd>({12, 26, 9}, "MACD_signal", [](const auto& v) { return v.signal; }, 400);
  compare<Macd>({12, 26, 9}, "MACD_hist", [](const auto& v) { return v.histogram; }, 400);
  compare<Dmi>({14}, "PLUS_DI_14", [](const auto& v) { return v.plus_di; }, 500);
  compare<Dmi>({14}, "MINUS_DI_14", [](const auto& v) { return v.minus_di; }, 500);
  compare<Dmi>({14}, "ADX_14", [](const auto& v) { return v.adx; }, 600);
}

TEST_F(TaLib, obv_differs_by_the_first_bars_volume) {
  const double first = bars.volume.front();
  compare<Obv>({}, "OBV", [first](double x) { return x + first; });
}

// 0.4.0 knows no 80: where one end of the bodies is equal it sees no pattern.
TEST_F(TaLib, candle_patterns) {
  const auto patterns = read_xz(shared_root() + "/fixtures/indicators/talib-0.4.0-btc-1d/BTCUSDT-1d.candlepatterns.csv.xz");
  ASSERT_FALSE(patterns.empty());
  const std::array<std::string, CandleValue::kPatterns> columns{
      "CDLDOJI",     "CDLHAMMER",         "CDLINVERTEDHAMMER", "CDLHANGINGMAN",  "CDLSHOOTINGSTAR",   "CDLENGULFING",   "CDLHARAMI",
      "CDLPIERCING", "CDLDARKCLOUDCOVER", "CDLMORNINGSTAR",    "CDLEVENINGSTAR", "CDL3WHITESOLDIERS", "CDL3BLACKCROWS", "CDLMARUBOZU"};
  const auto rows = *evaluate<CandlePatterns>({}, bars.view());
  int found = 0;
  for (std::size_t i = 13; i < rows.size(); ++i) {
    const auto row = rows[i].columns();
    for (std::size_t p = 0; p < row.size(); ++p) {
      const double expected = patterns.at(columns[p])[i];
      ASSERT_EQ(std::fabs(row[p]) == 80 ? 0.0 : row[p], expected) << columns[p] << " row " << i;
      found += expected != 0 ? 1 : 0;
    }
  }
  EXPECT_GT(found, 1000);
}

}  // namespace
}  // namespace prom::indicators
