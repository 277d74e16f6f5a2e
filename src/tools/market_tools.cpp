// Price, bars and funding as tools; order book, trades, open interest and the like answer where a recording or a feed is at hand. Pure; any thread.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "domain/instrument.h"
#include "tools/account_access.h"
#include "tools/market_access.h"
#include "tools/observation_access.h"
#include "tools/spec.h"
#include "tools/tape_tools.h"

namespace prom {

namespace {

constexpr double kHoursPerYear = 365 * 24;

constexpr ArgSpec kPriceArgs[] = {kInstrumentArg};
constexpr ResultField kPriceResults[] = {
    {"instrument", ResultType::text, "venue:market:symbol"},
    {"price", ResultType::number, "last close, quote per base"},
    {"time", ResultType::time, "when that bar closed"},
    {"age_seconds", ResultType::number, "from then to the instant of the call"},
    {"change_24h_percent", ResultType::number, "against the close a day earlier", ResultPresence::may_be_null},
    {"high_24h", ResultType::number, "quote per base; null where the bars do not cover a day", ResultPresence::may_be_null},
    {"low_24h", ResultType::number, "quote per base; null likewise", ResultPresence::may_be_null},
    {"volume_24h", ResultType::number, "base units; null likewise", ResultPresence::may_be_null}};

ToolResult run_get_price(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPriceArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const auto last = last_price(context, **instrument);
  if (!last) return std::unexpected(last.error());
  const MarketPick pick{*instrument, last->interval};
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(1, kDay.ns / last->interval.ns)) + 1;
  const auto bars = closed_bars(context, pick, count, 1, BarAge::any);
  if (!bars) return std::unexpected(bars.error());
  const std::int64_t day_ago = last->time.ns - kDay.ns;
  double high = bars->high.back(), low = bars->low.back(), volume = 0;
  std::int64_t seen = 0;
  Value change;
  for (std::size_t i = 0; i < bars->size(); ++i) {
    const std::int64_t closed = close_time(*bars, i).ns;
    if (closed <= day_ago) {
      if (closed > day_ago - kHour.ns) change = percent_from(last->price, bars->close[i]);  // across a gap there is no such change
      continue;
    }
    high = std::max(high, bars->high[i]);
    low = std::min(low, bars->low[i]);
    volume += bars->volume[i];
    ++seen;
  }
  // Nineteen of twenty bars of the day: what a few hours traded is no day's volume.
  const bool covered = bars->open_time_ns.front() <= day_ago && seen * last->interval.ns >= kDay.ns / 20 * 19;
  const auto over_the_day = [&](double x) { return covered ? Value(x) : Value(); };
  ToolOutput out;
  out.result = Value(ValueObject{{"instrument", instrument_code(**instrument)},
                                 {"price", last->price},
                                 {"time", last->time},
                                 {"age_seconds", static_cast<double>(context.as_of.time.ns - last->time.ns) / 1e9},
                                 {"change_24h_percent", std::move(change)},
                                 {"high_24h", over_the_day(high)},
                                 {"low_24h", over_the_day(low)},
                                 {"volume_24h", over_the_day(volume)}});
  out.sources.push_back(source_of(context, pick, *bars));
  return out;
}

constexpr ArgSpec kOhlcvArgs[] = {kInstrumentArg, kTimeframeArg, integer_arg("bars", "how many closed bars, newest last", 1, 1000, 100)};
constexpr ResultField kOhlcvResults[] = {
    {"instrument", ResultType::text, "venue:market:symbol"},
    {"timeframe", ResultType::text, "length of a bar"},
    {"count", ResultType::integer, "bars given"},
    {"missing", ResultType::integer, "bars missing between the first and the last"},
    {"time", ResultType::list, "opening times, UTC"},
    {"open", ResultType::list, "quote per base"},
    {"high", ResultType::list, "quote per base"},
    {"low", ResultType::list, "quote per base"},
    {"close", ResultType::list, "quote per base"},
    {"volume", ResultType::list, "base units"},
    {"taker_buy_volume", ResultType::list, "base units; null where the source does not tell", ResultPresence::may_be_null}};

ValueList list_of(std::span<const double> column) {
  ValueList out;
  out.reserve(column.size());
  for (const double x : column) out.emplace_back(x);
  return out;
}

ToolResult run_get_ohlcv(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kOhlcvArgs, arguments.object);
  const auto pick = pick_market(context, args);
  if (!pick) return std::unexpected(pick.error());
  const auto bars = closed_bars(context, *pick, args.count("bars"), 1, BarAge::any);
  if (!bars) return std::unexpected(bars.error());
  ValueList times;
  times.reserve(bars->size());
  for (const std::int64_t ns : bars->open_time_ns) times.emplace_back(TimeNs{ns});
  ValueObject result;
  result.reserve(std::size(kOhlcvResults));
  result.emplace_back("instrument", instrument_code(*pick->instrument));
  result.emplace_back("timeframe", format_interval(pick->timeframe));
  result.emplace_back("count", static_cast<std::int64_t>(bars->size()));
  result.emplace_back("missing", missing_bars(*bars));
  result.emplace_back("time", std::move(times));
  result.emplace_back("open", list_of(bars->open));
  result.emplace_back("high", list_of(bars->high));
  result.emplace_back("low", list_of(bars->low));
  result.emplace_back("close", list_of(bars->close));
  result.emplace_back("volume", list_of(bars->volume));
  result.emplace_back("taker_buy_volume", bars->taker_buy_volume.empty() ? Value() : Value(list_of(bars->taker_buy_volume)));
  ToolOutput out;
  out.result = Value(std::move(result));
  out.sources.push_back(source_of(context, *pick, *bars));
  return out;
}

constexpr ResultField kFundingResults[] = {{"rate", ResultType::number, "fraction per funding interval; positive = longs pay"},
                                           {"time", ResultType::time, "funding instant it belongs to"},
                                           {"interval_hours", ResultType::number, "hours between funding instants"},
                                           {"annualised_percent", ResultType::number, "rate over a year, not compounded"},
                                           {"provenance", ResultType::text, "venue: recorded by the venue; assumed: our assumption, not a market fact"}};

ToolResult run_get_funding_rate(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPriceArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  if ((*instrument)->payoff == Payoff::spot) return std::unexpected(tool_unavailable("spot has no funding", "ask for a perpetual future"));
  const auto funding = context.market->funding((*instrument)->ix, context.as_of.time);
  if (!funding || !std::isfinite(funding->rate)) return std::unexpected(tool_unavailable("no funding rate is known at this instant"));
  const DurationNs interval = (*instrument)->funding_interval.ns > 0 ? (*instrument)->funding_interval : kHour * 8;
  const double hours = static_cast<double>(interval.ns) / static_cast<double>(kHour.ns);
  const bool assumed = funding->provenance == Provenance::assumed;
  if (!assumed && context.as_of.time - funding->time > interval * 2)
    return std::unexpected(tool_unavailable("stale: the newest funding rate known is of " + format_rfc3339(funding->time),
                                            "import the rates since then (promtrade data import FILE --kind funding)"));
  ToolOutput out;
  out.result = Value(ValueObject{{"rate", funding->rate},
                                 {"time", funding->time},
                                 {"interval_hours", hours},
                                 {"annualised_percent", 100.0 * funding->rate * kHoursPerYear / hours},
                                 {"provenance", assumed ? "assumed" : "venue"}});
  out.sources.push_back({context.market->source((*instrument)->ix) + (assumed ? ", funding assumed" : ", funding"), funding->time});
  return out;
}

/// What the venue said of a derivative, newest first.
std::expected<std::vector<const Observation*>, ToolError> statistics(const ToolContext& context, const ToolArguments& arguments, std::string_view series,
                                                                     std::string_view missing) {
  const ToolArgs args(kPriceArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  if ((*instrument)->payoff == Payoff::spot) return std::unexpected(tool_unavailable("spot has no open positions", "ask for a perpetual future"));
  const std::string code = instrument_code(**instrument);
  return known_observations(context, {.series = series, .subject = code, .stale_after = kHour * 2, .missing = missing, .limit = 300});
}

constexpr ResultField kOpenInterestResults[] = {{"value", ResultType::number, "as the venue states it: base units of linear contracts, USD of inverse ones"},
                                                {"change_day_percent", ResultType::number, "against the word of a day before", ResultPresence::may_be_null},
                                                {"time", ResultType::time, "instant that it speaks of"}};

ToolResult run_get_open_interest(const ToolContext& context, const ToolArguments& arguments) {
  const auto known = statistics(context, arguments, series::kOpenInterest, "no open interest feed in this installation; the venue adapters serve it");
  if (!known) return std::unexpected(known.error());
  const Observation& now = *known->front();
  const auto day = std::ranges::find_if(*known, [&](const Observation* o) { return o->event_time <= now.event_time - kDay; });
  const bool near = day != known->end() && now.event_time - (*day)->event_time <= kDay + kHour * 2;
  ToolOutput out;
  out.result = Value(ValueObject{{"value", now.value.value_or(0)},
                                 {"change_day_percent", near ? percent_from(now.value.value_or(0), (*day)->value.value_or(0)) : Value()},
                                 {"time", now.event_time}});
  out.sources.push_back(source_of(now));
  return out;
}

constexpr ResultField kLongShortResults[] = {{"ratio", ResultType::number, "accounts long over accounts short"},
                                             {"long_percent", ResultType::number, "share of accounts that are long"},
                                             {"time", ResultType::time, "instant that it speaks of"}};

ToolResult run_get_long_short_ratio(const ToolContext& context, const ToolArguments& arguments) {
  const auto known =
      statistics(context, arguments, series::kLongShort, "no long/short feed in this installation; the venues' statistics or Coinglass serve it");
  if (!known) return std::unexpected(known.error());
  const Observation& now = *known->front();
  const double ratio = now.value.value_or(0);
  ToolOutput out;
  out.result = Value(ValueObject{{"ratio", ratio}, {"long_percent", 100.0 * ratio / (1.0 + ratio)}, {"time", now.event_time}});
  out.sources.push_back(source_of(now));
  return out;
}

constexpr ResultField kLiquidationResults[] = {{"asset", ResultType::text, "the coin"},
                                               {"longs", ResultType::number, "USD of longs liquidated in the last 24 hours"},
                                               {"shorts", ResultType::number, "USD of shorts liquidated in the last 24 hours"},
                                               {"long_percent", ResultType::number, "share of the longs", ResultPresence::may_be_null},
                                               {"time", ResultType::time, "beginning of the newest period"}};

ToolResult run_get_liquidations(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kPriceArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const std::string asset = asset_name(context, (*instrument)->base);
  const auto side = [&](std::string_view series) {
    return known_observations(context, {.series = series,
                                        .subject = asset,
                                        .stale_after = kDay * 2,
                                        .missing = "no liquidation feed in this installation; Coinglass or the venue adapters' liquidation streams serve it",
                                        .limit = 1'500});
  };
  const auto longs = side(series::kLongsLiquidated), shorts = side(series::kShortsLiquidated);
  if (!longs) return std::unexpected(longs.error());
  if (!shorts) return std::unexpected(shorts.error());
  const Observation& newest = *longs->front();
  // A day back from the newest period, one provider's periods alone.
  const auto sum = [&](const std::vector<const Observation*>& all) {
    double total = 0;
    for (const Observation* o : all)
      if (o->source == newest.source && o->event_time > newest.event_time - kDay) total += o->value.value_or(0);
    return total;
  };
  const double of_longs = sum(*longs), of_shorts = sum(*shorts);
  ToolOutput out;
  out.result = Value(ValueObject{{"asset", asset},
                                 {"longs", of_longs},
                                 {"shorts", of_shorts},
                                 {"long_percent", of_longs + of_shorts > 0 ? Value(100.0 * of_longs / (of_longs + of_shorts)) : Value()},
                                 {"time", newest.event_time}});
  out.sources.push_back(source_of(newest));
  return out;
}

constexpr ToolCategory kMarket = ToolCategory::market;
constexpr ToolSpec kTools[] = {
    {.name = "get_price",
     .category = kMarket,
     .description = "Last price with the day's change, range (quote per base) and volume (base units).",
     .arguments = kPriceArgs,
     .results = kPriceResults,
     .run = run_get_price},
    {.name = "get_ohlcv",
     .category = kMarket,
     .description = "Closed bars as columns, oldest first; prices in quote per base, volume in base units.",
     .arguments = kOhlcvArgs,
     .results = kOhlcvResults,
     .run = run_get_ohlcv},
    {.name = "get_orderbook",
     .category = kMarket,
     .description = "Depth of the order book, quote per base and base units.",
     .arguments = kDepthArgs,
     .results = kOrderbookResults,
     .feed = kBookNeed,
     .run = run_get_orderbook},
    {.name = "get_trades",
     .category = kMarket,
     .description = "Recent public trades.",
     .arguments = kTradesArgs,
     .results = kTradesResults,
     .feed = kTradesNeed,
     .run = run_get_trades},
    {.name = "get_funding_rate",
     .category = kMarket,
     .description = "Last known funding rate, as a fraction per funding interval.",
     .arguments = kPriceArgs,
     .results = kFundingResults,
     .run = run_get_funding_rate},
    {.name = "get_open_interest",
     .category = kMarket,
     .description = "Open interest of a derivative, base units of linear and USD of inverse contracts.",
     .arguments = kPriceArgs,
     .results = kOpenInterestResults,
     .feed = {series::kOpenInterest, "", "Binance, Bybit"},
     .run = run_get_open_interest},
    {.name = "get_long_short_ratio",
     .category = kMarket,
     .description = "Accounts long over accounts short.",
     .arguments = kPriceArgs,
     .results = kLongShortResults,
     .feed = {series::kLongShort, "", "Binance, Bybit"},
     .run = run_get_long_short_ratio},
    {.name = "get_liquidations",
     .category = kMarket,
     .description = "Positions liquidated in the last 24 hours, USD by side.",
     .arguments = kPriceArgs,
     .results = kLiquidationResults,
     .feed = {series::kLongsLiquidated, "", "Coinglass"},
     .run = run_get_liquidations},
};

}  // namespace

std::span<const ToolSpec> market_tools() { return kTools; }

}  // namespace prom
