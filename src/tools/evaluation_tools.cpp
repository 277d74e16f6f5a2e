// Figures of strategies from closed trades, and the decision log. The judgement follows PRODUCT's rule for probation and disabling. Pure; any thread.
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "analysis/statistics/intervals.h"
#include "tools/journal_access.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr ArgSpec kDeciderArg = text_arg("decider", "only this strategy, or agents", 64);

constexpr std::size_t kProbationTrades = 10;
constexpr std::size_t kDisableTrades = 30;

/// After 10 trades: probation when win rate < 35 %, profit factor < 0.8 or expectancy < 0. From 30 trades: disabled when the 90 % upper bound of the
/// expectancy after costs is below zero. A low win rate alone never disables.
std::string_view judgement_of(const TradeList& trades, const statistics::TradeSummary& summary) {
  if (summary.trades < kProbationTrades) return "too_few_trades";
  if (summary.trades >= kDisableTrades) {
    std::vector<double> profits;
    for (const JournalEntry* entry : trades) profits.push_back(entry->net.to_double());
    const auto bound = statistics::mean_upper_bound_t(profits, 0.90);
    if (bound && *bound < 0) return "disable";
  }
  const bool failing = summary.win_rate.value_or(0) < 0.35 || summary.profit_factor.value_or(1) < 0.8 || summary.expectancy.value_or(0) < 0;
  return failing ? "probation" : "ok";
}

constexpr ResultField kStatsFields[] = {{"trades", ResultType::integer, "closed trades"},
                                        {"net", ResultType::amount, "after fees and funding, settle asset"},
                                        {"fees", ResultType::amount, "paid"},
                                        {"funding", ResultType::amount, "received (+) or paid (-)"},
                                        {"win_rate", ResultType::number, "wins over trades", ResultPresence::may_be_null},
                                        {"average_win", ResultType::number, "settle asset", ResultPresence::may_be_null},
                                        {"average_loss", ResultType::number, "settle asset, positive", ResultPresence::may_be_null},
                                        {"profit_factor", ResultType::number, "gross profit over gross loss; null without a loss", ResultPresence::may_be_null},
                                        {"expectancy", ResultType::number, "mean net a trade, settle asset", ResultPresence::may_be_null},
                                        {"sqn", ResultType::number, "system quality number (Tharp)", ResultPresence::may_be_null},
                                        {"max_drawdown", ResultType::amount, "of the running net, settle asset"},
                                        {"judgement", ResultType::text, "too_few_trades, ok, probation or disable, by the product's rule"}};
ValueObject stats_of(const TradeList& trades) {
  const TradeFigures figures = figures_of(trades);
  const auto& s = figures.summary;
  return {{"trades", static_cast<std::int64_t>(s.trades)},
          {"net", figures.net},
          {"fees", figures.fees},
          {"funding", figures.funding},
          {"win_rate", number_or_null(s.win_rate)},
          {"average_win", number_or_null(s.average_win)},
          {"average_loss", number_or_null(s.average_loss)},
          {"profit_factor", number_or_null(s.profit_factor)},
          {"expectancy", number_or_null(s.expectancy)},
          {"sqn", number_or_null(s.sqn)},
          {"max_drawdown", figures.max_drawdown},
          {"judgement", judgement_of(trades, s)}};
}

constexpr ArgSpec kStatsArgs[] = {kDeciderArg, kInstrumentArg};
ToolResult run_get_strategy_stats(const ToolContext& context, const ToolArguments& arguments) {
  const auto trades = closed_trades(context, ToolArgs(kStatsArgs, arguments.object));
  if (!trades) return std::unexpected(trades.error());
  ToolOutput out;
  out.result = Value(stats_of(*trades));
  out.sources.push_back(journal_source(context, *trades));
  return out;
}

constexpr std::string_view kActions[] = {"hold", "open_long", "open_short", "add", "reduce", "close", "move_stop"};
constexpr ArgSpec kLogArgs[] = {kInstrumentArg, required(choice_arg("action", "what was decided", kActions)),
                                required(text_arg("reasoning", "why, in words", 2000)), number_arg("confidence", "0 to 1", 0, 1, 0.5)};
constexpr ResultField kLogResults[] = {{"status", ResultType::text, "what happens next"}, {"action", ResultType::text, "what was decided"}};
ToolResult run_log_trade_decision(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kLogArgs, arguments.object);
  const auto instrument = pick_instrument(context, args);
  if (!instrument) return std::unexpected(instrument.error());
  Memory memory;
  memory.kind = MemoryKind::decision;
  memory.instrument = (*instrument)->ix;
  memory.importance = args.number("confidence");
  memory.text = (*instrument)->symbol + " " + std::string(args.text("action")) + ": " + std::string(args.text("reasoning"));
  memory.created_at = context.as_of.time;
  if (context.account != nullptr) memory.user = context.account->account.user;
  ToolOutput out;
  out.result = Value(ValueObject{{"status", "noted; kept once the engine has recorded it"}, {"action", args.text("action")}});
  out.sources.push_back({"memory", context.as_of.time});
  out.actions.emplace_back(MemoryNoted{std::move(memory)});
  return out;
}

constexpr ArgSpec kJournalArgs[] = {kInstrumentArg, kDeciderArg, integer_arg("limit", "most entries to give, newest first", 1, 50, 5)};
constexpr ResultField kJournalResults[] = {{"count", ResultType::integer, "entries that match"},
                                           {"entries", ResultType::list, "as get_trade_history, with risked, best_excursion, worst_excursion and lesson"}};
ToolResult run_get_trade_journal(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kJournalArgs, arguments.object);
  const auto trades = closed_trades(context, args);
  if (!trades) return std::unexpected(trades.error());
  ValueList entries;
  for (auto entry = trades->rbegin(); entry != trades->rend() && entries.size() < args.count("limit"); ++entry) {
    ValueObject object = describe_trade(context, **entry);
    object.emplace_back("risked", (*entry)->risked);
    object.emplace_back("best_excursion", (*entry)->best_excursion);
    object.emplace_back("worst_excursion", (*entry)->worst_excursion);
    object.emplace_back("lesson", (*entry)->lesson);
    entries.emplace_back(std::move(object));
  }
  ToolOutput out;
  out.result = Value(ValueObject{{"count", static_cast<std::int64_t>(trades->size())}, {"entries", std::move(entries)}});
  out.sources.push_back(journal_source(context, *trades));
  return out;
}

constexpr ArgSpec kLastArgs[] = {kInstrumentArg, kDeciderArg, integer_arg("count", "how many of the newest trades", 1, 1000, 20)};
constexpr ResultField kLastResults[] = {{"stats", ResultType::object, "as get_strategy_stats, of these trades"},
                                        {"average_r", ResultType::number, "mean of net over the loss risked, where that is known", ResultPresence::may_be_null},
                                        {"exits", ResultType::list, "{reason, trades, net} by how the trades ended"}};
ToolResult run_evaluate_last_trades(const ToolContext& context, const ToolArguments& arguments) {
  const ToolArgs args(kLastArgs, arguments.object);
  auto trades = closed_trades(context, args);
  if (!trades) return std::unexpected(trades.error());
  if (trades->size() > args.count("count")) trades->erase(trades->begin(), trades->end() - static_cast<std::ptrdiff_t>(args.count("count")));
  struct Exit {
    std::int64_t trades = 0;
    Decimal net;
  };
  std::map<std::string_view, Exit> exits;
  double r_sum = 0;
  std::size_t r_count = 0;
  for (const JournalEntry* entry : *trades) {
    Exit& exit = exits[entry->exit_reason];
    ++exit.trades;
    exit.net += entry->net;
    if (!entry->risked.is_positive()) continue;
    r_sum += entry->net.to_double() / entry->risked.to_double();
    ++r_count;
  }
  ValueList list;
  for (const auto& [reason, exit] : exits) list.emplace_back(ValueObject{{"reason", reason}, {"trades", exit.trades}, {"net", exit.net}});
  ToolOutput out;
  out.result = Value(ValueObject{
      {"stats", stats_of(*trades)}, {"average_r", r_count > 0 ? number_or_null(r_sum / static_cast<double>(r_count)) : Value()}, {"exits", std::move(list)}});
  out.sources.push_back(journal_source(context, *trades));
  return out;
}

constexpr ArgSpec kRankArgs[] = {integer_arg("limit", "most strategies to give", 1, 20, 3),
                                 integer_arg("min_trades", "fewest closed trades to be ranked", 1, 1000, 10)};
constexpr ResultField kRankResults[] = {{"strategies", ResultType::list, "by expectancy: {decider, and the members of get_strategy_stats}"},
                                        {"ranked", ResultType::integer, "strategies with enough trades"},
                                        {"too_few_trades", ResultType::integer, "strategies left out for too few trades"}};
enum class RankOrder : std::uint8_t { best_first, worst_first };
ToolResult rank(const ToolContext& context, const ToolArguments& arguments, RankOrder order) {
  const ToolArgs args(kRankArgs, arguments.object);
  const auto trades = closed_trades(context, args);
  if (!trades) return std::unexpected(trades.error());
  std::map<std::string_view, TradeList> by_decider;
  for (const JournalEntry* entry : *trades) by_decider[entry->decider].push_back(entry);
  struct Ranked {
    std::string_view decider;
    const TradeList* trades;
    Decimal expectancy;  // exact, so that equal figures are equal whatever order the trades came in
  };
  std::vector<Ranked> ranked;
  std::int64_t too_few = 0;
  for (const auto& [decider, list] : by_decider) {
    if (list.size() < args.count("min_trades")) {
      ++too_few;
      continue;
    }
    ranked.push_back({decider, &list, div(figures_of(list).net, Decimal::from_int(static_cast<std::int64_t>(list.size())), Round::half_even)});
  }
  std::ranges::sort(ranked, [&](const Ranked& a, const Ranked& b) {
    if (a.expectancy != b.expectancy) return order == RankOrder::best_first ? a.expectancy > b.expectancy : a.expectancy < b.expectancy;
    return a.decider < b.decider;
  });
  ValueList list;
  for (const Ranked& one : ranked) {
    if (list.size() >= args.count("limit")) break;
    ValueObject object{{"decider", one.decider}};
    for (auto& member : stats_of(*one.trades)) object.push_back(std::move(member));
    list.emplace_back(std::move(object));
  }
  ToolOutput out;
  out.result = Value(ValueObject{{"strategies", std::move(list)}, {"ranked", static_cast<std::int64_t>(ranked.size())}, {"too_few_trades", too_few}});
  out.sources.push_back(journal_source(context, *trades));
  return out;
}
ToolResult run_get_best_strategies(const ToolContext& context, const ToolArguments& arguments) { return rank(context, arguments, RankOrder::best_first); }
ToolResult run_get_worst_strategies(const ToolContext& context, const ToolArguments& arguments) { return rank(context, arguments, RankOrder::worst_first); }

constexpr ToolCategory kEvaluation = ToolCategory::evaluation;
constexpr ToolSpec kTools[] = {
    {.name = "get_strategy_stats",
     .category = kEvaluation,
     .description = "Win rate, profit factor, expectancy and drawdown of closed trades.",
     .arguments = kStatsArgs,
     .results = kStatsFields,
     .feed = kRunTradesNeed,
     .run = run_get_strategy_stats},
    {.name = "log_trade_decision",
     .category = kEvaluation,
     .access = ToolAccess::proposing,
     .description = "Notes a decision and its reasoning.",
     .arguments = kLogArgs,
     .results = kLogResults,
     .run = run_log_trade_decision},
    {.name = "get_trade_journal",
     .category = kEvaluation,
     .description = "Journal of closed trades with excursions and lessons.",
     .arguments = kJournalArgs,
     .results = kJournalResults,
     .feed = kRunTradesNeed,
     .run = run_get_trade_journal},
    {.name = "evaluate_last_trades",
     .category = kEvaluation,
     .description = "Figures of the newest closed trades, by how they ended.",
     .arguments = kLastArgs,
     .results = kLastResults,
     .feed = kRunTradesNeed,
     .run = run_evaluate_last_trades},
    {.name = "get_best_strategies",
     .category = kEvaluation,
     .description = "Strategies with the highest expectancy a trade.",
     .arguments = kRankArgs,
     .results = kRankResults,
     .feed = kRunTradesNeed,
     .run = run_get_best_strategies},
    {.name = "get_worst_strategies",
     .category = kEvaluation,
     .description = "Strategies with the lowest expectancy a trade.",
     .arguments = kRankArgs,
     .results = kRankResults,
     .feed = kRunTradesNeed,
     .run = run_get_worst_strategies},
};

}  // namespace

std::span<const ToolSpec> evaluation_tools() { return kTools; }

}  // namespace prom
