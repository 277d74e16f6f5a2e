// vwap, obv, volume_profile, delta_volume: the volume indicators as tools. Pure; any thread.
#include "analysis/indicators/volume.h"

#include "analysis/indicators/volume_profile.h"
#include "tools/indicator_tool.h"

namespace prom {

namespace {

using namespace indicators;

constexpr ResultField kClose{"close", ResultType::number, "close of the newest bar, quote per base"};

std::size_t bars_since(TimeNs from, TimeNs to, DurationNs interval) { return from >= to ? 1 : static_cast<std::size_t>((to.ns - from.ns) / interval.ns) + 2; }

constexpr ArgSpec kVwapArgs[] = {
    kInstrumentArg,
    kTimeframeArg,
    {.name = "anchor_time", .type = ArgType::time, .description = "RFC 3339 time from which to average; default: the start of the newest bar's UTC day"}};
constexpr ResultField kVwapResults[] = {{"value", ResultType::number, "volume-weighted average of the typical price since the anchor, quote per base"},
                                        kClose,
                                        {"distance_percent", ResultType::number, "of the close from the value, in percent", ResultPresence::may_be_null},
                                        {"anchor", ResultType::time, "where the average begins"}};
ToolResult run_vwap(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kVwapArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto anchor = args.time("anchor_time");
  const TimeNs now = context.as_of.time;
  if (anchor && *anchor >= now) return std::unexpected(bad_argument("`anchor_time` must be before the instant of the call"));
  Vwap::Params params;
  std::size_t bars = static_cast<std::size_t>(kDay.ns / pick->timeframe.ns) + 2;
  if (anchor) {
    params = {VwapAnchor::anchored, anchor->ns};
    bars = bars_since(*anchor, now, pick->timeframe);
  }
  auto run = run_indicator<Vwap>(context, args, arguments.series, params, {1, Depends::stretch, bars});
  if (!run && run.error().code == ToolErrorCode::not_enough_data) {
    // With bars at hand it is volume that is wanting, or a bar that opens after the anchor.
    const auto newest = closed_bars(context, *pick, 1);
    if (!newest) return std::unexpected(newest.error());
    const bool before = anchor && newest->open_time_ns.back() < anchor->ns;
    return std::unexpected(
        ToolError{ToolErrorCode::not_enough_data,
                  before ? "no bar that opened since `anchor_time` is closed" : "nothing was traded since the anchor: there is no volume to weigh prices by",
                  "ask for an earlier anchor"});
  }
  if (!run) return std::unexpected(run.error());
  const TimeNs asked = anchor ? *anchor : floor_to(TimeNs{run->bars.open_time_ns.back()}, kDay);
  const TimeNs begin{*std::ranges::lower_bound(run->bars.open_time_ns, asked.ns)};  // there is one: it has a value
  ValueObject result{{"value", run->now}, {"close", run->close()}, {"distance_percent", percent_from(run->close(), run->now)}, {"anchor", begin}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kObvArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars; ignored for a series", 2, 10'000, 500)};
constexpr ResultField kObvResults[] = {
    {"value", ResultType::number, "base units; 0 at the first bar of the stretch, so it is the net flow since then"},
    {"previous", ResultType::number, "the value one bar earlier", ResultPresence::may_be_null},
    {"share", ResultType::number, "value over all volume of the stretch, -1..1; null without volume", ResultPresence::may_be_null},
    {"since", ResultType::time, "opening time of the first bar"}};
ToolResult run_obv(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kObvArgs, arguments.object);
  auto run = run_indicator<Obv>(context, args, arguments.series, {}, {1, Depends::stretch, args.count("bars")});
  if (!run) return std::unexpected(run.error());
  double traded = 0;
  for (std::size_t i = 1; i < run->bars.size(); ++i) traded += run->bars.volume[i];
  ValueObject result{{"value", run->now},
                     {"previous", number_or_null(run->before)},
                     {"share", traded > 0 ? number_or_null(run->now / traded) : Value()},
                     {"since", TimeNs{run->bars.open_time_ns.front()}}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kProfileArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars", 2, 5000, 200),
                                    integer_arg("bins", "price bins of equal width", 1, 200, 50),
                                    number_arg("value_area", "share of volume inside the value area", 0.05, 1, 0.7)};
constexpr ResultField kProfileResults[] = {{"point_of_control", ResultType::number, "middle of the fullest bin, quote per base"},
                                           {"value_area_high", ResultType::number, "upper edge of the value area"},
                                           {"value_area_low", ResultType::number, "lower edge of the value area"},
                                           kClose,
                                           {"position", ResultType::text, "where the close stands: above, inside or below the value area"},
                                           {"total", ResultType::number, "volume of the stretch, base units"},
                                           {"bottom", ResultType::number, "lower edge of the first bin"},
                                           {"bin_width", ResultType::number, "quote per base; 0 if price never moved"},
                                           {"volumes", ResultType::list, "volume of each bin from the bottom up, base units"},
                                           {"count", ResultType::integer, "bars of the stretch: fewer than asked for where no more are there"},
                                           {"since", ResultType::time, "opening time of the first of them"}};

std::expected<std::vector<ToolSeries>, ToolError> rolling_profile(const BarWindow& all, std::size_t bars, const VolumeProfileParams& params) {
  std::vector<ToolSeries> out{{"point_of_control", {}}, {"value_area_high", {}}, {"value_area_low", {}}};
  const OhlcvView view = ohlcv_of(all);
  for (ToolSeries& series : out) series.values.assign(view.size(), kMissing);
  for (std::size_t i = bars - 1; i < view.size(); ++i) {
    const auto profile = volume_profile(view.slice(i + 1 - bars, bars), params);
    if (!profile && profile.error().parameter != "volume") return std::unexpected(parameter_error(profile.error()));
    if (!profile) continue;
    out[0].values[i] = profile->point_of_control;
    out[1].values[i] = profile->value_area_high;
    out[2].values[i] = profile->value_area_low;
  }
  return out;
}

ToolResult run_volume_profile(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kProfileArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const std::size_t wanted = args.count("bars");
  const auto bars = closed_bars(context, *pick, wanted);
  if (!bars) return std::unexpected(bars.error());
  const VolumeProfileParams params{args.small_integer("bins"), args.number("value_area")};
  const auto profile = volume_profile(ohlcv_of(*bars), params);
  if (!profile && profile.error().parameter == "volume")
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data, "nothing was traded in these bars: there is no volume to profile", "ask for more bars"});
  if (!profile) return std::unexpected(parameter_error(profile.error()));
  ToolOutput out;
  if (arguments.series == SeriesWanted::yes) {
    const auto all = closed_bars(context, *pick, kEveryBar);
    if (!all) return std::unexpected(all.error());
    auto series = rolling_profile(*all, wanted, params);
    if (!series) return std::unexpected(series.error());
    out.series = std::move(*series);
  }
  ValueList volumes;
  volumes.reserve(profile->volumes.size());
  for (const double volume : profile->volumes) volumes.emplace_back(volume);
  const double close = bars->close.back();
  const std::string_view position = close > profile->value_area_high ? "above" : close < profile->value_area_low ? "below" : "inside";
  out.result = Value(ValueObject{{"point_of_control", profile->point_of_control},
                                 {"value_area_high", profile->value_area_high},
                                 {"value_area_low", profile->value_area_low},
                                 {"close", close},
                                 {"position", position},
                                 {"total", profile->total},
                                 {"bottom", profile->bottom},
                                 {"bin_width", profile->bin_width},
                                 {"volumes", std::move(volumes)},
                                 {"count", static_cast<std::int64_t>(bars->size())},
                                 {"since", TimeNs{bars->open_time_ns.front()}}});
  out.sources.push_back(source_of(context, *pick, *bars));
  return out;
}

constexpr ArgSpec kDeltaArgs[] = {kInstrumentArg, kTimeframeArg};
constexpr ResultField kDeltaResults[] = {{"value", ResultType::number, "taker buys less taker sells of the newest bar, base units"},
                                         {"previous", ResultType::number, "the value one bar earlier", ResultPresence::may_be_null},
                                         {"ratio", ResultType::number, "value over the bar's volume, -1..1; null without volume", ResultPresence::may_be_null}};
ToolResult run_delta_volume(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kDeltaArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto newest = closed_bars(context, *pick, 1);
  if (!newest) return std::unexpected(newest.error());
  if (newest->taker_buy_volume.empty()) return std::unexpected(no_taker_volume(context, *pick->instrument));
  auto run = run_indicator<DeltaVolume>(context, args, arguments.series, {}, {1, Depends::window});
  if (!run) return std::unexpected(run.error());
  const double volume = run->bars.volume.back();
  ValueObject result{{"value", run->now}, {"previous", number_or_null(run->before)}, {"ratio", volume > 0 ? number_or_null(run->now / volume) : Value()}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ToolCategory kVolume = ToolCategory::volume;
constexpr ToolSpec kTools[] = {
    {.name = "vwap",
     .category = kVolume,
     .description = "Volume-weighted average price since the start of the UTC day, or since an anchor.",
     .arguments = kVwapArgs,
     .results = kVwapResults,
     .run = run_vwap},
    {.name = "obv",
     .category = kVolume,
     .description = "On-balance volume (Granville) over a stretch of bars, base units.",
     .arguments = kObvArgs,
     .results = kObvResults,
     .run = run_obv},
    {.name = "volume_profile",
     .category = kVolume,
     .description = "Volume by price over a stretch of bars: point of control and value area.",
     .arguments = kProfileArgs,
     .results = kProfileResults,
     .run = run_volume_profile},
    {.name = "delta_volume",
     .category = kVolume,
     .description = "Taker buys less taker sells of the newest bar, base units.",
     .arguments = kDeltaArgs,
     .results = kDeltaResults,
     .run = run_delta_volume},
};

}  // namespace

std::span<const ToolSpec> volume_tools() { return kTools; }

}  // namespace prom
