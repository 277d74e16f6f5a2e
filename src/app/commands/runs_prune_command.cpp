// runs prune: options, the table of what goes and what stays, and the removal once it was agreed to.
#include <memory>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/run/run_prune.h"

namespace prom {
namespace {

struct PruneOptions {
  std::uint32_t keep = 0;  ///< 0: not given
  std::string older_than;
  bool dry_run = false, yes = false;
};

std::expected<PruneRule, CommandError> rule_of(AppContext& context, const PruneOptions& options) {
  PROM_TRY(const Config* config, context.config());
  PruneRule rule;
  if (options.keep > 0) rule.keep = options.keep;
  if (!options.older_than.empty()) rule.older_than = *parse_interval(options.older_than);
  if (!rule.any()) rule = prune_rule(*config);
  if (!rule.any())
    return std::unexpected(CommandError{ExitCode::usage,
                                        "no_rule",
                                        "nothing says which runs may go: everything is kept",
                                        "write --keep N or --older-than 30d, or set [runs] keep or keep_days",
                                        {}});
  return rule;
}

Value value_of(const PrunableRun& run) {
  return ValueObject{{"name", run.name},
                     {"kind", run.kind == KeptAs::registered ? "registered" : "set_aside"},
                     {"path", run.path},
                     {"at", run.at},
                     {"bytes", static_cast<std::int64_t>(run.bytes)},
                     {"stays", run.why_it_stays.empty() ? Value() : Value(run.why_it_stays)}};
}

ValueList values_of(const std::vector<PrunableRun>& runs) {
  ValueList out;
  for (const PrunableRun& run : runs) out.push_back(value_of(run));
  return out;
}

void print_plan(AppContext& context, const std::vector<PrunableRun>& plan) {
  TextTable table({{"run"}, {"last written"}, {"size", Align::right}, {"goes, or why it stays"}});
  for (const PrunableRun& run : plan)
    table.add({run.name, context.time(run.at).substr(0, 16), size_in_words(run.bytes), run.why_it_stays.empty() ? "goes" : run.why_it_stays});
  table.print(context.out);
}

std::string sum_of(std::size_t runs, std::uint64_t bytes) { return std::to_string(runs) + (runs == 1 ? " run, " : " runs, ") + size_in_words(bytes); }

CommandResult prune_runs(AppContext& context, const PruneOptions& options) {
  PROM_TRY(const PruneRule rule, rule_of(context, options));
  PROM_TRY(const StatePaths paths, context.state());
  PROM_TRY(const std::vector<PrunableRun> plan, plan_prune(paths, rule, wall_clock()));
  std::size_t going = 0;
  std::uint64_t bytes = 0;
  for (const PrunableRun& run : plan) {
    if (!run.why_it_stays.empty()) continue;
    ++going;
    bytes += run.bytes;
  }
  if (!context.json() && !plan.empty()) print_plan(context, plan);
  if (!options.dry_run && !options.yes && going > 0)
    return std::unexpected(CommandError{ExitCode::refused,
                                        "not_confirmed",
                                        "this would remove " + sum_of(going, bytes) + ", for ever",
                                        "add --yes to remove them, or --dry-run to only look",
                                        {{"runs", values_of(plan)}}});
  Pruned done;
  if (!options.dry_run && going > 0) {
    PROM_TRY(done, prune(paths, plan));
  }
  if (context.json()) {
    context.print(ValueObject{{"dry_run", options.dry_run},
                              {"runs", values_of(plan)},
                              {"would_remove", static_cast<std::int64_t>(going)},
                              {"would_free_bytes", static_cast<std::int64_t>(bytes)},
                              {"removed", values_of(done.removed)},
                              {"freed_bytes", static_cast<std::int64_t>(done.bytes)}});
  } else if (going == 0) {
    context.out << "Nothing goes: " << (plan.empty() ? "no runs are kept in " + paths.root : "every run stays") << ".\n";
  } else if (options.dry_run) {
    context.out << "Would remove " << sum_of(going, bytes) << ".\n";
  } else {
    context.out << "Removed " << sum_of(done.removed.size(), done.bytes) << ".\n";
  }
  return ExitCode::done;
}

}  // namespace

void add_runs_prune(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.subcommand("runs").add_subcommand(
      "prune", "Remove runs that are done: kept ones and those that were set aside. What can be continued or is in use stays, and so does the present run.");
  auto options = std::make_shared<PruneOptions>();
  command.add_option("--keep", options->keep, "The newest N stay, of each kind (else as [runs] keep says)").type_name("N").check_range({1, 1'000'000});
  command.add_option("--older-than", options->older_than, "Younger ones stay: 12h, 30d; with --keep both must let it go (else as [runs] keep_days says)")
      .type_name("TIME")
      .check([](const std::string& text) -> std::optional<std::string> {
        if (parse_interval(text)) return std::nullopt;
        return "'" + text + "' is not a length of time such as 12h or 30d";
      });
  command.add_flag("--dry-run", options->dry_run, "Only say what would go");
  command.add_flag("--yes", options->yes, "Remove it");
  command.footer("  promtrade runs prune --older-than 30d --dry-run\n  promtrade runs prune --keep 20 --yes --json");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return prune_runs(context, *options); }; });
}

}  // namespace prom
