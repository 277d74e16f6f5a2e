// Bars a second of the batch indicators and smart-money detectors on a seeded random walk of a million bars. One thread.
#include <benchmark/benchmark.h>

#include <vector>

#include "analysis/indicators/momentum.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "analysis/regime/market_regime.h"
#include "analysis/smc/fair_value_gaps.h"
#include "analysis/smc/liquidity.h"
#include "analysis/smc/market_structure.h"
#include "analysis/smc/order_blocks.h"
#include "analysis/statistics/intervals.h"
#include "bench_columns.h"

namespace prom {
namespace {

using bench::million;

template <class Op>
void indicator(benchmark::State& state) {
  const auto params = typename Op::Params{};
  const auto& bars = million();
  for (auto _ : state) {
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
      benchmark::DoNotOptimize(evaluate<Op>(params, bars.view()));
    } else {
      benchmark::DoNotOptimize(evaluate<Op>(params, bars.close));
    }
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(million().close));
}

template <auto detect>
void detector(benchmark::State& state) {
  const auto view = million().view();
  for (auto _ : state) benchmark::DoNotOptimize(detect(view, {}));
  state.SetItemsProcessed(state.iterations() * std::ssize(million().close));
}

// What the smart-money analyst asks for on one bar close: all detectors over the last 500 bars.
void smc_desk_500_bars(benchmark::State& state) {
  const auto view = million().view().slice(999'500, 500);
  for (auto _ : state) {
    benchmark::DoNotOptimize(smc::fair_value_gaps(view));
    benchmark::DoNotOptimize(smc::order_blocks(view));
    benchmark::DoNotOptimize(smc::liquidity(view));
  }
  state.SetItemsProcessed(state.iterations() * 500);
}

void bootstrap_1000_trades(benchmark::State& state) {
  const auto x = std::span(million().volume).first(1000);
  for (auto _ : state) benchmark::DoNotOptimize(statistics::mean_upper_bound_bootstrap(x, {.confidence = 0.90}));
}

BENCHMARK(indicator<indicators::Sma>);
BENCHMARK(indicator<indicators::Ema>);
BENCHMARK(indicator<indicators::Wma>);
BENCHMARK(indicator<indicators::Rsi>);
BENCHMARK(indicator<indicators::Stochastic>);
BENCHMARK(indicator<indicators::Cci>);
BENCHMARK(indicator<indicators::Atr>);
BENCHMARK(indicator<indicators::Bollinger>);
BENCHMARK(indicator<indicators::Keltner>);
BENCHMARK(indicator<indicators::Macd>);
BENCHMARK(indicator<indicators::SuperTrend>);
BENCHMARK(indicator<indicators::Dmi>);
BENCHMARK(indicator<indicators::Donchian>);
BENCHMARK(indicator<indicators::Ichimoku>);
BENCHMARK(indicator<indicators::Obv>);
BENCHMARK(indicator<indicators::Vwap>);
BENCHMARK(indicator<regime::MarketRegime>);
BENCHMARK(detector<smc::fair_value_gaps>);
BENCHMARK(detector<smc::market_structure>);
BENCHMARK(detector<smc::order_blocks>);
BENCHMARK(detector<smc::liquidity>);
BENCHMARK(smc_desk_500_bars);
BENCHMARK(bootstrap_1000_trades);

}  // namespace
}  // namespace prom
