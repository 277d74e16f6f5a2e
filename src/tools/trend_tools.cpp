// sma, ema, ema_ribbon, macd, supertrend, ichimoku: the trend indicators as tools. Pure; any thread.
#include "analysis/indicators/trend.h"

#include "analysis/indicators/moving_averages.h"
#include "base/assert.h"
#include "tools/indicator_tool.h"

namespace prom {

namespace {

using namespace indicators;

constexpr ResultField kClose{"close", ResultType::number, "close of the newest bar, quote per base"};
constexpr ResultField kAverageResults[] = {{"value", ResultType::number, "quote per base"},
                                           {"previous", ResultType::number, "the value one bar earlier", ResultPresence::may_be_null},
                                           kClose,
                                           {"distance_percent", ResultType::number, "of the close from the average, in percent", ResultPresence::may_be_null}};

template <Operator Average>
ToolResult average(const ToolContext& context, const ToolArguments& arguments, const ToolArgs& args, Depends depends) {
  auto run = run_indicator<Average>(context, args, arguments.series, {.period = args.small_integer("period")}, {args.count("period"), depends});
  if (!run) return std::unexpected(run.error());
  ValueObject result{
      {"value", run->now}, {"previous", number_or_null(run->before)}, {"close", run->close()}, {"distance_percent", percent_from(run->close(), run->now)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kAverageArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(20)};
ToolResult run_sma(const ToolContext& context, const ToolArguments& arguments) {
  return average<Sma>(context, arguments, ToolArgs(kAverageArgs, arguments.object), Depends::window);
}
ToolResult run_ema(const ToolContext& context, const ToolArguments& arguments) {
  return average<Ema>(context, arguments, ToolArgs(kAverageArgs, arguments.object), Depends::recursion);
}

std::string_view name_of_order(RibbonOrder order) {
  switch (order) {
    case RibbonOrder::bullish: return "bullish";
    case RibbonOrder::bearish: return "bearish";
    case RibbonOrder::mixed: return "mixed";
  }
  PROM_UNREACHABLE();
}

constexpr ArgSpec kRibbonArgs[] = {kInstrumentArg,
                                   kTimeframeArg,
                                   {.name = "periods",
                                    .type = ArgType::integer_list,
                                    .description = "ascending lengths in bars; default 3 5 8 10 12 15 30 35 40 45 50 60 (Guppy)",
                                    .minimum = 1,
                                    .maximum = 1000,
                                    .max_items = EmaRibbon::kMaxLines}};
constexpr ResultField kRibbonResults[] = {{"fastest", ResultType::number, "shortest average, quote per base"},
                                          {"slowest", ResultType::number, "longest average, quote per base"},
                                          {"spread", ResultType::number, "(fastest - slowest) / slowest"},
                                          {"order", ResultType::text, "bullish: each shorter above the next longer; bearish: each below; else mixed"},
                                          {"lines", ResultType::list, "{period, value} of each average, fastest first"},
                                          kClose};
ToolResult run_ema_ribbon(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kRibbonArgs, arguments.object);
  EmaRibbon::Params params;
  if (args.has("periods")) {
    params.periods.clear();
    for (const Value& period : args.list("periods")) params.periods.push_back(static_cast<int>(period.number().value_or(0)));
  }
  const auto longest = static_cast<std::size_t>(*std::ranges::max_element(params.periods));
  auto run = run_indicator<EmaRibbon>(context, args, arguments.series, params, {longest, Depends::recursion});
  if (!run) return std::unexpected(run.error());
  ValueList lines;
  lines.reserve(params.periods.size());
  for (std::size_t i = 0; i < params.periods.size(); ++i) {
    lines.emplace_back(ValueObject{{"period", params.periods[i]}, {"value", number_or_null(run->op.lines()[i].value())}});
  }
  ValueObject result{{"fastest", run->now.fastest}, {"slowest", run->now.slowest},
                     {"spread", run->now.spread},   {"order", name_of_order(run->now.order.value_or(RibbonOrder::mixed))},
                     {"lines", std::move(lines)},   {"close", run->close()}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kMacdArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(12, "fast"), period_arg(26, "slow"), period_arg(9, "signal")};
constexpr ResultField kMacdResults[] = {{"macd", ResultType::number, "EMA(fast) - EMA(slow), quote per base"},
                                        {"signal", ResultType::number, "EMA of macd"},
                                        {"histogram", ResultType::number, "macd - signal"},
                                        {"previous_histogram", ResultType::number, "the histogram one bar earlier", ResultPresence::may_be_null},
                                        {"cross", ResultType::text, "bullish or bearish when macd crossed its signal on the newest bar, else none"}};
ToolResult run_macd(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kMacdArgs, arguments.object);
  const Macd::Params params{args.small_integer("fast"), args.small_integer("slow"), args.small_integer("signal")};
  auto run = run_indicator<Macd>(context, args, arguments.series, params, {args.count("slow") + args.count("signal") - 1, Depends::recursion});
  if (!run) return std::unexpected(run.error());
  const double now = run->now.histogram;
  std::string_view cross = "none";
  if (run->before && run->before->histogram <= 0 && now > 0) cross = "bullish";
  if (run->before && run->before->histogram >= 0 && now < 0) cross = "bearish";
  ValueObject result{{"macd", run->now.macd},
                     {"signal", run->now.signal},
                     {"histogram", now},
                     {"previous_histogram", run->before ? number_or_null(run->before->histogram) : Value()},
                     {"cross", cross}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kSupertrendArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(10), number_arg("multiplier", "average true ranges on each side", 0.1, 20, 3)};
constexpr ResultField kSupertrendResults[] = {{"value", ResultType::number, "the trailing line, quote per base"},
                                              {"trend", ResultType::text, "up or down"},
                                              {"flipped", ResultType::flag, "whether the trend turned on the newest bar"},
                                              kClose,
                                              {"distance_percent", ResultType::number, "of the close from the line, in percent", ResultPresence::may_be_null}};
ToolResult run_supertrend(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSupertrendArgs, arguments.object);
  auto run = run_indicator<SuperTrend>(context, args, arguments.series, {.period = args.small_integer("period"), .multiplier = args.number("multiplier")},
                                       {args.count("period") + 1, Depends::recursion}, Complete::first_column);
  if (!run) return std::unexpected(run.error());
  const bool up = run->now.trend == Trend::up;
  ValueObject result{{"value", run->now.line},
                     {"trend", up ? "up" : "down"},
                     {"flipped", run->before && run->before->trend != run->now.trend},
                     {"close", run->close()},
                     {"distance_percent", percent_from(run->close(), run->now.line)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kIchimokuArgs[] = {
    kInstrumentArg, kTimeframeArg, period_arg(9, "tenkan"), period_arg(26, "kijun"), period_arg(52, "senkou_b"), period_arg(26, "displacement")};
constexpr ResultField kIchimokuResults[] = {
    {"tenkan", ResultType::number, "conversion line, quote per base"},
    {"kijun", ResultType::number, "base line"},
    {"senkou_a", ResultType::number, "edge of the cloud under this bar"},
    {"senkou_b", ResultType::number, "other edge of the cloud under this bar"},
    {"chikou", ResultType::number, "this close, drawn displacement bars back"},
    {"cloud_ahead_a", ResultType::number, "senkou_a as it will stand displacement bars ahead", ResultPresence::may_be_null},
    {"cloud_ahead_b", ResultType::number, "senkou_b as it will stand displacement bars ahead", ResultPresence::may_be_null},
    {"position", ResultType::text, "where the close stands: above, inside or below the cloud"}};
ToolResult run_ichimoku(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kIchimokuArgs, arguments.object);
  const Ichimoku::Params params{args.small_integer("tenkan"), args.small_integer("kijun"), args.small_integer("senkou_b"), args.small_integer("displacement")};
  const std::size_t needed = std::max({args.count("tenkan"), args.count("kijun"), args.count("senkou_b")}) + args.count("displacement");
  auto run = run_indicator<Ichimoku>(context, args, arguments.series, params, {needed, Depends::window});
  if (!run) return std::unexpected(run.error());
  const IchimokuValue& now = run->now;
  const double top = std::max(now.senkou_a, now.senkou_b), bottom = std::min(now.senkou_a, now.senkou_b);
  const std::string_view position = run->close() > top ? "above" : run->close() < bottom ? "below" : "inside";
  const auto ahead = run->op.cloud_ahead();
  ValueObject result{{"tenkan", now.tenkan},
                     {"kijun", now.kijun},
                     {"senkou_a", now.senkou_a},
                     {"senkou_b", now.senkou_b},
                     {"chikou", now.chikou},
                     {"cloud_ahead_a", number_or_null(ahead[0])},
                     {"cloud_ahead_b", number_or_null(ahead[1])},
                     {"position", position}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ToolCategory kTrend = ToolCategory::trend;
constexpr ToolSpec kTools[] = {
    {.name = "sma",
     .category = kTrend,
     .description = "Simple moving average of the close.",
     .arguments = kAverageArgs,
     .results = kAverageResults,
     .run = run_sma},
    {.name = "ema",
     .category = kTrend,
     .description = "Exponential moving average of the close, seeded with the simple one.",
     .arguments = kAverageArgs,
     .results = kAverageResults,
     .run = run_ema},
    {.name = "ema_ribbon",
     .category = kTrend,
     .description = "Exponential averages of several lengths and how they are ordered.",
     .arguments = kRibbonArgs,
     .results = kRibbonResults,
     .run = run_ema_ribbon},
    {.name = "macd",
     .category = kTrend,
     .description = "Moving average convergence divergence of the close (Appel).",
     .arguments = kMacdArgs,
     .results = kMacdResults,
     .run = run_macd},
    {.name = "supertrend",
     .category = kTrend,
     .description = "SuperTrend: a trailing line of average true ranges and the trend's side.",
     .arguments = kSupertrendArgs,
     .results = kSupertrendResults,
     .run = run_supertrend},
    {.name = "ichimoku",
     .category = kTrend,
     .description = "Ichimoku lines and cloud, causal: the cloud is the one drawn under the newest bar.",
     .arguments = kIchimokuArgs,
     .results = kIchimokuResults,
     .run = run_ichimoku},
};

}  // namespace

std::span<const ToolSpec> trend_tools() { return kTools; }

}  // namespace prom
