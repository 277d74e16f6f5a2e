// One indicator of `tools call indicator`: an operator, its argument table and how arguments become parameters. Pure; any thread.
#pragma once

#include <array>
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

/// `kParams`: Op::Params from (const ToolArgs&, DurationNs timeframe). All closed bars are read, so that recursions give what the series gives.
template <class Op, const auto& kArgs, auto kParams>
ToolResult run_entry(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const History every_bar{1, Depends::stretch, kEveryBar};
  auto run = run_indicator<Op>(context, args, arguments.series, kParams(args, pick->timeframe), every_bar, Complete::first_column);
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
