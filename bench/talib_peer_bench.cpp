// Batch indicators beside TA-Lib's C functions on the same million bars, alternating in one run: nanoseconds a bar of each (the least of all rounds) and their ratio
// (above 1: ours is faster). Both write into columns that were touched before. Skipped with the reason where PROM_TALIB names no library. One thread.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <vector>

#include "analysis/indicators/chart_lines.h"
#include "analysis/indicators/composite_averages.h"
#include "analysis/indicators/momentum.h"
#include "analysis/indicators/money_flow.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/oscillators.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/indicators/volume.h"
#include "bench_columns.h"
#include "talib_library.h"

namespace prom {
namespace {

using namespace indicators;

std::array<std::vector<double>, 4>& outputs() {
  static std::array<std::vector<double>, 4> columns = [] {
    std::array<std::vector<double>, 4> made;
    for (auto& column : made) column.assign(bench::million().close.size(), 0.0);
    return made;
  }();
  return columns;
}

template <class Op>
void ours(const typename Op::Params& params) {
  auto op = Op::make(params);
  std::array<std::span<double>, column_count<Op>()> columns;
  for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = outputs()[c];
  // TA_LINEARREG gives the fitted value alone (the slope and the correlation are functions of their own); everywhere else ours writes all its columns.
  if constexpr (std::is_same_v<Op, LinearRegression>) columns[0] = columns[2] = {};
  if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
    feed_into(*op, bench::million().view(), columns);
  } else {
    feed_into(*op, std::span<const double>(bench::million().close), columns);
  }
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// CPU time: what else runs on the machine then counts only where it empties caches.
double seconds(auto&& work) {
  const double begin = cpu_seconds();
  work();
  benchmark::ClobberMemory();
  return cpu_seconds() - begin;
}

double log_ratio_sum = 0;
int pairs = 0;

template <class Op>
void compare(benchmark::State& state, const typename Op::Params& params, int (*theirs)(const bench::TalibLibrary&)) {
  const auto& library = bench::TalibLibrary::instance();
  if (!library.ready()) {
    state.SkipWithError(library.reason().c_str());
    return;
  }
  if (theirs(library) != 0) {
    state.SkipWithError("TA-Lib refused the call");
    return;
  }
  double least_ours = HUGE_VAL, least_theirs = HUGE_VAL;
  for (auto _ : state) {
    least_ours = std::min(least_ours, seconds([&] { ours<Op>(params); }));
    least_theirs = std::min(least_theirs, seconds([&] { theirs(library); }));
  }
  const double bars = static_cast<double>(bench::million().close.size());
  state.counters["ours_ns"] = 1e9 * least_ours / bars;
  state.counters["talib_ns"] = 1e9 * least_theirs / bars;
  state.counters["ratio"] = least_theirs / least_ours;
  log_ratio_sum += std::log(least_theirs / least_ours);
  ++pairs;
}

void geometric_mean(benchmark::State& state) {
  if (pairs == 0) {
    state.SkipWithError("no pair was compared");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(pairs);
  state.counters["pairs"] = pairs;
  state.counters["ratio"] = std::exp(log_ratio_sum / pairs);
}

// TA_<name>(0, last, inputs..., settings..., &begin, &count, outputs...).
int begin_index = 0, count = 0;
int last() { return static_cast<int>(bench::million().close.size()) - 1; }
const double* high() { return bench::million().high.data(); }
const double* low() { return bench::million().low.data(); }
const double* close() { return bench::million().close.data(); }
const double* volume() { return bench::million().volume.data(); }
double* out(std::size_t c) { return outputs()[c].data(); }

using L = bench::TalibLibrary;

// One pair under its TA-Lib name.
template <class Op>
void pair(const char* name, const typename Op::Params& params, int (*theirs)(const L&)) {
  benchmark::RegisterBenchmark(name, compare<Op>, params, theirs)->Iterations(21)->Unit(benchmark::kMillisecond);
}

void pairs_of_closes() {
  pair<Sma>("talib/SMA", {20}, [](const L& l) { return l.call("TA_SMA", 0, last(), close(), 20, &begin_index, &count, out(0)); });
  pair<Ema>("talib/EMA", {20}, [](const L& l) { return l.call("TA_EMA", 0, last(), close(), 20, &begin_index, &count, out(0)); });
  pair<Wma>("talib/WMA", {20}, [](const L& l) { return l.call("TA_WMA", 0, last(), close(), 20, &begin_index, &count, out(0)); });
  pair<Dema>("talib/DEMA", {20}, [](const L& l) { return l.call("TA_DEMA", 0, last(), close(), 20, &begin_index, &count, out(0)); });
  pair<Tema>("talib/TEMA", {20}, [](const L& l) { return l.call("TA_TEMA", 0, last(), close(), 20, &begin_index, &count, out(0)); });
  pair<Kama>("talib/KAMA", {10, 2, 30}, [](const L& l) { return l.call("TA_KAMA", 0, last(), close(), 10, &begin_index, &count, out(0)); });
  pair<Rsi>("talib/RSI", {14}, [](const L& l) { return l.call("TA_RSI", 0, last(), close(), 14, &begin_index, &count, out(0)); });
  pair<Roc>("talib/ROC", {10}, [](const L& l) { return l.call("TA_ROC", 0, last(), close(), 10, &begin_index, &count, out(0)); });
  pair<Trix>("talib/TRIX", {15}, [](const L& l) { return l.call("TA_TRIX", 0, last(), close(), 15, &begin_index, &count, out(0)); });
  pair<Macd>("talib/MACD", {12, 26, 9},
             [](const L& l) { return l.call("TA_MACD", 0, last(), close(), 12, 26, 9, &begin_index, &count, out(0), out(1), out(2)); });
  pair<Bollinger>("talib/BBANDS", {20, 2.0},
                  [](const L& l) { return l.call("TA_BBANDS", 0, last(), close(), 20, 2.0, 2.0, 0, &begin_index, &count, out(0), out(1), out(2)); });
  pair<StochRsi>("talib/STOCHRSI", {14, 14, 1, 3},
                 [](const L& l) { return l.call("TA_STOCHRSI", 0, last(), close(), 14, 14, 3, 0, &begin_index, &count, out(0), out(1)); });
  pair<LinearRegression>("talib/LINEARREG", {14}, [](const L& l) { return l.call("TA_LINEARREG", 0, last(), close(), 14, &begin_index, &count, out(0)); });
}

void pairs_of_bars() {
  pair<Atr>("talib/ATR", {14}, [](const L& l) { return l.call("TA_ATR", 0, last(), high(), low(), close(), 14, &begin_index, &count, out(0)); });
  pair<Cci>("talib/CCI", {20}, [](const L& l) { return l.call("TA_CCI", 0, last(), high(), low(), close(), 20, &begin_index, &count, out(0)); });
  pair<Stochastic>("talib/STOCH", {14, 3, 3},
                   [](const L& l) { return l.call("TA_STOCH", 0, last(), high(), low(), close(), 14, 3, 0, 3, 0, &begin_index, &count, out(0), out(1)); });
  pair<Dmi>("talib/ADX", {14}, [](const L& l) { return l.call("TA_ADX", 0, last(), high(), low(), close(), 14, &begin_index, &count, out(0)); });
  pair<Aroon>("talib/AROON", {25}, [](const L& l) { return l.call("TA_AROON", 0, last(), high(), low(), 25, &begin_index, &count, out(0), out(1)); });
  pair<WilliamsR>("talib/WILLR", {14}, [](const L& l) { return l.call("TA_WILLR", 0, last(), high(), low(), close(), 14, &begin_index, &count, out(0)); });
  pair<Ultimate>("talib/ULTOSC", {7, 14, 28},
                 [](const L& l) { return l.call("TA_ULTOSC", 0, last(), high(), low(), close(), 7, 14, 28, &begin_index, &count, out(0)); });
  pair<ParabolicSar>("talib/SAR", {0.02, 0.2}, [](const L& l) { return l.call("TA_SAR", 0, last(), high(), low(), 0.02, 0.2, &begin_index, &count, out(0)); });
  pair<Mfi>("talib/MFI", {14}, [](const L& l) { return l.call("TA_MFI", 0, last(), high(), low(), close(), volume(), 14, &begin_index, &count, out(0)); });
  pair<AccumulationDistribution>("talib/AD", {},
                                 [](const L& l) { return l.call("TA_AD", 0, last(), high(), low(), close(), volume(), &begin_index, &count, out(0)); });
  pair<ChaikinOscillator>("talib/ADOSC", {3, 10},
                          [](const L& l) { return l.call("TA_ADOSC", 0, last(), high(), low(), close(), volume(), 3, 10, &begin_index, &count, out(0)); });
  pair<Obv>("talib/OBV", {}, [](const L& l) { return l.call("TA_OBV", 0, last(), close(), volume(), &begin_index, &count, out(0)); });
}

const bool kRegistered = [] {
  pairs_of_closes();
  pairs_of_bars();
  benchmark::RegisterBenchmark("talib/geometric_mean", geometric_mean)->Iterations(1);
  return true;
}();

}  // namespace
}  // namespace prom
