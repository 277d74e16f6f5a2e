// How the instruments at hand move together, and volume by session. Dominance and outside markets need feeds, gold the market of a gold token, and say so. Pure; any
// thread.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "analysis/correlation/correlation.h"
#include "domain/instrument.h"
#include "tools/market_access.h"
#include "tools/observation_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr std::span<const ArgSpec> kNoArgs{};
constexpr ArgSpec kAltcoinArgs[] = {kInstrumentArg, kTimeframeArg,
                                    text_arg("against", "symbol or venue:market:symbol of the reference; default: the view's BTC instrument", 64),
                                    integer_arg("bars", "returns to compare", 20, 2000, 100)};
constexpr ResultField kAltcoinResults[] = {
    {"against", ResultType::text, "the reference, venue:market:symbol"},
    {"correlation", ResultType::number, "Pearson's r of log returns, -1..1; null when one did not move", ResultPresence::may_be_null},
    {"low", ResultType::number, "lower end of the 95 % interval (Fisher)", ResultPresence::may_be_null},
    {"high", ResultType::number, "upper end of the 95 % interval", ResultPresence::may_be_null},
    {"beta", ResultType::number, "move of the instrument a unit move of the reference", ResultPresence::may_be_null},
    {"returns", ResultType::integer, "pairs of returns compared"},
    {"all", ResultType::list, "each other instrument of the view with the same history: {instrument, correlation}, at most 20"}};

correlation::PriceSeries prices_of(const BarWindow& window) { return {window.open_time_ns, window.close}; }

/// The newest bars of two markets up to the earlier of their last closes: where one series goes on after the other has ended, its newest bars have no counterpart.
struct Beside {
  BarWindow own, theirs;
};
std::expected<Beside, ToolError> bars_beside(const ToolContext& context, const MarketPick& pick, const MarketPick& other, std::size_t period) {
  PROM_TRY(const BarWindow own, closed_bars(context, pick, 1, 1, BarAge::any));
  PROM_TRY(const BarWindow theirs, closed_bars(context, other, 1, 1, BarAge::any));
  ToolContext both = context;
  both.as_of.time = std::min(last_close_time(own), last_close_time(theirs));
  const std::size_t read = 2 * period + 1;  // room for bars that only one of the two has
  Beside out;
  PROM_TRY(out.own, closed_bars(both, pick, read, period + 1));
  PROM_TRY(out.theirs, closed_bars(both, other, read, period + 1));
  return out;
}

ToolError not_enough_pairs(std::size_t needed, const ParamError& error) {
  return {ToolErrorCode::not_enough_data,
          fmt::format("needs {} pairs of returns, of bars that both have, {} are there", needed, static_cast<std::size_t>(error.value)),
          "ask for fewer, or for a finer timeframe"};
}

/// The first instrument whose symbol begins with BTC, other than `self`.
const Instrument* bitcoin_of(const ToolContext& context, const Instrument& self) {
  for (const Instrument& instrument : context.market->instruments()) {
    if (instrument.ix != self.ix && instrument.symbol.starts_with("BTC")) return &instrument;
  }
  return nullptr;
}

ValueList against_all(const ToolContext& context, const MarketPick& pick, int period) {
  constexpr std::size_t kMostListed = 20;
  ValueList all;
  for (const Instrument& other : context.market->instruments()) {
    if (other.ix == pick.instrument->ix || all.size() >= kMostListed) continue;
    const auto bars = bars_beside(context, pick, {&other, pick.timeframe}, static_cast<std::size_t>(period));
    if (!bars) continue;
    const auto report = correlation::compare_pair(prices_of(bars->own), prices_of(bars->theirs), {period});
    if (report) all.emplace_back(ValueObject{{"instrument", instrument_code(other)}, {"correlation", number_or_null(report->movement.correlation)}});
  }
  return all;
}

ToolResult run_altcoin_correlation(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kAltcoinArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const Instrument* reference = nullptr;
  if (args.has("against")) {
    const auto named = find_instrument(context, args.text("against"));
    if (!named) return std::unexpected(named.error());
    reference = *named;
  } else {
    reference = bitcoin_of(context, *pick->instrument);
  }
  if (reference == nullptr) {
    return std::unexpected(tool_unavailable("the view holds no BTC instrument beside the asked one", "name a reference with `against`"));
  }
  if (reference->ix == pick->instrument->ix) return std::unexpected(bad_argument("`against` must name another instrument"));
  const std::size_t period = args.count("bars");
  const MarketPick other{reference, pick->timeframe};
  PROM_TRY(const Beside bars, bars_beside(context, *pick, other, period));
  const int length = args.small_integer("bars");
  const auto report = correlation::compare_pair(prices_of(bars.own), prices_of(bars.theirs), {length});
  if (!report && report.error().parameter == "returns") return std::unexpected(not_enough_pairs(period, report.error()));
  if (!report) return std::unexpected(parameter_error(report.error()));
  const auto& interval = report->interval;
  ToolOutput out;
  out.result = Value(ValueObject{{"against", instrument_code(*reference)},
                                 {"correlation", number_or_null(report->movement.correlation)},
                                 {"low", interval ? number_or_null(interval->low) : Value()},
                                 {"high", interval ? number_or_null(interval->high) : Value()},
                                 {"beta", number_or_null(report->movement.beta)},
                                 {"returns", static_cast<std::int64_t>(report->pairs)},
                                 {"all", against_all(context, *pick, length)}});
  out.sources.push_back(source_of(context, *pick, bars.own));
  out.sources.push_back(source_of(context, other, bars.theirs));
  return out;
}

constexpr ArgSpec kSessionArgs[] = {kInstrumentArg, integer_arg("days", "days back from the last full hour before the instant", 1, 90, 7)};
constexpr ResultField kSessionResults[] = {{"asia", ResultType::number, "mean volume of 00-08 UTC, base units: of the hours that are there, times 8"},
                                           {"europe", ResultType::number, "mean volume of 08-16 UTC"},
                                           {"america", ResultType::number, "mean volume of 16-24 UTC"},
                                           {"busiest", ResultType::text, "asia, europe or america"},
                                           {"session", ResultType::text, "the session of this instant"},
                                           {"days", ResultType::number, "days of data behind the means: hours that are there, over 24"}};

ToolResult run_get_session_volume(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSessionArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  constexpr std::array<std::string_view, 3> kSessions{"asia", "europe", "america"};
  constexpr DurationNs kSession{8 * kHour.ns};
  MarketPick pick{*instrument, kHour};
  const std::size_t wanted = args.count("days") * 24;
  if (context.market->bars((*instrument)->ix, kHour, 1, context.as_of.time).size() == 0 &&
      context.market->bars((*instrument)->ix, kDay, 1, context.as_of.time).size() > 0)
    return std::unexpected(
        ToolError{ToolErrorCode::not_enough_data, "sessions are counted in bars of an hour, and those at hand are longer", "ask where there are finer bars"});
  PROM_TRY(const BarWindow bars, closed_bars(context, pick, wanted, 24));
  const auto session_of = [&](TimeNs time) { return static_cast<std::size_t>((time - floor_to(time, kDay)) / kSession); };
  const TimeNs since = floor_to(context.as_of.time, kHour) - kHour * static_cast<std::int64_t>(wanted);
  std::array<double, 3> volume{}, hours{};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const TimeNs opened{bars.open_time_ns[i]};
    if (opened < since) continue;
    volume[session_of(opened)] += bars.volume[i];
    ++hours[session_of(opened)];
  }
  const auto nothing = std::ranges::find(hours, 0.0);
  if (nothing != hours.end()) {
    return std::unexpected(ToolError{
        ToolErrorCode::not_enough_data,
        fmt::format("no hour of the session of {} is there since {}", kSessions[static_cast<std::size_t>(nothing - hours.begin())], format_rfc3339(since)),
        "ask for more days"});
  }
  // Hours that are missing are not hours without trades: a session's mean is that of its hours that are there.
  for (std::size_t s = 0; s < volume.size(); ++s) volume[s] *= static_cast<double>(kSession / kHour) / hours[s];
  const auto busiest = static_cast<std::size_t>(std::ranges::max_element(volume) - volume.begin());
  ToolOutput out;
  out.result = Value(ValueObject{{"asia", volume[0]},
                                 {"europe", volume[1]},
                                 {"america", volume[2]},
                                 {"busiest", kSessions[busiest]},
                                 {"session", kSessions[session_of(context.as_of.time)]},
                                 {"days", (hours[0] + hours[1] + hours[2]) / 24}});
  out.sources.push_back(source_of(context, pick, bars));
  return out;
}

constexpr ResultField kDominanceResults[] = {{"percent", ResultType::number, "share of all coins' market value"},
                                             {"change_day", ResultType::number, "against a day before, percentage points", ResultPresence::may_be_null},
                                             {"time", ResultType::time, "instant that it speaks of"}};

ToolResult dominance_of(const ToolContext& context, std::string_view symbol) {
  FeedWish wish{
      .series = series::kDominance, .subject = symbol, .stale_after = kHour * 2, .missing = "no market value feed in this installation; CoinGecko serves it"};
  const auto known = known_observations(context, wish);
  if (!known) return std::unexpected(known.error());
  const Observation& now = *known->front();
  // The last word from a day or a little more before; further back it would be another comparison.
  const auto before = context.observations->known(
      {.series = wish.series, .subject = symbol, .as_of = context.as_of.time, .from = now.event_time - kDay - kHour * 2, .until = now.event_time - kDay});
  ToolOutput out;
  out.result = Value(ValueObject{{"percent", now.value.value_or(0)},
                                 {"change_day", before.empty() ? Value() : Value(now.value.value_or(0) - before.front()->value.value_or(0))},
                                 {"time", now.event_time}});
  out.sources.push_back(source_of(now));
  return out;
}
ToolResult run_btc_dominance(const ToolContext& context, const ToolArguments&) { return dominance_of(context, "BTC"); }
ToolResult run_usdt_dominance(const ToolContext& context, const ToolArguments&) { return dominance_of(context, "USDT"); }

constexpr ArgSpec kOutsideArgs[] = {kInstrumentArg, integer_arg("days", "daily returns to compare", 10, 250, 60)};
constexpr ResultField kOutsideResults[] = {{"against", ResultType::text, "the outside series"},
                                           {"correlation", ResultType::number, "Pearson's, of daily log returns, -1 to 1", ResultPresence::may_be_null},
                                           {"low", ResultType::number, "lower end of the 95 % interval", ResultPresence::may_be_null},
                                           {"high", ResultType::number, "upper end", ResultPresence::may_be_null},
                                           {"beta", ResultType::number, "of the instrument to the series", ResultPresence::may_be_null},
                                           {"returns", ResultType::integer, "days that both have"}};

struct OutsideMarket {
  std::string_view id, missing;
  DurationNs stale_after = kDay * 10;  ///< a daily series with its weekends and holidays
};

/// Days of an outside market beside the instrument's own: days that only one of them has (weekends) are left out of both.
ToolResult correlation_with(const ToolContext& context, const ToolArguments& arguments, const OutsideMarket& market) {
  const ToolArgs args(kOutsideArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const std::size_t period = args.count("days");
  const auto known = known_observations(
      context, {.series = series::kMacro, .subject = market.id, .stale_after = market.stale_after, .missing = market.missing, .limit = 2 * period + 30});
  if (!known) return std::unexpected(known.error());
  const MarketPick pick{*instrument, kDay};
  const auto own = closed_bars(context, pick, 2 * period + 30, 2);
  if (!own) return std::unexpected(own.error());
  std::vector<std::int64_t> times;
  std::vector<double> values;
  for (auto at = known->rbegin(); at != known->rend(); ++at) {
    if ((*at)->source != known->front()->source) continue;
    times.push_back((*at)->event_time.ns);
    values.push_back((*at)->value.value_or(0));
  }
  const int length = args.small_integer("days");
  const auto report = correlation::compare_pair(prices_of(*own), {times, values}, {length});
  if (!report && report.error().parameter == "returns") return std::unexpected(not_enough_pairs(period, report.error()));
  if (!report) return std::unexpected(parameter_error(report.error()));
  const auto& interval = report->interval;
  ToolOutput out;
  out.result = Value(ValueObject{{"against", known->front()->source + " " + std::string(market.id)},
                                 {"correlation", number_or_null(report->movement.correlation)},
                                 {"low", interval ? number_or_null(interval->low) : Value()},
                                 {"high", interval ? number_or_null(interval->high) : Value()},
                                 {"beta", number_or_null(report->movement.beta)},
                                 {"returns", static_cast<std::int64_t>(report->pairs)}});
  out.sources.push_back(source_of(context, pick, *own));
  out.sources.push_back(source_of(*known->front()));
  return out;
}
ToolResult run_stock_correlation(const ToolContext& context, const ToolArguments& arguments) {
  return correlation_with(context, arguments,
                          {.id = "SP500", .missing = "no stock index feed in this installation; FRED (series SP500) serves it, with a key"});
}
ToolResult run_dxy_correlation(const ToolContext& context, const ToolArguments& arguments) {
  // The days of a week come out together on the Monday after it, on Tuesday where that is a holiday: just before, the newest is that of the Friday ten or
  // eleven days back.
  return correlation_with(
      context, arguments,
      {.id = "DTWEXBGS", .missing = "no dollar index feed in this installation; FRED (series DTWEXBGS) serves it, with a key", .stale_after = kDay * 14});
}

const Instrument* gold_of(const ToolContext& context, const Instrument& self) {
  for (const std::string_view token : kGoldTokens) {
    for (const Instrument& instrument : context.market->instruments()) {
      if (instrument.ix != self.ix && instrument.symbol.starts_with(token)) return &instrument;
    }
  }
  return nullptr;
}

ToolResult run_gold_correlation(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kOutsideArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const Instrument* gold = gold_of(context, **instrument);
  if (gold == nullptr) {
    return std::unexpected(tool_unavailable("no market of a gold token (PAXG, XAUT) is at hand in this installation; Binance's PAXGUSDT serves it",
                                            "bring its candles with `promtrade data import`"));
  }
  const std::size_t period = args.count("days");
  const MarketPick own_pick{*instrument, kDay}, gold_pick{gold, kDay};
  PROM_TRY(const Beside bars, bars_beside(context, own_pick, gold_pick, period));
  const auto report = correlation::compare_pair(prices_of(bars.own), prices_of(bars.theirs), {args.small_integer("days")});
  if (!report && report.error().parameter == "returns") return std::unexpected(not_enough_pairs(period, report.error()));
  if (!report) return std::unexpected(parameter_error(report.error()));
  const auto& interval = report->interval;
  ToolOutput out;
  out.result = Value(ValueObject{{"against", instrument_code(*gold)},
                                 {"correlation", number_or_null(report->movement.correlation)},
                                 {"low", interval ? number_or_null(interval->low) : Value()},
                                 {"high", interval ? number_or_null(interval->high) : Value()},
                                 {"beta", number_or_null(report->movement.beta)},
                                 {"returns", static_cast<std::int64_t>(report->pairs)}});
  out.sources.push_back(source_of(context, own_pick, bars.own));
  out.sources.push_back(source_of(context, gold_pick, bars.theirs));
  return out;
}

constexpr ToolCategory kCorrelation = ToolCategory::correlation;
constexpr ToolSpec kTools[] = {
    {.name = "btc_dominance",
     .category = kCorrelation,
     .description = "BTC's share of crypto's market value, percent.",
     .arguments = kNoArgs,
     .results = kDominanceResults,
     .feed = {series::kDominance, "BTC", "CoinGecko"},
     .run = run_btc_dominance},
    {.name = "usdt_dominance",
     .category = kCorrelation,
     .description = "USDT's share of crypto's market value, percent.",
     .arguments = kNoArgs,
     .results = kDominanceResults,
     .feed = {series::kDominance, "USDT", "CoinGecko"},
     .run = run_usdt_dominance},
    {.name = "altcoin_correlation",
     .category = kCorrelation,
     .description = "Correlation and beta of an instrument's returns against BTC or another.",
     .arguments = kAltcoinArgs,
     .results = kAltcoinResults,
     .run = run_altcoin_correlation},
    {.name = "stock_correlation",
     .category = kCorrelation,
     .description = "Correlation of daily returns with the S&P 500.",
     .arguments = kOutsideArgs,
     .results = kOutsideResults,
     .feed = {series::kMacro, "SP500", "FRED"},
     .run = run_stock_correlation},
    {.name = "dxy_correlation",
     .category = kCorrelation,
     .description = "Correlation of daily returns with the trade-weighted US dollar.",
     .arguments = kOutsideArgs,
     .results = kOutsideResults,
     .feed = {series::kMacro, "DTWEXBGS", "FRED"},
     .run = run_dxy_correlation},
    {.name = "gold_correlation",
     .category = kCorrelation,
     .description = "Correlation of daily returns with gold, by the market of a gold token (PAXG, XAUT) where one is at hand.",
     .arguments = kOutsideArgs,
     .results = kOutsideResults,
     .feed = kGoldNeed,
     .run = run_gold_correlation},
    {.name = "get_session_volume",
     .category = kCorrelation,
     .description = "Mean volume by UTC session (Asia, Europe, America), base units; missing hours are left out and not counted as hours without trades.",
     .arguments = kSessionArgs,
     .results = kSessionResults,
     .run = run_get_session_volume},
};

}  // namespace

std::span<const ToolSpec> correlation_tools() { return kTools; }

}  // namespace prom
