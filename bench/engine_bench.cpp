// Figures of the engine: backtests in memory with fees, funding, stops, risk and digest on; interleaved instruments; risk review at 1,000 users.
// Reads the two years of BTC bars named by PROM_BTC_1M_DIR when set, else the months that ship with the program, repeated in time to the same length.
#include <benchmark/benchmark.h>
#include <x86intrin.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "engine/risk/risk_engine.h"
#include "engine_bench_setup.h"

namespace prom {
namespace {

/// One instrument, EMA 12/26 on one-minute bars, long/flat, at the moderate profile. `fast` and `slow` change how often it trades.
void run_backtest(benchmark::State& bench, const Dataset& data, const bench_setup::TrendSetup& setup) {
  std::uint64_t bars = 0, fills = 0;
  std::string digest;
  for (auto _ : bench) {
    auto simulation = Simulation::create(data, bench_setup::trend(data, setup), {});
    if (!simulation || !(*simulation)->begin() || !(*simulation)->run({})) return bench.SkipWithError("the simulation did not run");
    const RunResult result = (*simulation)->result();
    if (!digest.empty() && digest != result.digest) return bench.SkipWithError("two runs gave two digests");
    digest = result.digest;
    bars += result.bars;
    fills = result.summary.fills;
  }
  bench.counters["bars/s"] = benchmark::Counter(static_cast<double>(bars), benchmark::Counter::kIsRate);
  bench.counters["ns/bar"] = benchmark::Counter(static_cast<double>(bars) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  bench.counters["fills"] = static_cast<double>(fills);
  bench.SetLabel(digest.substr(0, 16));
}

void BM_backtest_two_years_ema_12_26(benchmark::State& bench) { run_backtest(bench, bench_setup::two_years_of_btc(), {}); }
BENCHMARK(BM_backtest_two_years_ema_12_26)->Unit(benchmark::kMillisecond)->MinWarmUpTime(0.2);

/// The strategy's own timeframe: the same bars, gathered into four-hour ones, so that they are traded rarely.
void BM_backtest_two_years_ema_12_26_of_4h(benchmark::State& bench) {
  bench_setup::TrendSetup setup;
  setup.timeframe = 4 * kHour.ns;
  run_backtest(bench, bench_setup::two_years_of_btc(), setup);
}
BENCHMARK(BM_backtest_two_years_ema_12_26_of_4h)->Unit(benchmark::kMillisecond)->MinWarmUpTime(0.2);

/// The same data with the breakers off, so that it trades as often as its averages cross: the cost of a bar with ever more orders on record.
void BM_backtest_many_orders(benchmark::State& bench) {
  bench_setup::TrendSetup setup;
  setup.fast = bench.range(0);
  setup.slow = bench.range(1);
  setup.breakers = Switch::off;
  run_backtest(bench, bench_setup::two_years_of_btc(), setup);
}
BENCHMARK(BM_backtest_many_orders)->Args({200, 500})->Args({48, 104})->Args({12, 26})->Unit(benchmark::kMillisecond);

void BM_twenty_instruments_interleaved(benchmark::State& bench) { run_backtest(bench, bench_setup::twenty_instruments(), {}); }
BENCHMARK(BM_twenty_instruments_interleaved)->Unit(benchmark::kMillisecond)->MinWarmUpTime(0.2);

/// Review of opening proposals against 1,000 users with 20 positions each, a price moving between reviews; time by the cycle counter, its own cost subtracted.
void BM_risk_review_1000_users_x_20(benchmark::State& bench) {
  bench_setup::Crowd crowd = bench_setup::make_crowd(1'000, 20);
  const EngineState& state = crowd.engine.state();
  std::uint64_t overhead = ~0ULL;
  unsigned aux = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t a = __rdtscp(&aux);
    const std::uint64_t b = __rdtscp(&aux);
    overhead = std::min(overhead, b - a);
  }
  const double ns_per_tick = bench_setup::ns_per_tick();
  std::vector<double> samples;
  std::uint64_t approved = 0, n = 0;
  for (auto _ : bench) {
    crowd.move_price(n);
    const TradeProposal& proposal = crowd.proposals[(n * 7) % crowd.proposals.size()];
    const std::uint64_t a = __rdtscp(&aux);
    const auto review = RiskEngine::review(state, proposal);
    const std::uint64_t b = __rdtscp(&aux);
    benchmark::DoNotOptimize(review);
    approved += review.has_value() ? 1U : 0U;
    if (samples.size() < 2'000'000) samples.push_back(static_cast<double>(b - a - std::min(overhead, b - a)) * ns_per_tick);
    ++n;
  }
  if (approved != n) return bench.SkipWithError("a review was denied: the bench must measure the whole path");
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double q) { return samples[static_cast<std::size_t>(q * static_cast<double>(samples.size() - 1))]; };
  bench.counters["p50_ns"] = at(0.5);
  bench.counters["p99_ns"] = at(0.99);
}
BENCHMARK(BM_risk_review_1000_users_x_20);

}  // namespace
}  // namespace prom
