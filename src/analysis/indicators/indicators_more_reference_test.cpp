// What technicians expect beside the product's indicators, against Stock.Indicators' published results (tests/fixtures/indicators/ORIGIN.md).
#include <gtest/gtest.h>

#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/hurst.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_measures.h"
#include "analysis/indicators/reference_support.h"
#include "analysis/indicators/trend.h"

namespace prom::indicators {
namespace {

using test::From;

class MoreReference : public test::ReferenceTable {
 protected:
  MoreReference() : ReferenceTable("stock_indicators_more.csv") {}
};

TEST_F(MoreReference, averages) {
  compare<Hma>({14}, "hma_14");
  compare<Vwma>({14}, "vwma_14");
  compare<Alma>({9, 0.85, 6}, "alma_9");
  // Stock.Indicators shows the seed, the close at index period-1, as a value; from there the recursion is the same.
  compare<Kama>({10, 2, 30}, "kama_10_2_30", From{10});
  // It seeds all EMAs of a chain with one mean; ours are seeded one after the other (TA-Lib). A seed's share falls by (1 - 2/(n+1)) a bar.
  compare<Dema>({14}, "dema_14", From{220});
  compare<Tema>({20}, "tema_20", From{330});
}

TEST_F(MoreReference, oscillators) {
  compare<Awesome>({5, 34}, "awesome_5_34");
  compare<WilliamsR>({14}, "willr_14");
  compare<Tsi>({25, 13, 7}, "tsi_25_13", [](const auto& v) { return v.tsi; });
  compare<Tsi>({25, 13, 7}, "tsi_signal_7", [](const auto& v) { return v.signal; });
  compare<Ultimate>({7, 14, 28}, "uo_7_14_28");
  compare<StochRsi>({14, 14, 1, 3}, "stoch_rsi_14_14", [](const auto& v) { return v.k; });
  compare<StochRsi>({14, 14, 1, 3}, "stoch_rsi_signal_3", [](const auto& v) { return v.d; });
  compare<Trix>({14}, "trix_14", From{260});
}

// Of equal extremes the newest counts with us (Chande: "since the most recent high"), the oldest there.
TEST_F(MoreReference, aroon_but_for_ties) {
  const auto rows = *evaluate<Aroon>({25}, bars.view());
  const auto tied = [&](const std::vector<double>& x, std::size_t i, double sign) {
    double best = sign * x[i];
    int count = 0;
    for (std::size_t j = i - 25; j <= i; ++j) best = std::max(best, sign * x[j]);
    for (std::size_t j = i - 25; j <= i; ++j) count += sign * x[j] == best ? 1 : 0;
    return count > 1;
  };
  int compared = 0;
  for (std::size_t i = 25; i < rows.size(); ++i) {
    if (!tied(bars.high, i, 1)) EXPECT_NEAR(rows[i].up, truth.at("aroon_up_25")[i], 1e-9) << i;
    if (!tied(bars.low, i, -1)) EXPECT_NEAR(rows[i].down, truth.at("aroon_down_25")[i], 1e-9) << i;
    compared += tied(bars.high, i, 1) || tied(bars.low, i, -1) ? 0 : 1;
  }
  EXPECT_GT(compared, 400);
}

TEST_F(MoreReference, money_flow) {
  compare<AccumulationDistribution>({}, "adl");
  compare<ChaikinOscillator>({3, 10}, "chaikin_3_10");
  compare<Cmf>({20}, "cmf_20");
  compare<Mfi>({14}, "mfi_14");
  compare<ForceIndex>({2}, "force_2");
  compare<Klinger>({34, 55, 13}, "kvo_34_55", [](const auto& v) { return v.oscillator; });
  compare<Klinger>({34, 55, 13}, "kvo_signal_13", [](const auto& v) { return v.signal; });
}

TEST_F(MoreReference, trend_and_ranges) {
  compare<Dmi>({14}, "dx_14", [](const auto& v) { return v.dx; });
  compare<LinearRegression>({14}, "r_squared_14", [](const auto& v) { return v.r_squared; });
  compare<Choppiness>({14, ChoppinessSpan::true_high_low}, "chop_14");
  compare<Vortex>({14}, "vortex_plus_14", [](const auto& v) { return v.plus; });
  compare<Vortex>({14}, "vortex_minus_14", [](const auto& v) { return v.minus; });
  compare<ElderRay>({13}, "bull_power_13", [](const auto& v) { return v.bull_power; });
  compare<ElderRay>({13}, "bear_power_13", [](const auto& v) { return v.bear_power; });
  compare<Hurst>({100}, "hurst_100");
}

TEST_F(MoreReference, lines) {
  compare<HeikinAshi>({}, "ha_open", [](const auto& v) { return v.open; });
  compare<HeikinAshi>({}, "ha_high", [](const auto& v) { return v.high; });
  compare<HeikinAshi>({}, "ha_low", [](const auto& v) { return v.low; });
  compare<HeikinAshi>({}, "ha_close", [](const auto& v) { return v.close; });
}

// Stock.Indicators begins rising from the first low; ours begins as TA-Lib's, and the two lines meet at a turn. On a turning bar the new stop is the extreme
// there, with us never inside the last two bars (TA-Lib, Wilder's rule for every stop): one turn of this series shows it.
TEST_F(MoreReference, parabolic_sar_once_the_beginnings_have_met) {
  const auto rows = *evaluate<ParabolicSar>({0.02, 0.2}, bars.view());
  const auto& expected = truth.at("psar");
  int compared = 0, clamped = 0;
  for (std::size_t i = 40; i < rows.size(); ++i) {
    const bool turned = rows[i].direction != rows[i - 1].direction;
    if (turned && !test::close_to(rows[i].sar, expected[i])) {
      EXPECT_EQ(rows[i].sar, rows[i].direction < 0 ? std::max(bars.high[i - 1], bars.high[i]) : std::min(bars.low[i - 1], bars.low[i])) << i;
      ++clamped;
      continue;
    }
    EXPECT_TRUE(test::close_to(rows[i].sar, expected[i])) << i;
    ++compared;
  }
  EXPECT_EQ(clamped, 1);
  EXPECT_EQ(compared, 461);
}

}  // namespace
}  // namespace prom::indicators
