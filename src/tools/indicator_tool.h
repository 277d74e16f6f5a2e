// Runs an incremental operator over the closed bars of a call: last value, the one before, and a series where asked for. One template, so that every
// indicator tool picks bars, refuses and reports in the same way. Pure; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "analysis/series.h"
#include "tools/market_access.h"
#include "tools/spec.h"

namespace prom {

/// How much history a value depends on.
enum class Depends : std::uint8_t {
  window,     ///< on the bars of its warm-up alone
  recursion,  ///< on all bars before it, fading: enough are read that the rest weighs less than 1e-12
  stretch     ///< on the stretch that the call names; `bars` of History says how long
};
struct History {
  std::size_t needed = 1;  ///< bars before the first value, that bar included
  Depends depends = Depends::window;
  std::size_t bars = 0;  ///< for `stretch`
};
/// Which columns of the newest row must be there.
enum class Complete : std::uint8_t { all_columns, first_column };

inline constexpr std::size_t kRecursionFloor = 500;
/// (1 - 1/n)^(30 n) < 1e-12: the share that Wilder's smoothing, the slowest in use, leaves to older bars.
inline constexpr std::size_t kRecursionFactor = 30;
inline constexpr std::size_t kEveryBar = SIZE_MAX;

inline std::size_t bars_to_read(const History& history, SeriesWanted series) {
  if (series == SeriesWanted::yes) return kEveryBar;
  switch (history.depends) {
    case Depends::window: return history.needed + 1;
    case Depends::recursion: return std::max(kRecursionFloor, history.needed * kRecursionFactor);
    case Depends::stretch: return std::max(history.needed, history.bars);
  }
  return history.needed;
}

template <Operator Op>
struct IndicatorRun {
  MarketPick pick;
  BarWindow bars;
  Op op;                                     ///< after the newest bar
  typename Op::Value now;                    ///< of the newest bar
  std::optional<typename Op::Value> before;  ///< of the bar before it
  std::vector<ToolSeries> series;            ///< when asked for, over all bars

  double close() const { return bars.close.back(); }
};

template <class Row>
std::vector<ToolSeries> columns_of(const std::vector<Row>& rows) {
  std::vector<ToolSeries> out;
  if constexpr (std::is_same_v<Row, double>) {
    out.push_back({"value", rows});
  } else {
    for (const std::string_view name : Row::kNames) out.push_back({std::string(name), {}});
    for (ToolSeries& series : out) series.values.reserve(rows.size());
    for (const Row& row : rows) {
      const auto columns = row.columns();
      for (std::size_t c = 0; c < columns.size(); ++c) out[c].values.push_back(columns[c]);
    }
  }
  return out;
}

template <class Row>
bool is_complete(const Row& row, Complete complete) {
  if constexpr (std::is_same_v<Row, double>) {
    return std::isfinite(row);
  } else {
    const auto columns = row.columns();
    const std::size_t n = complete == Complete::all_columns ? columns.size() : 1;
    for (std::size_t c = 0; c < n; ++c) {
      if (!std::isfinite(columns[c])) return false;
    }
    return true;
  }
}

/// Feeds the closed bars to an operator with these parameters. Errors: parameters refused by the operator, not_enough_data.
template <Operator Op>
std::expected<IndicatorRun<Op>, ToolError> run_indicator(const ToolContext& context, const ToolArgs& args, SeriesWanted series_wanted,
                                                         const typename Op::Params& params, const History& history, Complete complete = Complete::all_columns) {
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  auto op = Op::make(params);
  if (!op) return std::unexpected(parameter_error(op.error()));
  const auto bars = closed_bars(context, *pick, bars_to_read(history, series_wanted), history.needed);
  if (!bars) return std::unexpected(bars.error());

  const OhlcvView view = ohlcv_of(*bars);
  std::optional<typename Op::Value> before;
  std::vector<typename Op::Value> rows;
  if (series_wanted == SeriesWanted::yes) rows.reserve(view.size());
  for (std::size_t i = 0; i < view.size(); ++i) {
    if constexpr (std::is_same_v<typename Op::Input, OhlcvView>) {
      op->update(bar_at(view, i));
    } else {
      op->update(view.close[i]);
    }
    if (series_wanted == SeriesWanted::yes) rows.push_back(op->value().value_or(missing_value<typename Op::Value>()));
    if (i + 2 == view.size()) before = op->value();
  }
  const auto now = op->value();
  if (!now || !is_complete(*now, complete)) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data, "the " + std::to_string(view.size()) + " closed bars at this instant hold no value of it",
                                     "ask for a shorter period or a finer timeframe, or wait for more bars"});
  }
  if (before && !is_complete(*before, complete)) before.reset();
  return IndicatorRun<Op>{
      *pick, *bars, std::move(*op), *now, std::move(before), series_wanted == SeriesWanted::yes ? columns_of(rows) : std::vector<ToolSeries>{}};
}

template <Operator Op>
ToolOutput output_of(const ToolContext& context, IndicatorRun<Op>&& run, ValueObject result) {
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back(source_of(context, run.pick, run.bars));
  out.series = std::move(run.series);
  return out;
}

/// Bound of every period argument of a tool.
inline constexpr double kMaxPeriodArg = 5000;
constexpr ArgSpec period_arg(double fallback, std::string_view name = "period", double minimum = 1) {
  return integer_arg(name, "length in bars", minimum, kMaxPeriodArg, fallback);
}

}  // namespace prom
