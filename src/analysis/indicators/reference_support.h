// For the reference tests of indicators only: the quotes of Stock.Indicators and a fixture that compares an operator with a column of a table. Each comparison
// leaves its count and largest error as a property in the test's XML. Test threads only.
#pragma once
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <fstream>
#include <string>

#include "analysis/test_support.h"
#include "base/time.h"

namespace prom::test {

// The quotes are daily without a time of day; days are read from the date column.
inline Bars load_quotes(const std::string& name) {
  const auto table = load_fixture(name);
  Bars bars;
  bars.open = table.at("open"), bars.high = table.at("high"), bars.low = table.at("low");
  bars.close = table.at("close"), bars.volume = table.at("volume");
  std::ifstream in(fixture_path(name));
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const CivilDate date{std::stoi(line.substr(0, 4)), std::stoi(line.substr(5, 2)), std::stoi(line.substr(8, 2))};
    bars.time.push_back(days_from_civil(date) * kDay.ns);
  }
  return bars;
}

// Rows from which two conventions of warm-up have met; before it nothing is compared, not even what is missing.
struct From {
  std::size_t row = 0;
};

// Every row within 1e-9 of the larger of |expected| and the column's root mean square (an oscillator that crosses zero has the precision of its parts).
class ReferenceTable : public ::testing::Test {
 protected:
  explicit ReferenceTable(const std::string& name) : truth(load_fixture(name)) {}

  template <class Op, class Field>
    requires(!std::same_as<Field, From>)
  void compare(const typename Op::Params& params, const std::string& column, Field field, From from = {}) {
    const auto rows = evaluate<Op>(params, input_of<Op>(bars, bars.close.size()));
    ASSERT_TRUE(rows) << column;
    const auto& expected = truth.at(column);
    ASSERT_EQ(rows->size(), expected.size()) << column;
    double squares = 0, worst = 0;
    std::size_t present = 0;
    for (const double x : expected) {
      if (std::isnan(x)) continue;
      squares += x * x;
      ++present;
    }
    ASSERT_GT(present, 100u) << column;
    const double typical = std::sqrt(squares / static_cast<double>(present));
    std::size_t compared = 0;
    for (std::size_t i = from.row; i < rows->size(); ++i) {
      const double actual = field((*rows)[i]);
      ASSERT_EQ(std::isnan(actual), std::isnan(expected[i])) << column << " row " << i << ": " << actual << " against " << expected[i];
      if (std::isnan(actual)) continue;
      ++compared;
      const double error = std::fabs(actual - expected[i]) / std::max(std::fabs(expected[i]), typical);
      worst = std::max(worst, error);
      ASSERT_LE(error, 1e-9) << column << " row " << i << ": " << actual << " against " << expected[i];
    }
    EXPECT_GT(compared, 100u) << column;
    char text[64];
    std::snprintf(text, sizeof text, "%zu values, largest error %.1e", compared, worst);
    RecordProperty(column, text);
  }
  template <class Op>
  void compare(const typename Op::Params& params, const std::string& column, From from = {}) {
    compare<Op>(params, column, [](double x) { return x; }, from);
  }

  const Bars bars = load_quotes("quotes_default.csv");
  const Table truth;
};

}  // namespace prom::test
