// Order flow from bars with taker volume: imbalance, cumulative delta, absorption. What needs single trades or depth answers from a recording (tape_tools.h). Pure; any thread.
#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/orderflow/volume_delta.h"
#include "tools/indicator_tool.h"
#include "tools/tape_tools.h"

namespace prom {

namespace {

/// Closed bars that carry the taker side, else the reason.
std::expected<BarWindow, ToolError> taker_bars(const ToolContext& context, const MarketPick& pick, std::size_t count, std::size_t needed) {
  auto bars = closed_bars(context, pick, count, needed);
  if (!bars) return bars;
  if (bars->taker_buy_volume.empty()) return std::unexpected(no_taker_volume(context, *pick.instrument));
  return bars;
}

constexpr ArgSpec kImbalanceArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars", 1, 5000, 20)};
constexpr ResultField kImbalanceResults[] = {
    {"imbalance", ResultType::number, "(buys - sells) / (buys + sells) of takers, -1..1; null without volume", ResultPresence::may_be_null},
    {"buy_volume", ResultType::number, "taker buys, base units"},
    {"sell_volume", ResultType::number, "taker sells, base units"},
    {"side", ResultType::text, "buyers from 0.1, sellers to -0.1, else balanced"},
    {"since", ResultType::time, "opening time of the first bar"}};
ToolResult run_get_trade_imbalance(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kImbalanceArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto bars = taker_bars(context, *pick, args.count("bars"), 1);
  if (!bars) return std::unexpected(bars.error());
  double buys = 0, sells = 0;
  for (std::size_t i = 0; i < bars->size(); ++i) {
    buys += bars->taker_buy_volume[i];
    sells += bars->volume[i] - bars->taker_buy_volume[i];
  }
  const double imbalance = buys + sells > 0 ? (buys - sells) / (buys + sells) : 0;
  ToolOutput out;
  out.result = Value(ValueObject{{"imbalance", buys + sells > 0 ? Value(imbalance) : Value()},
                                 {"buy_volume", buys},
                                 {"sell_volume", sells},
                                 {"side", imbalance >= 0.1    ? "buyers"
                                          : imbalance <= -0.1 ? "sellers"
                                                              : "balanced"},
                                 {"since", TimeNs{bars->open_time_ns.front()}}});
  out.sources.push_back(source_of(context, *pick, *bars));
  return out;
}

constexpr ArgSpec kCvdArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars; ignored for a series", 12, 5000, 200)};
constexpr ResultField kCvdResults[] = {
    {"value", ResultType::number, "taker buys less taker sells since the first bar of the stretch, base units"},
    {"previous", ResultType::number, "the value one bar earlier", ResultPresence::may_be_null},
    {"share", ResultType::number, "value over the stretch's volume, -1..1; null without volume", ResultPresence::may_be_null},
    {"divergence", ResultType::text, "bullish or bearish of the newest one between confirmed swings, else none"},
    {"divergence_bars_ago", ResultType::integer, "bars since that one was known", ResultPresence::may_be_null},
    {"since", ResultType::time, "opening time of the first bar"}};
ToolResult run_get_cvd(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kCvdArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  if (const auto bars = taker_bars(context, *pick, 1, 1); !bars) return std::unexpected(bars.error());
  auto run = run_indicator<orderflow::Cvd>(context, args, arguments.series, {}, {1, Depends::stretch, args.count("bars")});
  if (!run) return std::unexpected(run.error());
  const auto found = orderflow::cvd_divergences(ohlcv_of(run->bars));
  if (!found) return std::unexpected(parameter_error(found.error()));
  double traded = 0;
  for (const double volume : run->bars.volume) traded += volume;
  std::string_view divergence = "none";
  Value ago;
  if (!found->empty()) {
    divergence = found->back().kind == orderflow::DivergenceKind::bullish ? "bullish" : "bearish";
    ago = Value(static_cast<std::int64_t>(run->bars.size() - 1 - found->back().second.confirmed_index));
  }
  ValueObject result{{"value", run->now},        {"previous", number_or_null(run->before)}, {"share", traded > 0 ? number_or_null(run->now / traded) : Value()},
                     {"divergence", divergence}, {"divergence_bars_ago", std::move(ago)},   {"since", TimeNs{run->bars.open_time_ns.front()}}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kAbsorptionArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "stretch in bars", 25, 5000, 200),
                                       integer_arg("limit", "longest list to give, newest first", 1, 50, 10),
                                       number_arg("volume_multiple", "volume against the mean of the 20 bars before", 1, 100, 2)};
constexpr ResultField kAbsorptionResults[] = {
    {"zones", ResultType::list, "newest first: absorber (buyers = support, sellers = resistance), top, bottom (quote per base), delta, relative_volume, time"},
    {"support", ResultType::integer, "zones absorbed by buyers in the stretch"},
    {"resistance", ResultType::integer, "zones absorbed by sellers"},
    {"close", ResultType::number, "close of the newest bar, quote per base"}};
ToolResult run_get_absorption_zones(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kAbsorptionArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto bars = taker_bars(context, *pick, args.count("bars"), 22);
  if (!bars) return std::unexpected(bars.error());
  orderflow::AbsorptionParams params;
  params.volume_multiple = args.number("volume_multiple");
  const auto zones = orderflow::absorption_zones(ohlcv_of(*bars), params);
  if (!zones) return std::unexpected(parameter_error(zones.error()));
  ValueList list;
  std::int64_t support = 0;
  for (auto zone = zones->rbegin(); zone != zones->rend(); ++zone) {
    const bool buyers = zone->absorber == orderflow::Absorber::buyers;
    support += buyers ? 1 : 0;
    if (list.size() >= args.count("limit")) continue;
    list.emplace_back(ValueObject{{"absorber", buyers ? "buyers" : "sellers"},
                                  {"top", zone->top},
                                  {"bottom", zone->bottom},
                                  {"delta", zone->delta},
                                  {"relative_volume", zone->relative_volume},
                                  {"time", TimeNs{bars->open_time_ns[zone->index]}}});
  }
  ToolOutput out;
  out.result = Value(ValueObject{
      {"zones", std::move(list)}, {"support", support}, {"resistance", static_cast<std::int64_t>(zones->size()) - support}, {"close", bars->close.back()}});
  out.sources.push_back(source_of(context, *pick, *bars));
  return out;
}

constexpr ToolCategory kFlow = ToolCategory::order_flow;
constexpr ToolSpec kTools[] = {
    {.name = "get_trade_imbalance",
     .category = kFlow,
     .description = "Takers' buys against sells over recent bars, -1 to 1.",
     .arguments = kImbalanceArgs,
     .results = kImbalanceResults,
     .run = run_get_trade_imbalance},
    {.name = "get_cvd",
     .category = kFlow,
     .description = "Cumulative volume delta of takers, base units, and its divergence from price.",
     .arguments = kCvdArgs,
     .results = kCvdResults,
     .run = run_get_cvd},
    {.name = "get_whale_trades",
     .category = kFlow,
     .description = "Single large trades.",
     .arguments = kWhaleArgs,
     .results = kWhaleResults,
     .feed = kTradesNeed,
     .run = run_get_whale_trades},
    {.name = "get_tick_speed",
     .category = kFlow,
     .description = "Trades a second.",
     .arguments = kSpeedArgs,
     .results = kSpeedResults,
     .feed = kTradesNeed,
     .run = run_get_tick_speed},
    {.name = "get_orderbook_imbalance",
     .category = kFlow,
     .description = "Bids against offers by depth.",
     .arguments = kDepthArgs,
     .results = kBookImbalanceResults,
     .feed = kBookNeed,
     .run = run_get_orderbook_imbalance},
    {.name = "detect_iceberg",
     .category = kFlow,
     .description = "Hidden size that refills at a price.",
     .arguments = kPatternArgs,
     .results = kIcebergResults,
     .feed = kBookNeed,
     .run = run_detect_iceberg},
    {.name = "detect_spoofing",
     .category = kFlow,
     .description = "Large orders that vanish before they trade.",
     .arguments = kPatternArgs,
     .results = kSpoofResults,
     .feed = kBookNeed,
     .run = run_detect_spoofing},
    {.name = "get_absorption_zones",
     .category = kFlow,
     .description = "Bars in which takers spent much and price held.",
     .arguments = kAbsorptionArgs,
     .results = kAbsorptionResults,
     .run = run_get_absorption_zones},
};

}  // namespace

std::span<const ToolSpec> order_flow_tools() { return kTools; }

}  // namespace prom
