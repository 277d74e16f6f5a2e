// Candle patterns against TA-Lib 0.8.1 on 3,000 drawn bars in which each turns up (tests/fixtures/indicators/make_references.py), and corners by hand.
#include <gtest/gtest.h>

#include "analysis/indicators/candle_patterns.h"
#include "analysis/test_support.h"

namespace prom::indicators {
namespace {

std::size_t pattern_index(const std::string& name) {
  const auto at = std::ranges::find(CandleValue::kNames, name);
  EXPECT_NE(at, CandleValue::kNames.end()) << name;
  return static_cast<std::size_t>(at - CandleValue::kNames.begin());
}

TEST(CandlePatterns, every_pattern_on_every_bar_as_talib_says) {
  const auto table = test::load_fixture("candles_bars.csv");
  test::Bars bars;
  for (std::size_t i = 0; i < table.at("open").size(); ++i) bars.push(table.at("open")[i], table.at("high")[i], table.at("low")[i], table.at("close")[i]);
  const auto rows = *evaluate<CandlePatterns>({}, bars.view());
  ASSERT_EQ(rows.size(), 3000u);
  std::vector<std::array<double, CandleValue::kPatterns>> expected(rows.size());
  std::array<int, CandleValue::kPatterns> hits{};
  std::ifstream in(test::fixture_path("candles_talib.csv"));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const auto first = line.find(','), second = line.find(',', first + 1);
    const std::size_t pattern = pattern_index(line.substr(first + 1, second - first - 1));
    expected[std::stoul(line)][pattern] = std::stod(line.substr(second + 1));
    ++hits[pattern];
  }
  for (const int n : hits) EXPECT_GE(n, 3);
  for (std::size_t i = 0; i < 13; ++i) ASSERT_TRUE(std::isnan(rows[i].doji)) << "warm-up, row " << i;
  for (std::size_t i = 13; i < rows.size(); ++i) {
    const auto row = rows[i].columns();
    for (std::size_t p = 0; p < row.size(); ++p) ASSERT_EQ(row[p], expected[i][p]) << CandleValue::kNames[p] << ", row " << i;
  }
}

TEST(CandlePatterns, a_market_that_does_not_move_is_nothing_but_doji) {
  test::Bars bars;
  for (int i = 0; i < 40; ++i) bars.push(7, 7, 7, 7);
  const auto row = evaluate<CandlePatterns>({}, bars.view())->back().columns();
  EXPECT_EQ(row[0], 100);
  for (std::size_t p = 1; p < row.size(); ++p) EXPECT_EQ(row[p], 0) << CandleValue::kNames[p];
}

}  // namespace
}  // namespace prom::indicators
