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
#include "base/prng.h"

namespace prom {
namespace {

struct Columns {
  std::vector<std::int64_t> time;
  std::vector<double> open, high, low, close, volume;
  explicit Columns(std::size_t n) {
    Xoshiro256pp rng(1);
    const auto unit = [&] { return static_cast<double>(rng.below(1u << 20)) / (1u << 20); };
    double price = 50'000;
    for (std::size_t i = 0; i < n; ++i) {
      const double next = price * (1 + 0.001 * (2 * unit() - 1));
      time.push_back(static_cast<std::int64_t>(i) * 60'000'000'000), open.push_back(price), close.push_back(next);
      high.push_back(std::max(price, next) + 20 * unit()), low.push_back(std::min(price, next) - 20 * unit());
      volume.push_back(1 + unit());
      price = next;
    }
  }
  [[nodiscard]] OhlcvView view() const { return {time, open, high, low, close, volume, {}}; }
};

const Columns& million() {
  static const Columns columns(1'000'000);
  return columns;
}

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
