// The operators that strategies share agree with the analysis floor and with resampled bars.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/columns.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/volatility.h"
#include "base/prng.h"
#include "domain/bar.h"
#include "strategies/breakout.h"
#include "strategies/mean_reversion.h"
#include "strategies/registry.h"
#include "strategies/smc_retest.h"
#include "strategies/test_support.h"
#include "strategies/trend_following.h"
#include "strategies/vol_momentum.h"

namespace prom {
namespace {

using namespace strategies;
using namespace strategies::test_support;
TEST(StrategyOperators, AgreeWithAnalysis) {
  const auto bars = random_bars(3, 2'000, 0);
  EmaState ema(26);
  AtrState atr(14);
  RsiState rsi(14);
  auto ema_ref = *indicators::Ema::make({.period = 26});
  auto atr_ref = *indicators::Atr::make({.period = 14});
  auto rsi_ref = *indicators::Rsi::make({.period = 14});
  for (const auto& bar : bars) {
    ema.update(bar.close);
    atr.update(bar.high, bar.low, bar.close);
    rsi.update(bar.close);
    ema_ref.update(bar.close);
    atr_ref.update(OhlcvBar{bar.open_time_ns, bar.open, bar.high, bar.low, bar.close, bar.volume, std::nullopt});
    rsi_ref.update(bar.close);
    ASSERT_EQ(ema.ready(), ema_ref.value().has_value());
    ASSERT_EQ(atr.ready(), atr_ref.value().has_value());
    ASSERT_EQ(rsi.ready(), rsi_ref.value().has_value());
    // Analysis adds up in another order (Smoother): as with the others, the last digits differ.
    if (ema.ready()) {
      ASSERT_NEAR(ema.value(), *ema_ref.value(), 1e-12 * ema.value());
    }
    if (atr.ready()) {
      ASSERT_NEAR(atr.value(), *atr_ref.value(), 1e-12 * atr.value());
    }
    if (rsi.ready()) {
      ASSERT_NEAR(rsi.value(), *rsi_ref.value(), 1e-9);
    }
  }
}

TEST(StrategyOperators, TimeframeBarsAreThoseOfResample) {
  for (const DurationNs interval : {kMinute, kMinute * 5, kHour, kDay}) {
    for (const int missing : {0, 30}) {
      const auto bars = random_bars(8, 5'000, missing);
      TimeframeBars gather(interval);
      std::vector<StrategyBar> closed;
      for (const auto& bar : bars) gather.add(bar, kMinute, [&](const StrategyBar& b) { closed.push_back(b); });
      const BarColumns expected = resample(columns_of(bars), interval);
      ASSERT_EQ(closed.size(), expected.size());
      for (std::size_t i = 0; i < closed.size(); ++i) {
        ASSERT_EQ(closed[i].open_time_ns, expected.open_time_ns[i]);
        ASSERT_EQ(closed[i].open, expected.open_f[i]);
        ASSERT_EQ(closed[i].high, expected.high_f[i]);
        ASSERT_EQ(closed[i].low, expected.low_f[i]);
        ASSERT_EQ(closed[i].close, expected.close_f[i]);
        ASSERT_EQ(closed[i].volume, expected.volume_f[i]);
      }
    }
  }
}

// --- all strategies ---

}  // namespace
}  // namespace prom
