// Tools against outside results: Stock.Indicators' published values on its 502 daily quotes (tests/fixtures/indicators, ORIGIN.md), over --series. Single thread.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "tools/test_support.h"

namespace prom {
namespace {

using Columns = std::map<std::string, std::vector<std::optional<double>>>;
using Dates = std::vector<std::string>;

struct Sheet {
  Columns columns;
  Dates dates;
};

Sheet read_sheet(const std::string& name) {
  std::ifstream in(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/indicators/" + name);
  EXPECT_TRUE(in.good()) << name;
  Sheet sheet;
  std::string line;
  std::vector<std::string> header;
  while (std::getline(in, line)) {
    const auto cells = split(trim(line), ',');
    if (header.empty()) {
      for (const auto cell : cells) header.emplace_back(cell);
      continue;
    }
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (header[i] == "date")
        sheet.dates.emplace_back(cells[i]);
      else
        sheet.columns[header[i]].push_back(i < cells.size() ? parse_f64(cells[i]) : std::nullopt);
    }
  }
  return sheet;
}

ColumnMarketView quotes_view() {
  const Sheet quotes = read_sheet("quotes_default.csv");
  auto bars = std::make_shared<BarColumns>();
  bars->price_digits = 8;
  bars->quantity_digits = 0;
  bars->interval = kDay;
  const auto units = [](double x, double scale) { return static_cast<std::int64_t>(std::llround(x * scale)); };
  for (std::size_t i = 0; i < quotes.dates.size(); ++i) {
    bars->open_time_ns.push_back(parse_time_any(quotes.dates[i])->ns);
    bars->open.push_back(units(*quotes.columns.at("open")[i], 1e8));
    bars->high.push_back(units(*quotes.columns.at("high")[i], 1e8));
    bars->low.push_back(units(*quotes.columns.at("low")[i], 1e8));
    bars->close.push_back(units(*quotes.columns.at("close")[i], 1e8));
    bars->volume.push_back(units(*quotes.columns.at("volume")[i], 1));
  }
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "SPY", 1), std::move(bars), {}, "Stock.Indicators default quotes"});
  auto view = ColumnMarketView::make(std::move(sources));
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

struct Case {
  std::string_view tool, arguments, output, column;
};
constexpr Case kCases[] = {
    {"sma", R"({"period":20})", "value", "sma_20"},
    {"ema", R"({"period":20})", "value", "ema_20"},
    {"rsi", R"({"period":14})", "value", "rsi_14"},
    {"stochastic", R"({"k_period":14,"k_smooth":3,"d_period":3})", "k", "stoch_k_14_3"},
    {"stochastic", R"({"k_period":14,"k_smooth":3,"d_period":3})", "d", "stoch_d_3"},
    {"cci", R"({"period":20})", "value", "cci_20"},
    {"roc", R"({"period":14})", "value", "roc_14"},
    {"atr", R"({"period":14})", "value", "atr_14"},
    {"bollinger", R"({"period":20,"std_dev":2})", "upper", "bb_upper_2"},
    {"bollinger", R"({"period":20,"std_dev":2})", "middle", "bb_middle_20"},
    {"bollinger", R"({"period":20,"std_dev":2})", "lower", "bb_lower_2"},
    {"keltner", R"({"period":20,"multiplier":2,"atr_period":10})", "upper", "keltner_upper"},
    {"keltner", R"({"period":20,"multiplier":2,"atr_period":10})", "lower", "keltner_lower"},
    {"macd", R"({"fast":12,"slow":26,"signal":9})", "macd", "macd"},
    {"macd", R"({"fast":12,"slow":26,"signal":9})", "signal", "macd_signal"},
    {"macd", R"({"fast":12,"slow":26,"signal":9})", "histogram", "macd_histogram"},
    {"supertrend", R"({"period":10,"multiplier":3})", "value", "supertrend"},
    {"ichimoku", "{}", "tenkan", "tenkan"},
    {"ichimoku", "{}", "kijun", "kijun"},
    {"ichimoku", "{}", "senkou_a", "senkou_a"},
    {"ichimoku", "{}", "senkou_b", "senkou_b"},
};

TEST(Reference, series_of_tools_are_the_published_values) {
  const ColumnMarketView view = quotes_view();
  const Sheet truth = read_sheet("stock_indicators_results.csv");
  ToolContext context;
  context.as_of.time = *parse_time_any("2030-01-01");
  context.timeframe = kDay;
  context.market = &view;
  std::size_t compared = 0;
  for (const Case& one : kCases) {
    const auto result = call_tool(one.tool, context, {test::json(one.arguments), SeriesWanted::yes});
    ASSERT_TRUE(result.has_value()) << one.tool << ": " << result.error().message;
    const auto& expected = truth.columns.at(std::string(one.column));
    ASSERT_EQ(expected.size(), 502U);
    const ToolSeries* series = nullptr;
    for (const ToolSeries& candidate : result->series) {
      if (candidate.output == one.output) series = &candidate;
    }
    ASSERT_NE(series, nullptr) << one.tool;
    ASSERT_EQ(series->values.size(), 502U);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(std::isfinite(series->values[i]), expected[i].has_value()) << one.tool << ' ' << one.output << " row " << i;
      if (!expected[i]) continue;
      ASSERT_NEAR(series->values[i], *expected[i], 1e-9 * std::max(1.0, std::abs(*expected[i]))) << one.tool << ' ' << one.output << " row " << i;
      ++compared;
    }
  }
  EXPECT_GT(compared, 9000U);
}

}  // namespace
}  // namespace prom
