// On-chain: figures of a coin's chain by Glassnode or Santiment, the newest with its change against the one before. Pure functions; any thread.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tools/account_access.h"
#include "tools/market_access.h"
#include "tools/observation_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr ArgSpec kInstrumentOnly[] = {kInstrumentArg};
constexpr std::span<const ArgSpec> kNoArgs{};
constexpr std::string_view kMissing = "no on-chain feed in this installation; Glassnode or Santiment serve it, each with a key";
/// Daily figures come out after their day: the newest speaks of the day before, and a provider may be a day late.
constexpr DurationNs kStale = kDay * 4;

std::expected<std::string, ToolError> coin_of(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  return asset_name(context, (*instrument)->base);
}

constexpr ResultField kFigureResults[] = {{"asset", ResultType::text, "the coin"},
                                          {"value", ResultType::number, "newest figure, in the unit of the tool"},
                                          {"previous", ResultType::number, "the figure before", ResultPresence::may_be_null},
                                          {"change_percent", ResultType::number, "against the figure before", ResultPresence::may_be_null},
                                          {"time", ResultType::time, "beginning of the period that it speaks of"}};

ToolResult figure(const ToolContext& context, const ToolArguments& arguments, std::string_view series) {
  const auto coin = coin_of(context, arguments);
  if (!coin) return std::unexpected(coin.error());
  const auto known = known_observations(context, {.series = series, .subject = *coin, .stale_after = kStale, .missing = kMissing, .limit = 8});
  if (!known) return std::unexpected(known.error());
  const Observation& now = *known->front();
  // Two providers count differently: only the same one's earlier word compares.
  const Observation* before = nullptr;
  for (const Observation* o : *known)
    if (before == nullptr && o->source == now.source && o->event_time < now.event_time) before = o;
  ToolOutput out;
  out.result = Value(ValueObject{{"asset", *coin},
                                 {"value", now.value.value_or(0)},
                                 {"previous", before != nullptr ? number_or_null(before->value) : Value()},
                                 {"change_percent", before != nullptr ? percent_from(now.value.value_or(0), before->value.value_or(0)) : Value()},
                                 {"time", now.event_time}});
  out.sources.push_back(source_of(now));
  return out;
}

template <const std::string_view& Series>
ToolResult run_figure(const ToolContext& context, const ToolArguments& arguments) {
  return figure(context, arguments, Series);
}

constexpr ResultField kFlowResults[] = {{"asset", ResultType::text, "the coin"},
                                        {"inflow", ResultType::number, "coins into exchanges in the period"},
                                        {"outflow", ResultType::number, "coins out of exchanges in the period"},
                                        {"net", ResultType::number, "inflow less outflow; positive: coins that may be sold"},
                                        {"time", ResultType::time, "beginning of the period"}};

ToolResult run_exchange_flows(const ToolContext& context, const ToolArguments& arguments) {
  const auto coin = coin_of(context, arguments);
  if (!coin) return std::unexpected(coin.error());
  const auto inflow =
      known_observations(context, {.series = series::kExchangeInflow, .subject = *coin, .stale_after = kStale, .missing = kMissing, .limit = 16});
  if (!inflow) return std::unexpected(inflow.error());
  const auto outflow =
      known_observations(context, {.series = series::kExchangeOutflow, .subject = *coin, .stale_after = kStale, .missing = kMissing, .limit = 16});
  if (!outflow) return std::unexpected(outflow.error());
  // Both sides of one period by one provider, the newest there is.
  for (const Observation* in : *inflow) {
    for (const Observation* gone : *outflow) {
      if (in->event_time != gone->event_time || in->source != gone->source) continue;
      const double into = in->value.value_or(0), from = gone->value.value_or(0);
      ToolOutput out;
      out.result = Value(ValueObject{{"asset", *coin}, {"inflow", into}, {"outflow", from}, {"net", into - from}, {"time", in->event_time}});
      out.sources.push_back(source_of(*in));
      out.sources.push_back(source_of(*gone));
      return out;
    }
  }
  return std::unexpected(ToolError{ToolErrorCode::not_enough_data, "no period is known in both directions", "fetch inflow and outflow of the same days"});
}

constexpr ResultField kStablecoinResults[] = {
    {"net", ResultType::number, "USD into exchanges less USD out of them, the newest period of each stablecoin at hand"},
    {"coins", ResultType::list, "{asset, net, time}: the newest of each, time the beginning of its period"},
    {"time", ResultType::time, "beginning of the newest period counted"},
    {"oldest", ResultType::time, "beginning of the oldest period counted"}};

bool is_stablecoin(std::string_view coin) { return coin.find("USD") != std::string_view::npos || coin == "DAI"; }

ToolResult run_stablecoin_flows(const ToolContext& context, const ToolArguments&) {
  constexpr std::size_t kMostCoins = 20, kMostRows = 4'000;
  const auto known = known_observations(context, {.series = series::kStablecoinNetFlow, .stale_after = kStale, .missing = kMissing, .limit = kMostRows});
  if (!known) return std::unexpected(known.error());
  // Providers are late by coin: each coin's newest period counts as long as it is fresh by itself, and the result says from when it is.
  const TimeNs since = context.as_of.time - kStale;
  double net = 0;
  ValueList coins;
  std::vector<const Observation*> counted;  // newest first
  for (const Observation* o : *known) {
    if (o->event_time < since || counted.size() == kMostCoins) break;
    if (!is_stablecoin(o->subject) || !o->value || std::ranges::find(counted, o->subject, &Observation::subject) != counted.end()) continue;
    counted.push_back(o);
    net += *o->value;
    coins.emplace_back(ValueObject{{"asset", o->subject}, {"net", *o->value}, {"time", o->event_time}});
  }
  if (counted.empty())
    return std::unexpected(tool_unavailable("no flow of a stablecoin since " + format_rfc3339(since) + " is known", "fetch the metric for USDT or USDC"));
  const Observation &newest = *counted.front(), &oldest = *counted.back();
  ToolOutput out;
  out.result = Value(ValueObject{{"net", net}, {"coins", std::move(coins)}, {"time", newest.event_time}, {"oldest", oldest.event_time}});
  out.sources.push_back(source_of(newest));
  if (oldest.event_time != newest.event_time) out.sources.push_back(source_of(oldest));
  return out;
}

constexpr ToolCategory kOnChain = ToolCategory::on_chain;
constexpr ToolSpec kTools[] = {
    {.name = "get_whale_movements",
     .category = kOnChain,
     .description = "Transfers above 1 M USD in a day, count.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kWhaleTransfers, "", "Santiment"},
     .run = run_figure<series::kWhaleTransfers>},
    {.name = "get_exchange_flows",
     .category = kOnChain,
     .description = "Flows into and out of venues, base units a day.",
     .arguments = kInstrumentOnly,
     .results = kFlowResults,
     .feed = {series::kExchangeInflow, "", "Glassnode, Santiment"},
     .run = run_exchange_flows},
    {.name = "get_miner_reserves",
     .category = kOnChain,
     .description = "Coins held by miners, base units.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kMinerBalance, "", "Glassnode"},
     .run = run_figure<series::kMinerBalance>},
    {.name = "get_active_addresses",
     .category = kOnChain,
     .description = "Active addresses a day.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kActiveAddresses, "", "Glassnode, Santiment"},
     .run = run_figure<series::kActiveAddresses>},
    {.name = "get_nvt_ratio",
     .category = kOnChain,
     .description = "Network value to transactions, ratio.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kNvt, "", "Glassnode, Santiment"},
     .run = run_figure<series::kNvt>},
    {.name = "get_sopr",
     .category = kOnChain,
     .description = "Spent output profit ratio; above 1: coins moved at a profit.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kSopr, "", "Glassnode"},
     .run = run_figure<series::kSopr>},
    {.name = "get_mvrv",
     .category = kOnChain,
     .description = "Market value to realised value, ratio.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kMvrv, "", "Glassnode, Santiment"},
     .run = run_figure<series::kMvrv>},
    {.name = "get_realized_pnl",
     .category = kOnChain,
     .description = "Realised profit and loss of holders, USD a day.",
     .arguments = kInstrumentOnly,
     .results = kFigureResults,
     .feed = {series::kRealisedPnl, "", "Glassnode, Santiment"},
     .run = run_figure<series::kRealisedPnl>},
    {.name = "get_stablecoin_flows",
     .category = kOnChain,
     .description = "Stablecoin flows into venues, USD a day, of each coin's newest day.",
     .arguments = kNoArgs,
     .results = kStablecoinResults,
     .feed = {series::kStablecoinNetFlow, "", "Glassnode"},
     .run = run_stablecoin_flows},
};

}  // namespace

std::span<const ToolSpec> on_chain_tools() { return kTools; }

}  // namespace prom
