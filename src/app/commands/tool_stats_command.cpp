// tools stats: options and the table.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/commands/tool_stats.h"

namespace prom {
namespace {

std::string share_of(std::uint64_t part, std::uint64_t whole) { return part == 0 ? "-" : std::to_string((part * 100 + whole / 2) / whole) + " %"; }

std::string day_text(TimeNs day) { return format_rfc3339(day).substr(0, 10); }

std::vector<std::string> cells_of(const ToolStat& stat) {
  const bool measured = stat.took_total.ns > 0;
  const DurationNs average{measured ? stat.took_total.ns / static_cast<std::int64_t>(stat.ran()) : 0};
  return {std::to_string(stat.calls),
          share_of(stat.cached, stat.calls),
          share_of(stat.failures(), stat.calls),
          measured ? duration_in_words(average) : "-",
          measured ? duration_in_words(stat.took_longest) : "-",
          failures_in_words(stat)};
}

CommandResult show_stats(AppContext& context, const ToolStatsOptions& options) {
  PROM_TRY(const ToolStats stats, tool_stats_of_run(context, options));
  if (context.json()) {
    context.print(document_of(stats, options));
    return ExitCode::done;
  }
  if (stats.rows.empty()) {
    context.out << (stats.place.empty() ? "No run whose agents call tools is held in " + context.named_state().root
                                        : "No such calls are counted in " + stats.place)
                << " yet.\n";
    return ExitCode::done;
  }
  std::vector<Column> columns{{"tool"},
                              {"agent"},
                              {"calls", Align::right},
                              {"cached", Align::right},
                              {"failed", Align::right},
                              {"average", Align::right},
                              {"longest", Align::right},
                              {"why it failed"}};
  if (options.by_day) columns.insert(columns.begin(), Column{"day"});
  TextTable table(std::move(columns));
  const auto add = [&](const std::string& day, const std::string& tool, const std::string& agent, const ToolStat& stat) {
    std::vector<std::string> cells{tool, agent};
    if (options.by_day) cells.insert(cells.begin(), day);
    for (std::string& cell : cells_of(stat)) cells.push_back(std::move(cell));
    table.add(std::move(cells));
  };
  for (const ToolStat& stat : stats.rows) add(day_text(stat.day), stat.tool, std::string(name_of(stat.agent)), stat);
  add("", "all", "", stats.total);
  table.print(context.out);
  context.out << "Days " << day_text(stats.from) << " to " << day_text(stats.to) << " of the market's clock (UTC), from " << stats.place << ".\n";
  return ExitCode::done;
}

}  // namespace

void add_tool_stats(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.subcommand("tools").add_subcommand("stats", "What the agents of this run asked: calls, answers from memory, failures, times.");
  auto options = std::make_shared<ToolStatsOptions>();
  command.add_option("--tool", options->tool, "Only this one").type_name("NAME");
  command.add_option("--agent", options->agent, "Only of this agent").type_name("NAME");
  command.add_option("--days", options->days, "Only the newest so many days (else all)").type_name("N").check_range({1, 36'500});
  command.add_flag("--by-day", options->by_day, "A row for each day, newest first");
  command.footer("  promtrade tools stats\n  promtrade tools stats --agent market_analyst --days 7\n  promtrade tools stats --tool rsi --by-day --json");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return show_stats(context, *options); }; });
}

}  // namespace prom
