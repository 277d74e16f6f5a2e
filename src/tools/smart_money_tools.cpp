// Fair value gaps, order blocks, liquidity, stop hunts, structure, imbalances and swings as tools. All causal: `known_at` says when a thing could be
// known. Pure; any thread.
#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/smc/fair_value_gaps.h"
#include "analysis/smc/imbalances.h"
#include "analysis/smc/liquidity.h"
#include "analysis/smc/market_structure.h"
#include "analysis/smc/order_blocks.h"
#include "analysis/smc/premium_discount.h"
#include "analysis/smc/swing_points.h"
#include "base/assert.h"
#include "domain/enum_text.h"
#include "tools/market_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

using namespace smc;

constexpr ArgSpec kBarsArg = integer_arg("bars", "how many closed bars to look at", 12, 5000, 500);
constexpr ArgSpec kLimitArg = integer_arg("limit", "longest list to give, newest first", 1, 50, 10);
constexpr ArgSpec kLeftArg = integer_arg("left", "bars before a swing, none of which goes beyond it", 1, 200, 5);
constexpr ArgSpec kRightArg = integer_arg("right", "bars after a swing that confirm it: none goes beyond it", 1, 200, 5);
constexpr ResultField kClose{"close", ResultType::number, "close of the newest bar, quote per base"};

/// The bars of a call, with the words that every detector shares.
struct Scene {
  MarketPick pick;
  BarWindow bars;
  std::size_t limit = 0;

  OhlcvView view() const { return ohlcv_of(bars); }
  double close() const { return bars.close.back(); }
  Value opened(std::size_t i) const { return TimeNs{bars.open_time_ns[i]}; }
  Value known(std::size_t i) const { return close_time(bars, i); }
};

std::expected<Scene, ToolError> scene_of(const ToolContext& context, const ToolArgs& args, std::size_t needed) {
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto bars = closed_bars(context, *pick, args.count("bars"), needed);
  if (!bars) return std::unexpected(bars.error());
  return Scene{*pick, *bars, args.count("limit")};
}

ToolOutput output_of(const ToolContext& context, const Scene& scene, ValueObject result) {
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back(source_of(context, scene.pick, scene.bars));
  return out;
}

/// The newest `limit` of the items that `wanted` keeps, newest first.
template <class Item, class Wanted, class Describe>
ValueList newest(const std::vector<Item>& items, std::size_t limit, Wanted wanted, Describe describe) {
  ValueList out;
  for (auto item = items.rbegin(); item != items.rend() && out.size() < limit; ++item) {
    if (wanted(*item)) out.emplace_back(describe(*item));
  }
  return out;
}

std::string_view text_of(Direction direction) { return direction == Direction::bullish ? "bullish" : "bearish"; }
std::string_view text_of(SwingKind kind) { return kind == SwingKind::high ? "high" : "low"; }
/// The enumerators are named as the results state them.
template <class E>
  requires std::is_enum_v<E>
std::string_view text_of(E value) {
  return enum_text(value);
}
Value text_of(const std::optional<SwingLabel>& label) {
  if (!label) return {};
  switch (*label) {
    case SwingLabel::higher_high: return "higher_high";
    case SwingLabel::lower_high: return "lower_high";
    case SwingLabel::higher_low: return "higher_low";
    case SwingLabel::lower_low: return "lower_low";
  }
  PROM_UNREACHABLE();
}

template <class Item, class Predicate>
std::int64_t count_of(const std::vector<Item>& items, Predicate predicate) {
  return static_cast<std::int64_t>(std::ranges::count_if(items, predicate));
}

constexpr ArgSpec kFvgArgs[] = {kInstrumentArg, kTimeframeArg, kBarsArg, kLimitArg, number_arg("min_size", "smallest gap, as a fraction of price", 0, 1, 0)};
constexpr ResultField kFvgResults[] = {
    {"gaps", ResultType::list, "not yet mitigated, newest first: direction, top, bottom (quote per base), state, filled (0..1), time, known_at"},
    {"bullish", ResultType::integer, "unmitigated bullish gaps in the stretch"},
    {"bearish", ResultType::integer, "unmitigated bearish gaps"},
    kClose,
    {"nearest_below", ResultType::number, "highest top of a bullish gap at or below the close", ResultPresence::may_be_null},
    {"nearest_above", ResultType::number, "lowest bottom of a bearish gap at or above the close", ResultPresence::may_be_null}};
ToolResult run_detect_fvg(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kFvgArgs, arguments.object);
  const auto scene = scene_of(context, args, 3);
  if (!scene) return std::unexpected(scene.error());
  const auto gaps = fair_value_gaps(scene->view(), {args.number("min_size")});
  if (!gaps) return std::unexpected(parameter_error(gaps.error()));
  const auto standing = [](const FairValueGap& gap) { return gap.state() != GapState::mitigated; };
  std::optional<double> below, above;
  for (const FairValueGap& gap : *gaps) {
    if (!standing(gap)) continue;
    if (gap.direction == Direction::bullish && gap.top <= scene->close()) below = std::max(below.value_or(gap.top), gap.top);
    if (gap.direction == Direction::bearish && gap.bottom >= scene->close()) above = std::min(above.value_or(gap.bottom), gap.bottom);
  }
  ValueList list = newest(*gaps, scene->limit, standing, [&](const FairValueGap& gap) {
    return ValueObject{{"direction", text_of(gap.direction)},
                       {"top", gap.top},
                       {"bottom", gap.bottom},
                       {"state", text_of(gap.state())},
                       {"filled", gap.filled},
                       {"time", scene->opened(gap.index)},
                       {"known_at", scene->known(gap.confirmed_index)}};
  });
  const auto count = [&](Direction side) { return count_of(*gaps, [&](const FairValueGap& g) { return standing(g) && g.direction == side; }); };
  return output_of(context, *scene,
                   {{"gaps", std::move(list)},
                    {"bullish", count(Direction::bullish)},
                    {"bearish", count(Direction::bearish)},
                    {"close", scene->close()},
                    {"nearest_below", number_or_null(below)},
                    {"nearest_above", number_or_null(above)}});
}

constexpr ArgSpec kSwingArgs[] = {kInstrumentArg, kTimeframeArg, kBarsArg, kLimitArg, kLeftArg, kRightArg};
SwingParams swing_params(const ToolArgs& args) { return {args.small_integer("left"), args.small_integer("right")}; }
std::size_t swing_bars(const ToolArgs& args) { return args.count("left") + args.count("right") + 1; }

constexpr ResultField kBlockResults[] = {
    {"blocks", ResultType::list, "not yet broken, newest first: direction, top, bottom (quote per base), state, strength (0..1), volume, time, known_at"},
    {"bullish", ResultType::integer, "unbroken bullish blocks (support) in the stretch"},
    {"bearish", ResultType::integer, "unbroken bearish blocks (resistance)"},
    kClose,
    {"inside", ResultType::text, "bullish or bearish when the close stands inside an unbroken block (the newest such), else none"}};
ToolResult run_detect_order_blocks(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSwingArgs, arguments.object);
  const auto scene = scene_of(context, args, swing_bars(args));
  if (!scene) return std::unexpected(scene.error());
  OrderBlockParams params;
  params.structure.swings = swing_params(args);
  const auto blocks = order_blocks(scene->view(), params);
  if (!blocks) return std::unexpected(parameter_error(blocks.error()));
  const auto standing = [](const OrderBlock& block) { return block.state() != BlockState::broken; };
  std::string_view inside = "none";
  for (const OrderBlock& block : *blocks) {
    if (standing(block) && scene->close() >= block.bottom && scene->close() <= block.top) inside = text_of(block.direction);
  }
  ValueList list = newest(*blocks, scene->limit, standing, [&](const OrderBlock& block) {
    return ValueObject{{"direction", text_of(block.direction)},
                       {"top", block.top},
                       {"bottom", block.bottom},
                       {"state", text_of(block.state())},
                       {"strength", block.strength},
                       {"volume", block.volume},
                       {"time", scene->opened(block.index)},
                       {"known_at", scene->known(block.confirmed_index)}};
  });
  const auto count = [&](Direction side) { return count_of(*blocks, [&](const OrderBlock& b) { return standing(b) && b.direction == side; }); };
  return output_of(context, *scene,
                   {{"blocks", std::move(list)},
                    {"bullish", count(Direction::bullish)},
                    {"bearish", count(Direction::bearish)},
                    {"close", scene->close()},
                    {"inside", inside}});
}

std::expected<LiquidityMap, ToolError> liquidity_of(const ToolArgs& args, const Scene& scene) {
  LiquidityParams params;
  params.swings = swing_params(args);
  auto map = liquidity(scene.view(), params);
  if (!map) return std::unexpected(parameter_error(map.error()));
  return std::move(*map);
}

constexpr ResultField kLiquidityResults[] = {
    {"pools", ResultType::list, "standing pools, newest first: side (above or below price), level (quote per base), members, equal, time"},
    {"nearest_above", ResultType::number, "lowest standing pool of highs above the close", ResultPresence::may_be_null},
    {"nearest_below", ResultType::number, "highest standing pool of lows below the close", ResultPresence::may_be_null},
    kClose};
ToolResult run_detect_liquidity_zones(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSwingArgs, arguments.object);
  const auto scene = scene_of(context, args, swing_bars(args));
  if (!scene) return std::unexpected(scene.error());
  const auto map = liquidity_of(args, *scene);
  if (!map) return std::unexpected(map.error());
  std::optional<double> above, below;
  for (const LiquidityPool& pool : map->pools) {
    if (pool.taken_index) continue;
    if (pool.kind == SwingKind::high && pool.level > scene->close()) above = std::min(above.value_or(pool.level), pool.level);
    if (pool.kind == SwingKind::low && pool.level < scene->close()) below = std::max(below.value_or(pool.level), pool.level);
  }
  ValueList list = newest(
      map->pools, scene->limit, [](const LiquidityPool& pool) { return !pool.taken_index; },
      [&](const LiquidityPool& pool) {
        return ValueObject{{"side", pool.kind == SwingKind::high ? "above" : "below"},
                           {"level", pool.level},
                           {"members", static_cast<std::int64_t>(pool.members.size())},
                           {"equal", pool.equal_extremes()},
                           {"time", scene->opened(pool.members.back().index)}};
      });
  return output_of(context, *scene,
                   {{"pools", std::move(list)}, {"nearest_above", number_or_null(above)}, {"nearest_below", number_or_null(below)}, {"close", scene->close()}});
}

constexpr ResultField kHuntResults[] = {
    {"sweeps", ResultType::list, "newest first: side (high or low swept), level, penetration (quote per base), relative_volume, time, known_at"},
    {"bias", ResultType::text, "of the newest sweep: bullish after swept lows, bearish after swept highs, none without one"},
    {"bars_ago", ResultType::integer, "bars since the newest sweep was known", ResultPresence::may_be_null},
    {"level", ResultType::number, "level of the newest sweep, quote per base", ResultPresence::may_be_null},
    kClose};
ToolResult run_detect_stop_hunt(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSwingArgs, arguments.object);
  const auto scene = scene_of(context, args, swing_bars(args));
  if (!scene) return std::unexpected(scene.error());
  const auto map = liquidity_of(args, *scene);
  if (!map) return std::unexpected(map.error());
  ValueList list = newest(
      map->sweeps, scene->limit, [](const Sweep&) { return true; },
      [&](const Sweep& sweep) {
        return ValueObject{{"side", text_of(sweep.kind)},        {"level", sweep.level},
                           {"penetration", sweep.penetration},   {"relative_volume", sweep.relative_volume},
                           {"time", scene->opened(sweep.index)}, {"known_at", scene->known(sweep.confirmed_index)}};
      });
  const Sweep* last = map->sweeps.empty() ? nullptr : &map->sweeps.back();
  const std::string_view bias = last == nullptr ? "none" : last->kind == SwingKind::low ? "bullish" : "bearish";
  return output_of(context, *scene,
                   {{"sweeps", std::move(list)},
                    {"bias", bias},
                    {"bars_ago", last == nullptr ? Value() : Value(static_cast<std::int64_t>(scene->bars.size() - 1 - last->confirmed_index))},
                    {"level", last == nullptr ? Value() : Value(last->level)},
                    {"close", scene->close()}});
}

ValueObject describe(const SwingPoint& point, const Scene& scene) {
  return {{"kind", text_of(point.swing.kind)},
          {"label", text_of(point.label)},
          {"price", point.swing.price},
          {"time", scene.opened(point.swing.index)},
          {"known_at", scene.known(point.swing.confirmed_index)}};
}
Value last_price_of(const std::vector<SwingPoint>& swings, SwingKind kind) {
  for (auto point = swings.rbegin(); point != swings.rend(); ++point) {
    if (point->swing.kind == kind) return point->swing.price;
  }
  return {};
}

constexpr ResultField kStructureResults[] = {
    {"trend", ResultType::text, "bullish or bearish after the last break, none before the first"},
    {"breaks", ResultType::list, "newest first: kind (bos or choch), direction, level (quote per base), time (close of the bar that broke it)"},
    {"last_break", ResultType::text, "bos or choch, none before the first"},
    {"last_break_bars_ago", ResultType::integer, "bars since the newest break", ResultPresence::may_be_null},
    {"last_high", ResultType::number, "newest confirmed swing high, quote per base", ResultPresence::may_be_null},
    {"last_low", ResultType::number, "newest confirmed swing low, quote per base", ResultPresence::may_be_null},
    kClose,
    {"range_position", ResultType::number, "of the close between last low (0) and last high (1)", ResultPresence::may_be_null},
    {"zone", ResultType::text, "premium, equilibrium, discount, above_range or below_range", ResultPresence::may_be_null}};
ToolResult run_get_market_structure(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSwingArgs, arguments.object);
  const auto scene = scene_of(context, args, swing_bars(args));
  if (!scene) return std::unexpected(scene.error());
  MarketStructureParams params;
  params.swings = swing_params(args);
  const OhlcvView view = scene->view();
  const auto structure = market_structure(view, params);
  if (!structure) return std::unexpected(parameter_error(structure.error()));
  auto range = PremiumDiscount::make(params.swings);
  if (!range) return std::unexpected(parameter_error(range.error()));
  for (std::size_t i = 0; i < view.size(); ++i) range->update(bar_at(view, i));
  const auto place = range->value();
  const bool placed = place && std::isfinite(place->position);
  const auto kind = [](const StructureBreak& b) -> std::string_view { return b.kind == BreakKind::break_of_structure ? "bos" : "choch"; };
  ValueList list = newest(
      structure->breaks, scene->limit, [](const StructureBreak&) { return true; },
      [&](const StructureBreak& b) {
        return ValueObject{{"kind", kind(b)}, {"direction", text_of(b.direction)}, {"level", b.swing.price}, {"time", scene->known(b.index)}};
      });
  const StructureBreak* last = structure->breaks.empty() ? nullptr : &structure->breaks.back();
  return output_of(context, *scene,
                   {{"trend", structure->trend ? text_of(*structure->trend) : "none"},
                    {"breaks", std::move(list)},
                    {"last_break", last == nullptr ? "none" : kind(*last)},
                    {"last_break_bars_ago", last == nullptr ? Value() : Value(static_cast<std::int64_t>(view.size() - 1 - last->index))},
                    {"last_high", last_price_of(structure->swings, SwingKind::high)},
                    {"last_low", last_price_of(structure->swings, SwingKind::low)},
                    {"close", scene->close()},
                    {"range_position", placed ? Value(place->position) : Value()},
                    {"zone", placed ? Value(text_of(zone_of(*place))) : Value()}});
}

constexpr ArgSpec kImbalanceArgs[] = {kInstrumentArg, kTimeframeArg, kBarsArg, kLimitArg};
constexpr ResultField kImbalanceResults[] = {
    {"imbalances", ResultType::list, "not yet filled, newest first: kind, direction, top, bottom (quote per base), known_at"},
    {"bullish", ResultType::integer, "unfilled after rises in the stretch"},
    {"bearish", ResultType::integer, "unfilled after falls"},
    kClose};
ToolResult run_detect_imbalances(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kImbalanceArgs, arguments.object);
  const auto scene = scene_of(context, args, 3);
  if (!scene) return std::unexpected(scene.error());
  const auto found = imbalances(scene->view());
  const auto standing = [](const Imbalance& gap) { return !gap.filled_index; };
  ValueList list = newest(found, scene->limit, standing, [&](const Imbalance& gap) {
    return ValueObject{{"kind", text_of(gap.kind)},
                       {"direction", text_of(gap.direction)},
                       {"top", gap.top},
                       {"bottom", gap.bottom},
                       {"known_at", scene->known(gap.confirmed_index)}};
  });
  const auto count = [&](Direction side) { return count_of(found, [&](const Imbalance& g) { return standing(g) && g.direction == side; }); };
  return output_of(
      context, *scene,
      {{"imbalances", std::move(list)}, {"bullish", count(Direction::bullish)}, {"bearish", count(Direction::bearish)}, {"close", scene->close()}});
}

constexpr ResultField kSwingResults[] = {{"swings", ResultType::list,
                                          "newest first: kind, label (higher_high, lower_high, higher_low, lower_low; null for the first of its kind), price "
                                          "(quote per base), time (opening of its bar), known_at"},
                                         {"last_high", ResultType::number, "newest confirmed swing high, quote per base", ResultPresence::may_be_null},
                                         {"last_low", ResultType::number, "newest confirmed swing low, quote per base", ResultPresence::may_be_null},
                                         kClose};
ToolResult run_get_swing_points(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSwingArgs, arguments.object);
  const auto scene = scene_of(context, args, swing_bars(args));
  if (!scene) return std::unexpected(scene.error());
  const auto swings = swing_points(scene->view(), swing_params(args));
  if (!swings) return std::unexpected(parameter_error(swings.error()));
  ValueList list = newest(*swings, scene->limit, [](const SwingPoint&) { return true; }, [&](const SwingPoint& point) { return describe(point, *scene); });
  return output_of(context, *scene,
                   {{"swings", std::move(list)},
                    {"last_high", last_price_of(*swings, SwingKind::high)},
                    {"last_low", last_price_of(*swings, SwingKind::low)},
                    {"close", scene->close()}});
}

constexpr ToolCategory kSmart = ToolCategory::smart_money;
constexpr ToolSpec kTools[] = {
    {.name = "detect_fvg",
     .category = kSmart,
     .description = "Fair value gaps that price has not yet crossed, quote per base.",
     .arguments = kFvgArgs,
     .results = kFvgResults,
     .run = run_detect_fvg},
    {.name = "detect_order_blocks",
     .category = kSmart,
     .description = "Order blocks that still hold, with their strength.",
     .arguments = kSwingArgs,
     .results = kBlockResults,
     .run = run_detect_order_blocks},
    {.name = "detect_liquidity_zones",
     .category = kSmart,
     .description = "Pools of stops beyond swing highs and lows that still stand.",
     .arguments = kSwingArgs,
     .results = kLiquidityResults,
     .run = run_detect_liquidity_zones},
    {.name = "detect_stop_hunt",
     .category = kSmart,
     .description = "Sweeps: pools that were taken and given back at once.",
     .arguments = kSwingArgs,
     .results = kHuntResults,
     .run = run_detect_stop_hunt},
    {.name = "get_market_structure",
     .category = kSmart,
     .description = "Trend by breaks of structure (BOS, CHoCH), and premium or discount.",
     .arguments = kSwingArgs,
     .results = kStructureResults,
     .run = run_get_market_structure},
    {.name = "detect_imbalances",
     .category = kSmart,
     .description = "Price imbalances of every kind that were not yet filled.",
     .arguments = kImbalanceArgs,
     .results = kImbalanceResults,
     .run = run_detect_imbalances},
    {.name = "get_swing_points",
     .category = kSmart,
     .description = "Confirmed swing highs and lows with their place in the structure.",
     .arguments = kSwingArgs,
     .results = kSwingResults,
     .run = run_get_swing_points},
};

}  // namespace

std::span<const ToolSpec> smart_money_tools() { return kTools; }

}  // namespace prom
