// Indicators against TA-Lib 0.8.1, ta, pandas-ta-classic and R's TTR on the same quotes (tests/fixtures/indicators/make_references.py).
#include <gtest/gtest.h>

#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/range_measures.h"
#include "analysis/indicators/range_volatility.h"
#include "analysis/indicators/reference_support.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"

namespace prom::indicators {
namespace {

using test::From;

class Library : public test::ReferenceTable {
 protected:
  Library() : ReferenceTable("library_results.csv") {}
};

TEST_F(Library, talib_averages) {
  compare<Kama>({10, 2, 30}, "talib_kama_10");
  compare<Dema>({20}, "talib_dema_20");
  compare<Tema>({20}, "talib_tema_20");
  compare<Wma>({20}, "talib_wma_20");
  compare<LinearRegression>({14}, "talib_linearreg_14", [](const auto& v) { return v.fitted; });
  compare<LinearRegression>({14}, "talib_linearreg_slope_14", [](const auto& v) { return v.slope; });
}

TEST_F(Library, talib_oscillators) {
  compare<Aroon>({25}, "talib_aroon_up_25", [](const auto& v) { return v.up; });
  compare<Aroon>({25}, "talib_aroon_down_25", [](const auto& v) { return v.down; });
  compare<Aroon>({25}, "talib_aroonosc_25", [](const auto& v) { return v.oscillator; });
  compare<WilliamsR>({14}, "talib_willr_14");
  compare<Trix>({15}, "talib_trix_15");
  compare<Ultimate>({7, 14, 28}, "talib_ultosc");
  // TA-Lib shows k only together with d, two bars later.
  compare<StochRsi>({14, 14, 1, 3}, "talib_stochrsi_k_14_14", [](const auto& v) { return v.k; }, From{29});
  compare<StochRsi>({14, 14, 1, 3}, "talib_stochrsi_d_3", [](const auto& v) { return v.d; });
}

TEST_F(Library, talib_volume) {
  compare<AccumulationDistribution>({}, "talib_ad");
  compare<ChaikinOscillator>({3, 10, EmaSeed::first_value}, "talib_adosc_3_10");
  compare<Mfi>({14}, "talib_mfi_14");
}

TEST_F(Library, talib_trend) {
  compare<ParabolicSar>({0.02, 0.2}, "talib_sar", [](const auto& v) { return v.sar; });
  compare<ParabolicSar>({0.05, 0.5}, "talib_sar_fast", [](const auto& v) { return v.sar; });
  // Sums begun with one movement less (trend.h): (13/14)^n of it is left after n bars.
  compare<Dmi>({14}, "talib_dx_14", [](const auto& v) { return v.dx; }, From{330});
  compare<Dmi>({14}, "talib_adx_14", [](const auto& v) { return v.adx; }, From{390});
}

TEST_F(Library, ta_and_pandas_ta) {
  compare<MassIndex>({9, 25, EmaSeed::first_value}, "ta_mass_9_25");
  compare<MassIndex>({9, 25}, "ta_mass_9_25", From{160});
  compare<Cmf>({20}, "ta_cmf_20");
  // Its double smoothing begins with first values; a seed's share falls by 24/26 a bar.
  compare<Tsi>({25, 13, 7}, "ta_tsi_25_13", [](const auto& v) { return v.tsi; }, From{360});
  compare<Choppiness>({14}, "pta_chop_14", From{15});
  compare<Hma>({20}, "pta_hma_20");
  compare<Vwma>({20}, "pta_vwma_20");
  compare<Awesome>({5, 34}, "pta_ao");
}

// Achelis, Technical Analysis from A to Z, page 182, as kept by Tulip Indicators (tests/atoz.txt): four decimals.
TEST(Book, mass_index) {
  test::Bars bars;
  const std::vector<double> high{38.125,  38,     37.9375, 37.875, 38.125,  38.125, 37.75,   37.625, 37.6875, 37.5,
                                 37.5625, 37.625, 36.6875, 36.875, 36.9375, 36.5,   36.9375, 37,     36.875,  36.8125};
  const std::vector<double> low{37.75,  37.75,   37.8125, 37.625, 37.5, 37.5,  37.5,    37.4375, 37.375,  37.375,
                                37.375, 36.8125, 36.3125, 36.25,  36.5, 36.25, 36.3125, 36.625,  36.5625, 36.375};
  for (std::size_t i = 0; i < high.size(); ++i) bars.push(low[i], high[i], low[i], low[i]);
  const auto rows = *evaluate<MassIndex>({9, 3, EmaSeed::first_value}, bars.view());
  EXPECT_NEAR(rows[18], 3.2240, 0.00005);
  EXPECT_NEAR(rows[19], 3.1175, 0.00005);
}

// TTR's close estimator counts n-1 returns in n bars, so it is ours of one less.
TEST_F(Library, ttr_volatility) {
  compare<Parkinson>({30, 365}, "ttr_parkinson");
  compare<GarmanKlass>({30, 365}, "ttr_garman_klass");
  compare<RogersSatchell>({30, 365}, "ttr_rogers_satchell");
  compare<YangZhang>({30, 365}, "ttr_yang_zhang");
  compare<RealisedVolatility>({29, 365}, "ttr_close");
}

}  // namespace
}  // namespace prom::indicators
