// One indicator of `tools call indicator`: an operator, its argument table and how arguments become parameters. Pure; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tools/indicator_call.h"
#include "tools/indicator_tool.h"

namespace prom {

/// Columns of an operator as result members.
template <class Op>
consteval auto columns_as_results() {
  using Row = typename Op::Value;
  if constexpr (std::is_same_v<Row, double>) {
    return std::array{ResultField{"value", ResultType::number, "", ResultPresence::may_be_null}};
  } else {
    std::array<ResultField, Row::kNames.size()> out{};
    for (std::size_t c = 0; c < out.size(); ++c) out[c] = {Row::kNames[c], ResultType::number, "", ResultPresence::may_be_null};
    return out;
  }
}
template <class Op>
inline constexpr auto kColumnResults = columns_as_results<Op>();

/// Bars until an operator gives its first value, tried on made-up ones; nothing where that takes more than the probe has, or hangs on an instant.
template <class Op>
std::optional<std::size_t> bars_needed(const typename Op::Params& params, DurationNs timeframe) {
  constexpr std::size_t kMostProbed = 25'000;
  auto op = Op::make(params);
  if (!op) return std::nullopt;
  for (std::size_t i = 0; i < kMostProbed; ++i) {
    const double open = 100 + static_cast<double>(i * 7 % 13), close = 100 + static_cast<double>((i + 1) * 7 % 13);
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
      const std::int64_t time = static_cast<std::int64_t>(i) * timeframe.ns;
      op->update(OhlcvBar{time, open, std::max(open, close) + 1, std::min(open, close) - 1, close, 5, 2});
    } else {
      op->update(close);
    }
    if (const auto value = op->value(); value && is_complete(*value, Complete::first_column)) return i + 1;
  }
  return std::nullopt;
}

/// Why an operator has no value: too few bars for its parameters, bars without trades, or something of the market itself.
template <class Op>
ToolError no_value(const ToolContext& context, const MarketPick& pick, const typename Op::Params& params, ToolError error) {
  const BarWindow bars = context.market->bars(pick.instrument->ix, pick.timeframe, kEveryBar, context.as_of.time);
  const auto needed = bars_needed<Op>(params, pick.timeframe);
  if (needed && bars.size() < *needed) return not_enough_bars(*needed, bars.size());
  if (bars.size() > 0 && std::ranges::all_of(bars.volume, [](double volume) { return volume == 0; }))
    return {ToolErrorCode::not_enough_data, "nothing was traded in the bars at hand: there is no volume to go by", ""};
  return error;
}

/// `kParams`: Op::Params from (const ToolArgs&, DurationNs timeframe). All closed bars are read, so that recursions give what the series gives.
template <class Op, const auto& kArgs, auto kParams>
ToolResult run_entry(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const History every_bar{1, Depends::stretch, kEveryBar};
  const typename Op::Params params = kParams(args, pick->timeframe);
  auto run = run_indicator<Op>(context, args, arguments.series, params, every_bar, Complete::first_column);
  if (!run && run.error().code == ToolErrorCode::not_enough_data) return std::unexpected(no_value<Op>(context, *pick, params, std::move(run).error()));
  if (!run) return std::unexpected(run.error());
  ValueObject result;
  if constexpr (std::is_same_v<typename Op::Value, double>) {
    result.emplace_back("value", run->now);
  } else {
    const auto columns = run->now.columns();
    for (std::size_t c = 0; c < columns.size(); ++c) result.emplace_back(std::string(Op::Value::kNames[c]), number_or_null(columns[c]));
  }
  return output_of(context, std::move(*run), std::move(result));
}

template <class Op, const auto& kArgs, auto kParams>
constexpr ToolSpec indicator_entry(std::string_view name, ToolCategory category, std::string_view description) {
  return {
      .name = name, .category = category, .description = description, .arguments = kArgs, .results = kColumnResults<Op>, .run = run_entry<Op, kArgs, kParams>};
}

/// For operators with one parameter, `period`.
template <class Op, const auto& kArgs>
constexpr ToolSpec period_entry(std::string_view name, ToolCategory category, std::string_view description) {
  constexpr auto kParams = [](const ToolArgs& args, DurationNs) { return typename Op::Params{.period = args.small_integer("period")}; };
  return indicator_entry<Op, kArgs, kParams>(name, category, description);
}

inline constexpr ArgSpec kNoIndicatorArgs[] = {kInstrumentArg, kTimeframeArg};
template <class Op>
constexpr ToolSpec plain_entry(std::string_view name, ToolCategory category, std::string_view description) {
  constexpr auto kParams = [](const ToolArgs&, DurationNs) { return typename Op::Params{}; };
  return indicator_entry<Op, kNoIndicatorArgs, kParams>(name, category, description);
}

/// Tables of the operators whose only argument is `period`.
template <int fallback, int minimum = 1>
inline constexpr ArgSpec kPeriodArgs[] = {kInstrumentArg, kTimeframeArg, period_arg(fallback, "period", minimum)};

}  // namespace prom
