// Picks instruments and bars for tools. Pure over its context; any thread.
#include "tools/market_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "domain/instrument.h"

namespace prom {

namespace {

/// Fewer in a row are the closed days of a stock exchange, holidays included.
constexpr std::int64_t kHole = 5;

constexpr DurationNs kFinestFirst[] = {kMinute, kMinute * 5, kMinute * 15, kHour, kHour * 4, kDay};

ToolError no_market() { return tool_unavailable("no market data is attached to this call", "run a replay, import data, or give --csv"); }

DurationNs timeframe_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kTimeframeNames); ++i) {
    if (kTimeframeNames[i] == name) return kFinestFirst[i];
  }
  return {};
}

}  // namespace

const Instrument* instrument_at(const ToolContext& context, InstrumentIx ix) {
  if (context.market == nullptr) return nullptr;
  for (const Instrument& instrument : context.market->instruments()) {
    if (instrument.ix == ix) return &instrument;
  }
  return nullptr;
}

std::expected<const Instrument*, ToolError> find_instrument(const ToolContext& context, std::string_view text) {
  if (context.market == nullptr) return std::unexpected(no_market());
  const Instrument* found = nullptr;
  std::size_t matches = 0;
  const auto list = context.market->instruments();
  for (const Instrument& instrument : list) {
    if (instrument.symbol != text) continue;
    found = &instrument;
    ++matches;
  }
  if (matches == 1) return found;
  std::vector<std::string> codes;
  for (const Instrument& instrument : list) {
    codes.push_back(instrument_code(instrument));
    if (codes.back() == text) return &instrument;
  }
  constexpr std::size_t kMostNamed = 20;
  const std::size_t named = std::min(codes.size(), kMostNamed);
  std::string all = fmt::format("known: {}", fmt::join(codes.begin(), codes.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (matches > 1) return std::unexpected(bad_argument(fmt::format("`{}` names {} instruments", text, matches), "give venue:market:symbol; " + all));
  std::vector<std::string_view> names;
  for (const Instrument& instrument : list) names.push_back(instrument.symbol);
  for (const std::string& code : codes) names.push_back(code);
  const auto near = nearest_name(text, names);
  return std::unexpected(
      bad_argument(fmt::format("instrument `{}` is not known here", text), near ? fmt::format("did you mean `{}`? {}", *near, all) : std::move(all)));
}

std::expected<const Instrument*, ToolError> pick_instrument(const ToolContext& context, const ToolArgs& args) {
  if (args.has("instrument")) return find_instrument(context, args.text("instrument"));
  if (context.market == nullptr) return std::unexpected(no_market());
  if (const Instrument* instrument = instrument_at(context, context.instrument)) return instrument;
  return std::unexpected(bad_argument(fmt::format("instrument number {} is not part of this market view", context.instrument.v), "name one with `instrument`"));
}

std::expected<MarketPick, ToolError> pick_market(const ToolContext& context, const ToolArgs& args) {
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  MarketPick pick{*instrument, context.timeframe};
  if (args.has("timeframe")) pick.timeframe = timeframe_of(args.text("timeframe"));
  if (pick.timeframe.ns <= 0) return std::unexpected(bad_argument("no timeframe is given and the call has no default", "give `timeframe`, e.g. 1h"));
  return pick;
}

std::int64_t missing_bars(const BarWindow& window, std::size_t count) {
  count = std::min(count, window.size());
  if (count < 2) return 0;
  const std::int64_t span = window.open_time_ns.back() - window.open_time_ns[window.size() - count];
  return std::max<std::int64_t>(0, span / window.interval.ns + 1 - static_cast<std::int64_t>(count));
}

std::expected<BarWindow, ToolError> closed_bars(const ToolContext& context, const MarketPick& pick, std::size_t count, std::size_t needed, BarAge age) {
  BarWindow window = context.market->bars(pick.instrument->ix, pick.timeframe, std::max(count, needed), context.as_of.time);
  if (window.size() < std::max<std::size_t>(needed, 1)) return std::unexpected(not_enough_bars(std::max<std::size_t>(needed, 1), window.size()));
  const TimeNs end = last_close_time(window);
  PROM_ASSERT(end <= context.as_of.time, "a market view showed a bar from after its instant");
  if (age == BarAge::fresh && context.as_of.time - end > std::max(window.interval * 4, kHour)) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data,
                                     fmt::format("stale: the newest {} bar closed at {}, and this is {}", format_interval(window.interval), format_rfc3339(end),
                                                 format_rfc3339(context.as_of.time)),
                                     "ask at an instant that the bars reach, or import newer ones"});
  }
  const std::int64_t missing = missing_bars(window, needed);
  if (missing >= kHole && missing > static_cast<std::int64_t>(needed)) {
    return std::unexpected(ToolError{ToolErrorCode::not_enough_data,
                                     fmt::format("{} bars are missing among the newest {} of {} since {}", missing, needed, format_interval(window.interval),
                                                 format_rfc3339(TimeNs{window.open_time_ns[window.size() - needed]})),
                                     "import what is missing, ask for an instant well after the gap, or use a shorter period"});
  }
  return window;
}

std::expected<LastPrice, ToolError> last_price(const ToolContext& context, const Instrument& instrument) {
  const auto newest = [&](DurationNs interval) -> std::optional<LastPrice> {
    const BarWindow window = context.market->bars(instrument.ix, interval, 1, context.as_of.time);
    if (window.size() == 0) return std::nullopt;
    return LastPrice{window.close.back(), last_close_time(window), interval};
  };
  std::optional<LastPrice> best;
  for (const DurationNs interval : kFinestFirst) {
    best = newest(interval);
    if (best) break;
  }
  if (context.timeframe.ns > 0) {
    const auto own = newest(context.timeframe);
    if (own && (!best || own->time > best->time)) best = own;
  }
  if (!best) return std::unexpected(not_enough_bars(1, 0));
  return *best;
}

OhlcvView ohlcv_of(const BarWindow& window) {
  return {window.open_time_ns, window.open, window.high, window.low, window.close, window.volume, window.taker_buy_volume};
}

TimeNs close_time(const BarWindow& window, std::size_t i) { return TimeNs{window.open_time_ns[i]} + window.interval; }

ToolSource source_of(const ToolContext& context, const MarketPick& pick, const BarWindow& window) {
  std::string name = context.market->source(pick.instrument->ix);
  name += ", ";
  name += format_interval(pick.timeframe);
  name += " bars";
  if (const std::int64_t missing = missing_bars(window); missing > 0) name += fmt::format(", {} missing among {}", missing, window.size());
  return {std::move(name), last_close_time(window)};
}

ToolError parameter_error(const ParamError& error) {
  switch (error.code) {
    case ParamErrorCode::below_minimum:
      return bad_argument(fmt::format("`{}` must be at least {}, got {}", error.parameter, format_f64(error.limit), format_f64(error.value)));
    case ParamErrorCode::above_maximum:
      return bad_argument(fmt::format("`{}` must be at most {}, got {}", error.parameter, format_f64(error.limit), format_f64(error.value)));
    case ParamErrorCode::not_finite: return bad_argument(fmt::format("`{}` must be a finite number", error.parameter));
    case ParamErrorCode::not_below_other:
      return bad_argument(fmt::format("`{}` ({}) must be below {}", error.parameter, format_f64(error.value), format_f64(error.limit)));
    case ParamErrorCode::empty_input:
      return {ToolErrorCode::not_enough_data, fmt::format("there is nothing in `{}` to work on", error.parameter), "ask for a longer window"};
    case ParamErrorCode::length_mismatch:
      return {ToolErrorCode::not_enough_data,
              fmt::format("`{}` has {} values where {} are needed", error.parameter, format_f64(error.value), format_f64(error.limit)), ""};
    case ParamErrorCode::missing_column: return tool_unavailable(fmt::format("the source of these bars does not tell `{}`", error.parameter));
  }
  PROM_UNREACHABLE();
}

ToolError no_taker_volume(const ToolContext& context, const Instrument& instrument) {
  return tool_unavailable(fmt::format("{} does not tell which side took the trades (no taker buy volume)", context.market->source(instrument.ix)),
                          "ask for an instrument whose bars carry taker volume");
}

Value number_or_null(double x) { return std::isfinite(x) ? Value(x) : Value(); }
Value number_or_null(std::optional<double> x) { return x ? number_or_null(*x) : Value(); }
Value percent_from(double a, double b) { return b > 0 ? number_or_null(100.0 * (a / b - 1.0)) : Value(); }

}  // namespace prom
