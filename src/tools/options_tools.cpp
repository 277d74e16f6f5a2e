// Derivatives: what the options of an instrument's base asset say, from the newest summary of each option that Deribit lists. Pure functions; any thread.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/options/positioning.h"
#include "analysis/options/surface.h"
#include "tools/account_access.h"
#include "tools/market_access.h"
#include "tools/observation_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr ArgSpec kInstrumentOnly[] = {kInstrumentArg};
constexpr std::string_view kMissing = "no options feed in this installation; Deribit's public interface serves it";
constexpr DurationNs kStale = kHour * 2;
constexpr std::size_t kMostRows = 40'000;  // of one figure in two hours, or of a day's trades

struct OptionName {
  options::OptionKind kind = options::OptionKind::call;
  double strike = 0;
  TimeNs expiry{};
};

/// "BTC-27DEC24-100000-C" of this asset; Deribit's options expire at 08:00 UTC. Strikes of some assets have a `d` for the point.
std::optional<OptionName> name_parts(std::string_view name, std::string_view asset) {
  constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  if (!name.starts_with(asset) || name.size() < asset.size() + 11 || name[asset.size()] != '-') return std::nullopt;
  name.remove_prefix(asset.size() + 1);
  const auto first = name.find('-'), last = name.rfind('-');
  if (first == last || first < 6 || first > 7) return std::nullopt;
  const std::string_view date = name.substr(0, first), kind = name.substr(last + 1);
  std::string strike(name.substr(first + 1, last - first - 1));
  std::ranges::replace(strike, 'd', '.');
  int day = 0, year = 0;
  const std::string_view day_text = date.substr(0, date.size() - 5), year_text = date.substr(date.size() - 2);
  const auto* month = std::ranges::find(kMonths, date.substr(date.size() - 5, 3));
  const bool digits = std::from_chars(day_text.begin(), day_text.end(), day).ptr == day_text.end() &&
                      std::from_chars(year_text.begin(), year_text.end(), year).ptr == year_text.end();
  double price = 0;
  const auto [end, fault] = std::from_chars(strike.data(), strike.data() + strike.size(), price);
  if (!digits || month == kMonths.end() || day < 1 || day > 31 || fault != std::errc{} || end != strike.data() + strike.size() || !(price > 0) ||
      !std::isfinite(price) || (kind != "C" && kind != "P"))
    return std::nullopt;
  const auto which = static_cast<int>(month - kMonths.begin()) + 1;
  return OptionName{kind == "C" ? options::OptionKind::call : options::OptionKind::put, price,
                    TimeNs{days_from_civil({2000 + year, which, day}) * kDay.ns} + kHour * 8};
}

struct Listed {
  OptionName name;
  double open_interest = 0, volume = 0, volatility = 0, forward = 0;
};

struct Chain {
  std::string asset;
  std::vector<Listed> options;  ///< by expiry, strike, call before put; none expired
  const Observation* newest = nullptr;
  TimeNs now{};

  double years(TimeNs expiry) const { return static_cast<double>((expiry - now).ns) / (365.0 * static_cast<double>(kDay.ns)); }
  /// Price of the underlying for the nearest expiry that states one; 0 where none does.
  double underlying() const {
    const auto at = std::ranges::find_if(options, [](const Listed& o) { return o.forward > 0; });
    return at == options.end() ? 0 : at->forward;
  }
  ToolOutput output(ValueObject result) const {
    ToolOutput out;
    out.result = Value(std::move(result));
    out.sources.push_back(source_of(*newest));
    return out;
  }
};

/// What the newest summary before the instant says; figures of options that are not in it are not mixed in.
std::expected<Chain, ToolError> chain_of(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  Chain chain{asset_name(context, (*instrument)->base), {}, nullptr, context.as_of.time};
  if (const auto any = known_observations(context, {.series = series::kOptionOpenInterest, .stale_after = kStale, .missing = kMissing}); !any)
    return std::unexpected(any.error());
  const TimeNs now = context.as_of.time;
  std::map<std::string_view, Listed> all;
  for (const auto& [series, figure] : {std::pair(series::kOptionOpenInterest, &Listed::open_interest), std::pair(series::kOptionVolume, &Listed::volume),
                                       std::pair(series::kOptionVolatility, &Listed::volatility), std::pair(series::kOptionForward, &Listed::forward)}) {
    TimeNs oldest{INT64_MIN};
    std::set<std::string_view> seen;
    for (const Observation* o : context.observations->known({.series = series, .as_of = now, .from = now - kStale, .until = now, .limit = kMostRows})) {
      const auto name = name_parts(o->subject, chain.asset);
      if (!name || name->expiry <= now) continue;
      // A summary is made within seconds; what is more than a minute older is of the one before.
      if (oldest.ns == INT64_MIN) oldest = o->event_time - kMinute;
      if (o->event_time < oldest) break;
      if (chain.newest == nullptr) chain.newest = o;
      // Newest first: where two summaries lie within a minute, the later one's figure has been taken.
      if (!seen.insert(o->subject).second) continue;
      Listed& listed = all[o->subject];
      listed.name = *name;
      listed.*figure = o->value.value_or(0);
    }
  }
  if (chain.newest == nullptr)
    return std::unexpected(tool_unavailable("no option of " + chain.asset + " is known at this instant; Deribit's public interface serves them"));
  for (const auto& [name, listed] : all) chain.options.push_back(listed);
  std::ranges::sort(chain.options, {}, [](const Listed& o) { return std::tuple(o.name.expiry, o.name.strike, o.name.kind); });
  return chain;
}

std::vector<options::OpenOption> open_options(const Chain& chain, std::optional<TimeNs> expiry = std::nullopt) {
  std::vector<options::OpenOption> out;
  for (const Listed& o : chain.options)
    if (!expiry || o.name.expiry == *expiry) out.push_back({{o.name.kind, o.name.strike, chain.years(o.name.expiry)}, o.volatility, o.open_interest, o.volume});
  return out;
}

constexpr ResultField kInterestResults[] = {{"asset", ResultType::text, "underlying coin"},
                                            {"calls", ResultType::number, "open interest of calls, base units"},
                                            {"puts", ResultType::number, "open interest of puts, base units"},
                                            {"strikes", ResultType::list, "{strike, calls, puts} with the largest open interest, at most 10, rising"},
                                            {"options", ResultType::integer, "options listed"}};

ToolResult run_get_options_oi(const ToolContext& context, const ToolArguments& arguments) {
  constexpr std::size_t kShown = 10;
  const auto chain = chain_of(context, arguments);
  if (!chain) return std::unexpected(chain.error());
  struct Sides {
    double strike = 0, calls = 0, puts = 0;
  };
  std::map<double, Sides> strikes;
  double calls = 0, puts = 0;
  for (const Listed& o : chain->options) {
    Sides& at = strikes[o.name.strike];
    at.strike = o.name.strike;
    const bool call = o.name.kind == options::OptionKind::call;
    (call ? at.calls : at.puts) += o.open_interest;
    (call ? calls : puts) += o.open_interest;
  }
  std::vector<Sides> top;
  for (const auto& [strike, sides] : strikes) top.push_back(sides);
  std::ranges::sort(top, {}, [](const Sides& s) { return std::pair(-(s.calls + s.puts), s.strike); });
  if (top.size() > kShown) top.resize(kShown);
  std::ranges::sort(top, {}, &Sides::strike);
  ValueList list;
  for (const Sides& s : top) list.emplace_back(ValueObject{{"strike", s.strike}, {"calls", s.calls}, {"puts", s.puts}});
  return chain->output(ValueObject{
      {"asset", chain->asset}, {"calls", calls}, {"puts", puts}, {"strikes", std::move(list)}, {"options", static_cast<std::int64_t>(chain->options.size())}});
}

constexpr ResultField kMaxPainResults[] = {{"asset", ResultType::text, "underlying coin"},
                                           {"strike", ResultType::number, "strike at which the buyers of the nearest expiry are paid least, USD"},
                                           {"distance_percent", ResultType::number, "from the underlying's price", ResultPresence::may_be_null},
                                           {"expiry", ResultType::time, "nearest expiry with open interest"}};

ToolResult run_get_max_pain(const ToolContext& context, const ToolArguments& arguments) {
  const auto chain = chain_of(context, arguments);
  if (!chain) return std::unexpected(chain.error());
  const auto first = std::ranges::find_if(chain->options, [](const Listed& o) { return o.open_interest > 0; });
  if (first == chain->options.end()) return std::unexpected(tool_unavailable("no option has open interest"));
  const auto pain = options::max_pain(open_options(*chain, first->name.expiry));
  if (!pain) return std::unexpected(parameter_error(pain.error()));
  return chain->output(ValueObject{{"asset", chain->asset},
                                   {"strike", pain->strike},
                                   {"distance_percent", chain->underlying() > 0 ? percent_from(pain->strike, chain->underlying()) : Value()},
                                   {"expiry", first->name.expiry}});
}

constexpr ResultField kRatioResults[] = {{"asset", ResultType::text, "underlying coin"},
                                         {"by_open_interest", ResultType::number, "puts over calls", ResultPresence::may_be_null},
                                         {"by_volume", ResultType::number, "puts over calls, last 24 hours", ResultPresence::may_be_null},
                                         {"call_volume", ResultType::number, "base units, last 24 hours"},
                                         {"put_volume", ResultType::number, "base units, last 24 hours"}};

ToolResult run_get_put_call_ratio(const ToolContext& context, const ToolArguments& arguments) {
  const auto chain = chain_of(context, arguments);
  if (!chain) return std::unexpected(chain.error());
  const auto ratio = options::put_call_ratio(open_options(*chain));
  if (!ratio) return std::unexpected(parameter_error(ratio.error()));
  return chain->output(ValueObject{{"asset", chain->asset},
                                   {"by_open_interest", number_or_null(ratio->by_open_interest)},
                                   {"by_volume", number_or_null(ratio->by_volume)},
                                   {"call_volume", ratio->call_volume},
                                   {"put_volume", ratio->put_volume}});
}

constexpr ResultField kGammaResults[] = {
    {"asset", ResultType::text, "underlying coin"},
    {"net", ResultType::number, "USD of the underlying that dealers trade when its price moves 1 %; they are taken to be long calls and short puts"},
    {"flip", ResultType::number, "price at which it changes sign, USD", ResultPresence::may_be_null},
    {"underlying", ResultType::number, "price of the underlying, USD"},
    {"strikes", ResultType::list, "{strike, net} with the largest exposure, at most 10, rising"}};

ToolResult run_get_gamma_exposure(const ToolContext& context, const ToolArguments& arguments) {
  constexpr std::size_t kShown = 10;
  const auto chain = chain_of(context, arguments);
  if (!chain) return std::unexpected(chain.error());
  auto open = open_options(*chain);
  std::erase_if(open, [](const options::OpenOption& o) { return !(o.volatility > 0) || !(o.open_interest > 0); });
  if (open.empty() || !(chain->underlying() > 0)) return std::unexpected(tool_unavailable("the summary states no volatilities or no price of the underlying"));
  const auto exposure = options::gamma_exposure(open, {.spot = chain->underlying()});
  if (!exposure) return std::unexpected(parameter_error(exposure.error()));
  std::vector<options::GammaAt> top = exposure->by_strike;
  std::ranges::sort(top, {}, [](const options::GammaAt& at) { return std::pair(-std::fabs(at.net()), at.strike); });
  if (top.size() > kShown) top.resize(kShown);
  std::ranges::sort(top, {}, &options::GammaAt::strike);
  ValueList list;
  for (const auto& at : top) list.emplace_back(ValueObject{{"strike", at.strike}, {"net", at.net()}});
  return chain->output(ValueObject{{"asset", chain->asset},
                                   {"net", exposure->net},
                                   {"flip", number_or_null(exposure->flip)},
                                   {"underlying", chain->underlying()},
                                   {"strikes", std::move(list)}});
}

constexpr ResultField kFlowResults[] = {
    {"asset", ResultType::text, "underlying coin"},
    {"since", ResultType::time, "the earliest trade counted; what was traded before it is not known, though it may be of the last 24 hours"},
    {"hours", ResultType::number, "from then to the instant of the call, at most 24"},
    {"calls_bought", ResultType::number, "by takers since then, base units"},
    {"calls_sold", ResultType::number, "base units"},
    {"puts_bought", ResultType::number, "base units"},
    {"puts_sold", ResultType::number, "base units"},
    {"largest", ResultType::list, "{time, option, size (negative: sold)}, largest first, at most 10"}};

ToolResult run_get_options_flow(const ToolContext& context, const ToolArguments& arguments) {
  constexpr std::size_t kShown = 10;
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  const std::string asset = asset_name(context, (*instrument)->base);
  const auto known = known_observations(context, {.series = series::kOptionTrade, .stale_after = kDay, .missing = kMissing, .limit = kMostRows});
  if (!known) return std::unexpected(known.error());
  std::array<double, 4> sums{};
  std::vector<const Observation*> trades;
  for (const Observation* o : *known) {
    const auto name = name_parts(o->subject, asset);
    if (!name || !o->value || context.as_of.time - o->event_time > kDay) continue;
    const double size = *o->value;
    sums[(name->kind == options::OptionKind::call ? 0U : 2U) + (size < 0 ? 1U : 0U)] += std::fabs(size);
    trades.push_back(o);
  }
  if (trades.empty())
    return std::unexpected(tool_unavailable("no trade of an option of " + asset + " in the last 24 hours is known; Deribit's public interface serves them"));
  // A fetch gives the newest trades only, which may reach back an hour on a busy day.
  const Observation* newest = trades.front();
  const TimeNs since = trades.back()->event_time;
  std::ranges::sort(trades, {}, [](const Observation* o) { return std::tuple(-std::fabs(*o->value), -o->event_time.ns, std::string_view(o->id)); });
  if (trades.size() > kShown) trades.resize(kShown);
  ValueList list;
  for (const Observation* o : trades) list.emplace_back(ValueObject{{"time", o->event_time}, {"option", o->subject}, {"size", *o->value}});
  ToolOutput out;
  out.result = Value(ValueObject{{"asset", asset},
                                 {"since", since},
                                 {"hours", static_cast<double>((context.as_of.time - since).ns) / static_cast<double>(kHour.ns)},
                                 {"calls_bought", sums[0]},
                                 {"calls_sold", sums[1]},
                                 {"puts_bought", sums[2]},
                                 {"puts_sold", sums[3]},
                                 {"largest", std::move(list)}});
  out.sources.push_back(source_of(*newest));
  return out;
}

constexpr ResultField kSurfaceResults[] = {
    {"asset", ResultType::text, "underlying coin"},
    {"expiries", ResultType::list,
     "{expiry, forward, at_the_money, put_90, call_110}: volatilities at the forward, 10 % below and above it, fractions a year; at most 12"},
    {"arbitrage", ResultType::integer, "violations of no-arbitrage among the marks, beyond 0.05 % of the forward"}};

ToolResult run_get_iv_surface(const ToolContext& context, const ToolArguments& arguments) {
  constexpr std::size_t kMostExpiries = 12;
  const auto chain = chain_of(context, arguments);
  if (!chain) return std::unexpected(chain.error());
  struct Column {
    TimeNs expiry{};
    double forward = 0;
    std::vector<double> strikes, volatilities;
  };
  std::vector<Column> columns;
  for (const Listed& o : chain->options) {
    if (!(o.forward > 0) || !(o.volatility > 0)) continue;
    // Of the two options of a strike the one out of the money: its price has the digits.
    if ((o.name.kind == options::OptionKind::call) != (o.name.strike >= o.forward)) continue;
    if (columns.empty() || columns.back().expiry != o.name.expiry) {
      if (columns.size() == kMostExpiries) break;
      columns.push_back({o.name.expiry, o.forward, {}, {}});
    }
    columns.back().strikes.push_back(o.name.strike);
    columns.back().volatilities.push_back(o.volatility);
  }
  if (columns.empty()) return std::unexpected(tool_unavailable("the summary states no volatilities"));
  std::vector<options::VolatilityColumn> spans;
  for (const Column& c : columns) spans.push_back({chain->years(c.expiry), c.forward, c.strikes, c.volatilities});
  const auto surface = options::surface_of(spans);
  if (!surface) return std::unexpected(parameter_error(surface.error()));
  ValueList list;
  for (const Column& c : columns) {
    const auto at = [&](double moneyness) {
      const auto volatility = options::volatility_at(*surface, {c.forward * moneyness, chain->years(c.expiry)});
      return volatility ? number_or_null(*volatility) : Value();
    };
    list.emplace_back(ValueObject{{"expiry", c.expiry}, {"forward", c.forward}, {"at_the_money", at(1.0)}, {"put_90", at(0.9)}, {"call_110", at(1.1)}});
  }
  const auto violations = options::find_arbitrage(*surface, {.price = 5e-4, .variance = 1e-4});
  return chain->output(ValueObject{{"asset", chain->asset}, {"expiries", std::move(list)}, {"arbitrage", static_cast<std::int64_t>(violations.size())}});
}

constexpr ToolCategory kDerivatives = ToolCategory::derivatives;
constexpr ToolSpec kTools[] = {
    {.name = "get_options_oi",
     .category = kDerivatives,
     .description = "Options open interest by strike, base units.",
     .arguments = kInstrumentOnly,
     .results = kInterestResults,
     .feed = {series::kOptionOpenInterest, "", "Deribit"},
     .run = run_get_options_oi},
    {.name = "get_max_pain",
     .category = kDerivatives,
     .description = "Strike at which option buyers are paid least, quote.",
     .arguments = kInstrumentOnly,
     .results = kMaxPainResults,
     .feed = {series::kOptionOpenInterest, "", "Deribit"},
     .run = run_get_max_pain},
    {.name = "get_put_call_ratio",
     .category = kDerivatives,
     .description = "Puts over calls, by open interest and volume.",
     .arguments = kInstrumentOnly,
     .results = kRatioResults,
     .feed = {series::kOptionOpenInterest, "", "Deribit"},
     .run = run_get_put_call_ratio},
    {.name = "get_gamma_exposure",
     .category = kDerivatives,
     .description = "Dealers' gamma by strike and the flip level.",
     .arguments = kInstrumentOnly,
     .results = kGammaResults,
     .feed = {series::kOptionVolatility, "", "Deribit"},
     .run = run_get_gamma_exposure},
    {.name = "get_options_flow",
     .category = kDerivatives,
     .description = "Option trades by the taker's side, base units: what is known of the last 24 hours, which may begin later (`since`).",
     .arguments = kInstrumentOnly,
     .results = kFlowResults,
     .feed = {series::kOptionTrade, "", "Deribit"},
     .run = run_get_options_flow},
    {.name = "get_iv_surface",
     .category = kDerivatives,
     .description = "Implied volatility by strike and expiry, fractions a year.",
     .arguments = kInstrumentOnly,
     .results = kSurfaceResults,
     .feed = {series::kOptionVolatility, "", "Deribit"},
     .run = run_get_iv_surface},
};

}  // namespace

std::span<const ToolSpec> derivatives_tools() { return kTools; }

}  // namespace prom
