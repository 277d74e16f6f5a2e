// atr, bollinger, keltner: the volatility indicators as tools. Pure; any thread.
#include "analysis/indicators/volatility.h"

#include "tools/indicator_tool.h"

namespace prom {

namespace {

using namespace indicators;

std::string_view place(const BandsValue& bands, double close) { return close > bands.upper ? "above" : close < bands.lower ? "below" : "inside"; }

constexpr ResultField kUpper{"upper", ResultType::number, "upper band, quote per base"};
constexpr ResultField kMiddle{"middle", ResultType::number, "centre line, quote per base"};
constexpr ResultField kLower{"lower", ResultType::number, "lower band, quote per base"};
constexpr ResultField kPosition{"position", ResultType::text, "where the close stands: above, inside or below the bands"};
constexpr ResultField kClose{"close", ResultType::number, "close of the newest bar, quote per base"};

constexpr ArgSpec kAtrArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(14)};
constexpr ResultField kAtrResults[] = {
    {"value", ResultType::number, "quote per base"}, {"percent", ResultType::number, "of the close, in percent", ResultPresence::may_be_null}, kClose};
ToolResult run_atr(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kAtrArgs, arguments.object);
  auto run = run_indicator<Atr>(context, args, arguments.series, {.period = args.small_integer("period")}, {args.count("period") + 1, Depends::recursion});
  if (!run) return std::unexpected(run.error());
  ValueObject result{{"value", run->now}, {"percent", number_or_null(100.0 * run->now / run->close())}, {"close", run->close()}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kBollingerArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(20, "period", 2),
                                      number_arg("std_dev", "population standard deviations on each side", 0.1, 20, 2)};
constexpr ResultField kBollingerResults[] = {
    kUpper,
    kMiddle,
    kLower,
    kClose,
    kPosition,
    {"percent_b", ResultType::number, "0 at the lower band, 1 at the upper; null when they coincide", ResultPresence::may_be_null},
    {"width", ResultType::number, "(upper - lower) / middle", ResultPresence::may_be_null}};
ToolResult run_bollinger(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kBollingerArgs, arguments.object);
  auto run = run_indicator<Bollinger>(context, args, arguments.series, {.period = args.small_integer("period"), .deviations = args.number("std_dev")},
                                      {args.count("period"), Depends::window});
  if (!run) return std::unexpected(run.error());
  const BandsValue& bands = run->now;
  ValueObject result{{"upper", bands.upper},
                     {"middle", bands.middle},
                     {"lower", bands.lower},
                     {"close", run->close()},
                     {"position", place(bands, run->close())},
                     {"percent_b", number_or_null(percent_b(bands, run->close()))},
                     {"width", number_or_null(band_width(bands))}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kKeltnerArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(20), number_arg("multiplier", "average true ranges on each side", 0.1, 20, 2),
                                    period_arg(10, "atr_period")};
constexpr ResultField kKeltnerResults[] = {kUpper, kMiddle, kLower, kClose, kPosition};
ToolResult run_keltner(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kKeltnerArgs, arguments.object);
  const Keltner::Params params{args.small_integer("period"), args.number("multiplier"), args.small_integer("atr_period")};
  auto run =
      run_indicator<Keltner>(context, args, arguments.series, params, {std::max(args.count("period"), args.count("atr_period") + 1), Depends::recursion});
  if (!run) return std::unexpected(run.error());
  const BandsValue& bands = run->now;
  ValueObject result{
      {"upper", bands.upper}, {"middle", bands.middle}, {"lower", bands.lower}, {"close", run->close()}, {"position", place(bands, run->close())}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ToolSpec kTools[] = {
    {.name = "atr",
     .category = ToolCategory::volatility,
     .description = "Average true range (Wilder), in quote per base and in percent of the close.",
     .arguments = kAtrArgs,
     .results = kAtrResults,
     .run = run_atr},
    {.name = "bollinger",
     .category = ToolCategory::volatility,
     .description = "Bollinger bands of the close.",
     .arguments = kBollingerArgs,
     .results = kBollingerResults,
     .run = run_bollinger},
    {.name = "keltner",
     .category = ToolCategory::volatility,
     .description = "Keltner channel: EMA of the close and average true ranges round it.",
     .arguments = kKeltnerArgs,
     .results = kKeltnerResults,
     .run = run_keltner},
};

}  // namespace

std::span<const ToolSpec> volatility_tools() { return kTools; }

}  // namespace prom
