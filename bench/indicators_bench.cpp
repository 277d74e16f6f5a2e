// Bars a second of the batch indicators and smart-money detectors on a seeded random walk of a million bars. One thread.
#include <benchmark/benchmark.h>

#include <tuple>
#include <vector>

#include "analysis/indicators/levels.h"
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

// The operators of the tools' 19 indicators, one bar each: volume_profile is no operator, so the Donchian channel stands in its place.
void incremental_19_operators(benchmark::State& state) {
  using namespace indicators;
  auto over_bars = std::make_tuple(*Stochastic::make({}), *Cci::make({}), *Atr::make({}), *Keltner::make({}), *SuperTrend::make({}), *Ichimoku::make({}),
                                   *Vwap::make({}), *Obv::make({}), *DeltaVolume::make({}), *Fibonacci::make({}), *PivotPoints::make({}), *Donchian::make({}));
  auto over_closes =
      std::make_tuple(*Rsi::make({}), *Roc::make({}), *Bollinger::make({}), *Sma::make({}), *Ema::make({}), *EmaRibbon::make({}), *Macd::make({}));
  static_assert(std::tuple_size_v<decltype(over_bars)> + std::tuple_size_v<decltype(over_closes)> == 19);
  const auto view = million().view();
  std::size_t i = 0;
  for (auto _ : state) {
    const OhlcvBar bar = bar_at(view, i);
    const auto feed_bar_to = [&](auto& op) { op.update(bar), benchmark::DoNotOptimize(op.value()); };
    const auto feed_close_to = [&](auto& op) { op.update(bar.close), benchmark::DoNotOptimize(op.value()); };
    std::apply([&](auto&... ops) { (feed_bar_to(ops), ...); }, over_bars);
    std::apply([&](auto&... ops) { (feed_close_to(ops), ...); }, over_closes);
    if (++i == view.size()) i = 0;
  }
}

void smc_scan_100000_bars(benchmark::State& state) {
  const auto view = million().view().slice(0, 100'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(smc::fair_value_gaps(view));
    benchmark::DoNotOptimize(smc::market_structure(view));
    benchmark::DoNotOptimize(smc::order_blocks(view));
    benchmark::DoNotOptimize(smc::liquidity(view));
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
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
BENCHMARK(incremental_19_operators);
BENCHMARK(smc_scan_100000_bars)->Unit(benchmark::kMillisecond);
BENCHMARK(smc_desk_500_bars);
BENCHMARK(bootstrap_1000_trades);

}  // namespace
}  // namespace prom
