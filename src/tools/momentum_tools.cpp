// rsi, stochastic, cci, roc: the momentum indicators as tools. Pure; any thread.
#include "analysis/indicators/momentum.h"

#include "tools/indicator_tool.h"

namespace prom {

namespace {

using namespace indicators;

std::string_view zone(double x, double low, double high) { return x >= high ? "overbought" : x <= low ? "oversold" : "neutral"; }

constexpr ResultField kPrevious{"previous", ResultType::number, "the value one bar earlier", ResultPresence::may_be_null};

constexpr ArgSpec kRsiArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(14, "period", 2)};
constexpr ResultField kRsiResults[] = {
    {"value", ResultType::number, "0..100"}, kPrevious, {"zone", ResultType::text, "overbought from 70, oversold to 30, else neutral"}};
ToolResult run_rsi(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kRsiArgs, arguments.object);
  const int period = args.small_integer("period");
  auto run = run_indicator<Rsi>(context, args, arguments.series, {.period = period}, {args.count("period") + 1, Depends::recursion});
  if (!run) return std::unexpected(run.error());
  ValueObject result{{"value", run->now}, {"previous", number_or_null(run->before)}, {"zone", zone(run->now, 30, 70)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kStochasticArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(14, "k_period"), period_arg(3, "k_smooth"), period_arg(3, "d_period")};
constexpr ResultField kStochasticResults[] = {{"k", ResultType::number, "0..100, smoothed over k_smooth"},
                                              {"d", ResultType::number, "0..100, mean of the last d_period ks"},
                                              {"zone", ResultType::text, "overbought from 80, oversold to 20, else neutral, by k"}};
ToolResult run_stochastic(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kStochasticArgs, arguments.object);
  const Stochastic::Params params{args.small_integer("k_period"), args.small_integer("k_smooth"), args.small_integer("d_period")};
  const std::size_t needed = args.count("k_period") + args.count("k_smooth") + args.count("d_period") - 2;
  auto run = run_indicator<Stochastic>(context, args, arguments.series, params, {needed, Depends::window});
  if (!run) return std::unexpected(run.error());
  ValueObject result{{"k", run->now.k}, {"d", run->now.d}, {"zone", zone(run->now.k, 20, 80)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kCciArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(20, "period", 2)};
constexpr ResultField kCciResults[] = {{"value", ResultType::number, "in mean absolute deviations / 0.015"},
                                       kPrevious,
                                       {"zone", ResultType::text, "overbought from 100, oversold to -100, else neutral"}};
ToolResult run_cci(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kCciArgs, arguments.object);
  auto run = run_indicator<Cci>(context, args, arguments.series, {.period = args.small_integer("period")}, {args.count("period"), Depends::window});
  if (!run) return std::unexpected(run.error());
  ValueObject result{{"value", run->now}, {"previous", number_or_null(run->before)}, {"zone", zone(run->now, -100, 100)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kRocArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(10)};
constexpr ResultField kRocResults[] = {{"value", ResultType::number, "percent change of the close over the period"}, kPrevious};
ToolResult run_roc(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kRocArgs, arguments.object);
  auto run = run_indicator<Roc>(context, args, arguments.series, {.period = args.small_integer("period")}, {args.count("period") + 1, Depends::window});
  if (!run) return std::unexpected(run.error());
  ValueObject result{{"value", run->now}, {"previous", number_or_null(run->before)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ToolSpec kTools[] = {
    {.name = "rsi",
     .category = ToolCategory::momentum,
     .description = "Relative strength index of the close (Wilder), 0 to 100.",
     .arguments = kRsiArgs,
     .results = kRsiResults,
     .run = run_rsi},
    {.name = "stochastic",
     .category = ToolCategory::momentum,
     .description = "Slow stochastic oscillator (Lane), k and d, 0 to 100.",
     .arguments = kStochasticArgs,
     .results = kStochasticResults,
     .run = run_stochastic},
    {.name = "cci",
     .category = ToolCategory::momentum,
     .description = "Commodity channel index of the typical price (Lambert).",
     .arguments = kCciArgs,
     .results = kCciResults,
     .run = run_cci},
    {.name = "roc",
     .category = ToolCategory::momentum,
     .description = "Rate of change of the close in percent.",
     .arguments = kRocArgs,
     .results = kRocResults,
     .run = run_roc},
};

}  // namespace

std::span<const ToolSpec> momentum_tools() { return kTools; }

}  // namespace prom
