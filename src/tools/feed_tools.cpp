// Sentiment, on-chain, macro and derivatives: all but funding sentiment need outside feeds; each says which source would serve it. Constant data.
#include <cmath>
#include <utility>

#include "tools/market_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr ArgSpec kInstrumentOnly[] = {kInstrumentArg};
constexpr std::span<const ArgSpec> kNoArgs{};

constexpr ResultField kFundingSentimentResults[] = {
    {"rate", ResultType::number, "fraction per funding interval; positive = longs pay"},
    {"sentiment", ResultType::text, "crowded_long, long, neutral, short or crowded_short"},
    {"annualised_percent", ResultType::number, "rate over a year, not compounded"},
    {"provenance", ResultType::text, "venue: recorded by the venue; assumed: our assumption, which says nothing about the market"}};

/// Above the venues' usual base rate of 0.01 % in 8 h longs pay more than interest; at five times that the side is crowded. Our convention.
std::string_view sentiment_of(double rate_8h) {
  if (rate_8h >= 0.0005) return "crowded_long";
  if (rate_8h > 0.0001) return "long";
  if (rate_8h <= -0.0005) return "crowded_short";
  if (rate_8h < 0) return "short";
  return "neutral";
}

ToolResult run_get_funding_sentiment(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kInstrumentOnly, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  if ((*instrument)->payoff == Payoff::spot) return std::unexpected(tool_unavailable("spot has no funding", "ask for a perpetual future"));
  const auto funding = context.market->funding((*instrument)->ix, context.as_of.time);
  if (!funding || !std::isfinite(funding->rate)) return std::unexpected(tool_unavailable("no funding rate is known at this instant"));
  const DurationNs interval = (*instrument)->funding_interval.ns > 0 ? (*instrument)->funding_interval : kHour * 8;
  const double hours = static_cast<double>(interval.ns) / static_cast<double>(kHour.ns);
  const bool assumed = funding->provenance == Provenance::assumed;
  ToolOutput out;
  out.result = Value(ValueObject{{"rate", funding->rate},
                                 {"sentiment", assumed ? std::string_view("neutral") : sentiment_of(funding->rate * 8.0 / hours)},
                                 {"annualised_percent", 100.0 * funding->rate * 365 * 24 / hours},
                                 {"provenance", assumed ? "assumed" : "venue"}});
  out.sources.push_back({context.market->source((*instrument)->ix) + (assumed ? ", funding assumed" : ", funding"), funding->time});
  return out;
}

constexpr ToolCategory kSentiment = ToolCategory::sentiment;
constexpr ToolSpec kSentimentTools[] = {
    {.name = "get_fear_greed",
     .category = kSentiment,
     .description = "Crypto fear and greed index, 0 to 100.",
     .arguments = kNoArgs,
     .unavailable = "no sentiment feed in this installation; alternative.me's fear and greed index serves it"},
    {.name = "get_social_sentiment",
     .category = kSentiment,
     .description = "Mood of social posts, -1 to 1.",
     .arguments = kInstrumentOnly,
     .unavailable = "no social feed in this installation; LunarCrush, Santiment or Reddit serve it"},
    {.name = "get_news",
     .category = kSentiment,
     .description = "Recent headlines with their sentiment.",
     .arguments = kInstrumentOnly,
     .unavailable = "no news feed in this installation; the RSS feeds of CoinDesk, CoinTelegraph and The Block serve it"},
    {.name = "get_trending",
     .category = kSentiment,
     .description = "Coins most looked for.",
     .arguments = kNoArgs,
     .unavailable = "no trending feed in this installation; CoinGecko serves it"},
    {.name = "get_funding_sentiment",
     .category = kSentiment,
     .description = "Which side is crowded, by the funding rate (fraction per interval).",
     .arguments = kInstrumentOnly,
     .results = kFundingSentimentResults,
     .run = run_get_funding_sentiment},
};

constexpr std::string_view kChain = "no on-chain feed in this installation; Glassnode or Santiment serve it, each with a key";
constexpr ToolCategory kOnChain = ToolCategory::on_chain;
constexpr ToolSpec kOnChainTools[] = {
    {.name = "get_whale_movements", .category = kOnChain, .description = "Large transfers, base units.", .arguments = kInstrumentOnly, .unavailable = kChain},
    {.name = "get_exchange_flows",
     .category = kOnChain,
     .description = "Flows into and out of venues, base units a day.",
     .arguments = kInstrumentOnly,
     .unavailable = kChain},
    {.name = "get_miner_reserves",
     .category = kOnChain,
     .description = "Coins held by miners, base units.",
     .arguments = kInstrumentOnly,
     .unavailable = kChain},
    {.name = "get_active_addresses", .category = kOnChain, .description = "Active addresses a day.", .arguments = kInstrumentOnly, .unavailable = kChain},
    {.name = "get_nvt_ratio", .category = kOnChain, .description = "Network value to transactions.", .arguments = kInstrumentOnly, .unavailable = kChain},
    {.name = "get_sopr", .category = kOnChain, .description = "Spent output profit ratio.", .arguments = kInstrumentOnly, .unavailable = kChain},
    {.name = "get_mvrv", .category = kOnChain, .description = "Market value to realised value.", .arguments = kInstrumentOnly, .unavailable = kChain},
    {.name = "get_realized_pnl",
     .category = kOnChain,
     .description = "Realised profit and loss of holders, USD a day.",
     .arguments = kInstrumentOnly,
     .unavailable = kChain},
    {.name = "get_stablecoin_flows",
     .category = kOnChain,
     .description = "Stablecoin flows into venues, USD a day.",
     .arguments = kNoArgs,
     .unavailable = kChain},
};

constexpr ToolCategory kMacro = ToolCategory::macro;
constexpr ToolSpec kMacroTools[] = {
    {.name = "get_economic_calendar",
     .category = kMacro,
     .description = "Scheduled economic releases.",
     .arguments = kNoArgs,
     .unavailable = "no economic calendar in this installation; a calendar feed serves it"},
    {.name = "get_fed_rate",
     .category = kMacro,
     .description = "Federal funds rate, percent a year.",
     .arguments = kNoArgs,
     .unavailable = "no macro feed in this installation; FRED (series DFEDTARU) serves it, with a key"},
    {.name = "get_fed_watch",
     .category = kMacro,
     .description = "Odds of the next rate decision.",
     .arguments = kNoArgs,
     .unavailable = "no rate-odds feed in this installation; CME FedWatch serves it"},
    {.name = "get_cpi",
     .category = kMacro,
     .description = "US consumer prices, percent a year.",
     .arguments = kNoArgs,
     .unavailable = "no macro feed in this installation; FRED (series CPIAUCSL) serves it, with a key"},
    {.name = "get_pmi",
     .category = kMacro,
     .description = "Purchasing managers' index.",
     .arguments = kNoArgs,
     .unavailable = "no macro feed in this installation; an economic calendar serves it"},
    {.name = "get_macro_impact",
     .category = kMacro,
     .description = "Expected impact of the next releases.",
     .arguments = kNoArgs,
     .unavailable = "no economic calendar in this installation; a calendar feed serves it"},
};

constexpr std::string_view kOptions = "no options feed in this installation; Deribit's public interface serves it";
constexpr ToolCategory kDerivatives = ToolCategory::derivatives;
constexpr ToolSpec kDerivativesTools[] = {
    {.name = "get_options_oi",
     .category = kDerivatives,
     .description = "Options open interest by strike, contracts.",
     .arguments = kInstrumentOnly,
     .unavailable = kOptions},
    {.name = "get_max_pain",
     .category = kDerivatives,
     .description = "Strike at which option buyers lose most, quote.",
     .arguments = kInstrumentOnly,
     .unavailable = kOptions},
    {.name = "get_put_call_ratio",
     .category = kDerivatives,
     .description = "Puts over calls, by open interest and volume.",
     .arguments = kInstrumentOnly,
     .unavailable = kOptions},
    {.name = "get_gamma_exposure",
     .category = kDerivatives,
     .description = "Dealers' gamma by strike and the flip level.",
     .arguments = kInstrumentOnly,
     .unavailable = kOptions},
    {.name = "get_options_flow", .category = kDerivatives, .description = "Recent option trades.", .arguments = kInstrumentOnly, .unavailable = kOptions},
    {.name = "get_iv_surface",
     .category = kDerivatives,
     .description = "Implied volatility by strike and expiry, fractions a year.",
     .arguments = kInstrumentOnly,
     .unavailable = kOptions},
};

}  // namespace

std::span<const ToolSpec> sentiment_tools() { return kSentimentTools; }
std::span<const ToolSpec> on_chain_tools() { return kOnChainTools; }
std::span<const ToolSpec> macro_tools() { return kMacroTools; }
std::span<const ToolSpec> derivatives_tools() { return kDerivativesTools; }

}  // namespace prom
