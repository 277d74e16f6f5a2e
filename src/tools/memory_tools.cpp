// Memories, closed trades and the market's regime as tools. Storing proposes a memory, the caller posts it. Pure over its context; any thread.
#include <algorithm>
#include <cmath>
#include <utility>

#include "analysis/regime/market_regime.h"
#include "tools/indicator_tool.h"
#include "tools/journal_access.h"

namespace prom {

namespace {

constexpr std::string_view kKinds[] = {"observation", "decision", "trade", "lesson", "regime", "pattern"};
/// A memory becomes collective by three trades that bear it out, not by asking.
constexpr std::string_view kScopes[] = {"user", "agent"};
constexpr std::string_view kRegimes[] = {"trend_up", "trend_down", "range", "breakout", "volatile", "accumulation", "distribution"};
constexpr ResultField kStored[] = {{"status", ResultType::text, "what happens next"}, {"kind", ResultType::text, "of the memory"}};
constexpr ArgSpec kTextArg = required(text_arg("text", "what to remember, in words", 2000));
constexpr ArgSpec kImportanceArg = number_arg("importance", "0 to 1", 0, 1, 0.5);

ToolOutput noted(const ToolContext& context, Memory memory) {
  memory.created_at = context.as_of.time;
  if (context.account != nullptr) memory.user = context.account->account.user;
  ToolOutput out;
  out.result = Value(ValueObject{{"status", "noted; kept once the engine has recorded it"}, {"kind", name_of(memory.kind)}});
  out.sources.push_back({"memory", context.as_of.time});
  out.actions.emplace_back(MemoryNoted{std::move(memory)});
  return out;
}

constexpr ArgSpec kStoreArgs[] = {required(choice_arg("kind", "what it is", kKinds)),
                                  kTextArg,
                                  kImportanceArg,
                                  kInstrumentArg,
                                  choice_arg("scope", "who may read it", kScopes, "user"),
                                  number_arg("expires_hours", "hours until it is forgotten; default: never", 1, 8760)};
ToolResult run_store_memory(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kStoreArgs, arguments.object);
  Memory memory;
  memory.kind = parse_memory_kind(args.text("kind")).value_or(MemoryKind::observation);
  memory.scope = args.text("scope") == "agent" ? MemoryScope::agent : MemoryScope::user;
  memory.text = std::string(args.text("text"));
  memory.importance = args.number("importance");
  if (args.has("instrument")) {
    const auto instrument = pick_instrument(context, args);
    if (!instrument) return std::unexpected(instrument.error());
    memory.instrument = (*instrument)->ix;
  }
  if (args.has("expires_hours"))
    memory.expires_at = context.as_of.time + DurationNs{static_cast<std::int64_t>(args.number("expires_hours") * 3600.0) * kSecond.ns};
  return noted(context, std::move(memory));
}

constexpr ArgSpec kSearchArgs[] = {required(text_arg("query", "what to look for, in words", 500)), choice_arg("kind", "only this kind", kKinds),
                                   integer_arg("limit", "most hits to give, best first", 1, 20, 5)};
constexpr ResultField kSearchResults[] = {{"count", ResultType::integer, "hits given"},
                                          {"hits", ResultType::list, "best first: id, kind, text, score, importance, validations, created_at"}};
ToolResult run_search_memory(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kSearchArgs, arguments.object);
  if (context.memory == nullptr) return std::unexpected(tool_unavailable("no memory is attached to this call", "agents have one while a run is going on"));
  MemoryQuery query;
  query.text = std::string(args.text("query"));
  if (args.has("kind")) query.kind = parse_memory_kind(args.text("kind"));
  if (context.account != nullptr) query.user = context.account->account.user;
  query.now = context.as_of.time;
  query.limit = static_cast<std::uint32_t>(args.integer("limit"));
  ValueList hits;
  TimeNs newest{};
  const MemoryAnswer answer = context.memory->search(query);
  if (!answer) return std::unexpected(tool_unavailable(answer.error(), "go on without memories, or ask again later"));
  for (const MemoryHit& hit : *answer) {
    const Memory& memory = *hit.memory;
    // The index may be ahead of this instant; what is remembered later is not known yet.
    if (memory.created_at > context.as_of.time || (memory.expires_at && *memory.expires_at <= context.as_of.time)) continue;
    newest = std::max(newest, memory.created_at);
    hits.emplace_back(ValueObject{{"id", static_cast<std::int64_t>(memory.id)},
                                  {"kind", name_of(memory.kind)},
                                  {"text", memory.text},
                                  {"score", number_or_null(hit.score)},
                                  {"importance", number_or_null(memory.importance)},
                                  {"validations", static_cast<std::int64_t>(memory.validations)},
                                  {"created_at", memory.created_at}});
  }
  ToolOutput out;
  const auto count = static_cast<std::int64_t>(hits.size());
  out.result = Value(ValueObject{{"count", count}, {"hits", std::move(hits)}});
  out.sources.push_back({"memory", count > 0 ? newest : context.as_of.time});
  return out;
}

constexpr ArgSpec kHistoryArgs[] = {kInstrumentArg, text_arg("decider", "only this strategy, or agents", 64),
                                    integer_arg("limit", "most trades to give, newest first", 1, 100, 10)};
constexpr ResultField kHistoryResults[] = {
    {"count", ResultType::integer, "closed trades that match"},
    {"trades", ResultType::list, "newest first: trade, instrument, side, decider, opened_at, closed_at, quantity, entry, exit, net, exit_reason"}};
ToolResult run_get_trade_history(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kHistoryArgs, arguments.object);
  const auto found = closed_trades(context, args);
  if (!found) return std::unexpected(found.error());
  ValueList trades;
  for (auto entry = found->rbegin(); entry != found->rend() && trades.size() < args.count("limit"); ++entry) {
    trades.emplace_back(describe_trade(context, **entry));
  }
  ToolOutput out;
  out.result = Value(ValueObject{{"count", static_cast<std::int64_t>(found->size())}, {"trades", std::move(trades)}});
  out.sources.push_back(journal_source(context, *found));
  return out;
}

constexpr ArgSpec kRegimeArgs[] = {kInstrumentArg, kTimeframeArg};
constexpr ResultField kRegimeResults[] = {
    {"regime", ResultType::text, "trend_up, trend_down, range, breakout, volatile, accumulation or distribution"},
    {"candidate", ResultType::text, "what the rules say of the newest bar alone"},
    {"bars_in_regime", ResultType::integer, "1 on the bar that began it"},
    {"adx", ResultType::number, "strength of trend, 0..100", ResultPresence::may_be_null},
    {"slope", ResultType::number, "of the close, in average true ranges a bar", ResultPresence::may_be_null},
    {"volatility_rank", ResultType::number, "share of recent bars that were calmer, 0..1", ResultPresence::may_be_null},
    {"relative_volume", ResultType::number, "volume over its recent mean; null where nothing was traded", ResultPresence::may_be_null},
    {"money_flow", ResultType::number, "Chaikin's, -1..1; null where nothing was traded", ResultPresence::may_be_null}};
ToolResult run_get_market_regime(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kRegimeArgs, arguments.object);
  constexpr std::size_t kNeeded = 114, kRead = 600;  // the operator's warm-up with its defaults; hysteresis settles well within the rest
  auto run = run_indicator<regime::MarketRegime>(context, args, arguments.series, {}, {kNeeded, Depends::stretch, kRead});
  if (!run) return std::unexpected(run.error());
  const regime::RegimeValue& now = run->now;
  const regime::RegimeFeatures& f = now.features;
  ValueObject result{{"regime", regime::name_of(now.regime)},
                     {"candidate", regime::name_of(now.candidate)},
                     {"bars_in_regime", static_cast<std::int64_t>(now.bars_in_regime)},
                     {"adx", number_or_null(f.adx)},
                     {"slope", number_or_null(f.slope)},
                     {"volatility_rank", number_or_null(f.volatility_rank)},
                     {"relative_volume", number_or_null(f.relative_volume)},
                     {"money_flow", number_or_null(f.money_flow)}};
  return output_of(context, std::move(*run), std::move(result));
}

constexpr ArgSpec kStoreRegimeArgs[] = {kInstrumentArg, required(choice_arg("regime", "what the market does", kRegimes)),
                                        number_arg("confidence", "0 to 1", 0, 1, 0.5), text_arg("text", "why, in words", 1000)};
ToolResult run_store_market_regime(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kStoreRegimeArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  Memory memory;
  memory.kind = MemoryKind::regime;
  memory.scope = MemoryScope::user;
  memory.instrument = (*instrument)->ix;
  memory.importance = args.number("confidence");
  memory.text = (*instrument)->symbol + " regime " + std::string(args.text("regime"));
  if (args.has("text")) memory.text += ": " + std::string(args.text("text"));
  return noted(context, std::move(memory));
}

constexpr ToolCategory kMemory = ToolCategory::memory;
constexpr ToolSpec kTools[] = {
    {.name = "store_memory",
     .category = kMemory,
     .access = ToolAccess::proposing,
     .description = "Notes an observation, decision, lesson or pattern.",
     .arguments = kStoreArgs,
     .results = kStored,
     .run = run_store_memory},
    {.name = "search_memory",
     .category = kMemory,
     .description = "Looks for memories by words, recency and importance.",
     .arguments = kSearchArgs,
     .results = kSearchResults,
     .feed = kRunMemoryNeed,
     .run = run_search_memory},
    {.name = "get_trade_history",
     .category = kMemory,
     .description = "Closed trades, newest first; money in the settle asset.",
     .arguments = kHistoryArgs,
     .results = kHistoryResults,
     .feed = kRunTradesNeed,
     .run = run_get_trade_history},
    {.name = "get_market_regime",
     .category = kMemory,
     .description = "The market's regime by stated rules with hysteresis, from bars. In a series regime and candidate are numbers: 0 trend_up, 1 trend_down, 2 "
                    "range, 3 breakout, "
                    "4 volatile, 5 accumulation, 6 distribution.",
     .arguments = kRegimeArgs,
     .results = kRegimeResults,
     .run = run_get_market_regime},
    {.name = "store_market_regime",
     .category = kMemory,
     .access = ToolAccess::proposing,
     .description = "Notes the regime that an agent sees.",
     .arguments = kStoreRegimeArgs,
     .results = kStored,
     .run = run_store_market_regime},
};

}  // namespace

std::span<const ToolSpec> memory_tools() { return kTools; }

}  // namespace prom
