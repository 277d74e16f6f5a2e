// What an agent's questions cost: a full market_analyst round (price, bars and all 19 indicators on three timeframes), single tools, refused calls. One thread.
#include <benchmark/benchmark.h>

#include <array>
#include <string_view>

#include "tools/session.h"
#include "tools/test_support.h"

namespace prom {
namespace {

constexpr std::array<std::string_view, 19> kIndicators{
    "rsi",  "stochastic", "cci",      "roc",  "atr", "bollinger",      "keltner",      "sma",       "ema",         "ema_ribbon",
    "macd", "supertrend", "ichimoku", "vwap", "obv", "volume_profile", "delta_volume", "fibonacci", "pivot_points"};
constexpr std::array<DurationNs, 3> kTimeframes{kMinute * 5, kMinute * 15, kHour};

const test::World& world() {
  static const test::World kWorld;
  return kWorld;
}

/// 1 + 3 * (1 + 19) calls over 500 bars each (fewer where there is less history), every one a fresh result.
void market_analyst_round(benchmark::State& state) {
  ToolContext context = world().context;
  context.instrument = InstrumentIx(1);
  const ToolArguments bars{Value(ValueObject{{"bars", 500}}), SeriesWanted::no};
  const ToolArguments none{};
  std::size_t failed = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(call_tool("get_price", context, none));
    for (const DurationNs timeframe : kTimeframes) {
      context.timeframe = timeframe;
      if (!call_tool("get_ohlcv", context, bars)) ++failed;
      for (const std::string_view tool : kIndicators) {
        const auto result = call_tool(tool, context, none);
        failed += result ? 0 : 1;
        benchmark::DoNotOptimize(result);
      }
    }
  }
  if (failed > 0) state.SkipWithError("a call failed");
}
BENCHMARK(market_analyst_round)->Unit(benchmark::kMicrosecond);

void one_tool(benchmark::State& state, std::string_view tool) {
  const ToolArguments arguments{test::sample_of(tool), SeriesWanted::no};
  for (auto _ : state) benchmark::DoNotOptimize(call_tool(tool, world().context, arguments));
}
BENCHMARK_CAPTURE(one_tool, rsi, "rsi");
BENCHMARK_CAPTURE(one_tool, get_price, "get_price");
BENCHMARK_CAPTURE(one_tool, get_ohlcv, "get_ohlcv");
BENCHMARK_CAPTURE(one_tool, volume_profile, "volume_profile");
BENCHMARK_CAPTURE(one_tool, detect_order_blocks, "detect_order_blocks");
BENCHMARK_CAPTURE(one_tool, get_market_regime, "get_market_regime");
BENCHMARK_CAPTURE(one_tool, validate_trade, "validate_trade");
BENCHMARK_CAPTURE(one_tool, unavailable, "get_news");

void cached_call(benchmark::State& state) {
  constexpr std::array<std::string_view, 1> kAllowed{"rsi"};
  ToolRecord record;
  ToolSession session(record, world().context, {kAllowed, UINT32_MAX});
  for (auto _ : state) benchmark::DoNotOptimize(session.call("rsi"));
}
BENCHMARK(cached_call)->Iterations(10'000);

}  // namespace
}  // namespace prom
