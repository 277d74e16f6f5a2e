// runs list, show, diff; report; agents explain: what the registry of runs has kept.
#include <cmath>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>

#include "agents/explain.h"
#include "app/cli/command_builder.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/version.h"
#include "app/commands/decision_document.h"
#include "app/run/run_ledger.h"
#include "app/run/run_state.h"
#include "base/text.h"
#include "research/registry/run_registry.h"
#include "research/registry/stored_run.h"
#include "research/report/report.h"

namespace prom {
namespace {

/// Names that nobody has kept are mistakes of the command line; a damaged run is bad input.
CommandError run_error(const Error& error) {
  const bool name = error.code == "run_not_found" || error.code == "run_ambiguous" || error.code == "decision_not_found";
  return command_error(name ? ExitCode::usage : ExitCode::input_data, error);
}

CommandResult list_runs(AppContext& context) {
  PROM_TRY(const StatePaths state, context.state());
  const auto runs = RunRegistry(state.root).list();
  if (!runs) return std::unexpected(run_error(runs.error()));
  if (context.json()) {
    context.out << runs_to_json(*runs) << '\n';
    return ExitCode::done;
  }
  if (runs->empty()) {
    context.out << "No runs are kept in " << state.runs() << " yet.\n";
    return ExitCode::done;
  }
  TextTable table({{"run"}, {"kind"}, {"decider"}, {"mode"}, {"days", Align::right}, {"trades", Align::right}, {"net", Align::right}, {"digest"}});
  for (const RunEntry& run : *runs) {
    if (run.fault) {
      table.add({run.run_id, "damaged", run.fault->message, "", "", "", "", ""});
    } else {
      table.add({run.run_id, run.kind, run.decider, run.mode, std::to_string(std::lround(run.days)), std::to_string(run.trades), run.net + " " + run.quote,
                 run.digest.substr(0, 12)});
    }
  }
  table.print(context.out);
  return ExitCode::done;
}

CommandResult show_run(AppContext& context, const std::string& name) {
  PROM_TRY(const StatePaths state, context.state());
  const RunRegistry registry(state.root);
  if (context.json()) {
    if (const auto sound = registry.entry(name); !sound) return std::unexpected(run_error(sound.error()));
    const auto text = registry.show_json(name);
    if (!text) return std::unexpected(run_error(text.error()));
    context.out << text->substr(0, text->find_last_not_of('\n') + 1) << '\n';
    return ExitCode::done;
  }
  const auto run = registry.entry(name);
  if (!run) return std::unexpected(run_error(run.error()));
  context.out << run->mode << " " << run->kind << " " << run->run_id << " by " << run->decider << ", " << run->from << " to " << run->to << "\nnet " << run->net
              << " " << run->quote << ", " << run->trades << " trades, " << run->decisions << " decisions\n";
  TextTable table({{"digest"}, {"SHA-256"}});
  table.add({"fills", run->digest});
  for (const auto& [what, hex] :
       {std::pair("binary", run->digests.binary), std::pair("configuration", run->digests.configuration), std::pair("data", run->digests.data),
        std::pair("strategy", run->digests.strategy), std::pair("prompts", run->digests.prompts)}) {
    if (!hex.empty()) table.add({what, hex});
  }
  table.print(context.out);
  context.out << "folder " << registry.folder_of(run->run_id) << '\n';
  return ExitCode::done;
}

std::string side_text(AppContext& context, const std::optional<DecisionDifference::Side>& side) {
  if (!side) return "no decision";
  return std::string(name_of(side->action)) + " " + side->instrument + " at " + context.time(side->time) + " (decision " + std::to_string(side->id.v) + ")";
}

CommandResult diff_runs(AppContext& context, const std::string& a, const std::string& b) {
  PROM_TRY(const StatePaths state, context.state());
  const auto diff = RunRegistry(state.root).diff(a, b);
  if (!diff) return std::unexpected(run_error(diff.error()));
  if (context.json()) {
    context.out << diff_to_json(*diff) << '\n';
    return ExitCode::done;
  }
  context.out << "a " << diff->a.run_id << ", net " << diff->a.net << " " << diff->a.quote << "\nb " << diff->b.run_id << ", net " << diff->b.net << " "
              << diff->b.quote << '\n';
  std::string parts;
  for (const RunPart part : diff->differing) parts += (parts.empty() ? "" : ", ") + std::string(name_of(part));
  context.out << "made from different: " << (parts.empty() ? "nothing" : parts) << '\n';
  if (diff->first_decision) {
    context.out << "first differing decision, number " << diff->first_decision->index << ":\n  a " << side_text(context, diff->first_decision->a) << "\n  b "
                << side_text(context, diff->first_decision->b) << '\n';
  } else {
    context.out << (diff->a.decisions + diff->b.decisions == 0 ? "neither run took a decision\n" : "every decision is the same\n");
  }
  if (diff->first_fill) {
    context.out << "first differing fill, number " << diff->first_fill->index << ":\n  a " << diff->first_fill->a.value_or("no fill") << "\n  b "
                << diff->first_fill->b.value_or("no fill") << '\n';
  } else {
    context.out << "every fill is the same\n";
  }
  return ExitCode::done;
}

CommandResult make_report(AppContext& context, const std::string& name, const std::string& path) {
  PROM_TRY(const StatePaths state, context.state());
  const RunRegistry registry(state.root);
  const auto entry = registry.entry(name);
  if (!entry) return std::unexpected(run_error(entry.error()));
  const auto run = registry.load(name);
  if (!run) return std::unexpected(run_error(run.error()));
  ReportOptions options;
  options.candles = run->candles;
  options.command = "promtrade report " + entry->run_id;
  options.version = std::string(version_info().version);
  if (const auto created = parse_rfc3339(entry->created_at)) options.created_at = *created;
  options.digests = {{"binary", run->digests.binary},
                     {"configuration", run->digests.configuration},
                     {"data", run->digests.data},
                     {"strategy", run->digests.strategy},
                     {"prompts", run->digests.prompts}};
  const std::string target = path.empty() ? registry.folder_of(entry->run_id) + "/report.html" : path;
  if (const auto written = write_report(target, run->result, options); !written) return std::unexpected(command_error(ExitCode::outside_away, written.error()));
  if (context.json()) {
    context.print(ValueObject{{"run_id", entry->run_id}, {"report", target}});
  } else {
    context.out << target << '\n';
  }
  return ExitCode::done;
}

struct Explained {
  DecisionRecord record;
  std::string instrument;
};

std::expected<Explained, CommandError> decision_of_run(const RunRegistry& registry, DecisionId id, const std::string& run) {
  const auto name = registry.resolve(run);
  if (!name) return std::unexpected(run_error(name.error()));
  const auto record = registry.find_decision(id, *name);
  if (!record) return std::unexpected(run_error(record.error()));
  const auto stored = registry::read_result(registry.folder_of(*name) + "/result.bin");
  if (!stored) return std::unexpected(run_error(stored.error()));
  const auto& instruments = stored->result.instruments;
  return Explained{*record, record->instrument.v < instruments.size() ? instrument_code(instruments[record->instrument.v]) : ""};
}

/// What the running or last `run` has projected into its ledger, where no run is kept yet.
std::expected<std::optional<Explained>, CommandError> decision_of_ledger(AppContext& context, DecisionId id) {
  PROM_TRY(const StatePaths paths, context.state());
  const auto state = load_run_state(paths);
  if (!state) return std::unexpected(state.error());
  if (!*state) return std::nullopt;
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  std::error_code missing;
  if ((*config)->text("POSTGRES_HOST").empty() && !std::filesystem::exists(paths.ledger(), missing)) return std::nullopt;
  const auto failed = [](const StoreError& error) { return std::unexpected(CommandError{ExitCode::outside_away, "ledger", error.detail, error.hint, {}}); };
  const auto opened = open_run_ledger(context, paths, (*state)->ledger);
  if (!opened) return std::unexpected(opened.error());
  const auto& ledger = opened->ledger;
  const auto record = ledger->decision(id);
  if (!record) return failed(record.error());
  if (!*record) return std::nullopt;
  const auto instruments = ledger->instruments();
  if (!instruments) return failed(instruments.error());
  const std::size_t ix = (*record)->instrument.v;
  return Explained{**record, ix < instruments->size() ? instrument_code((*instruments)[ix]) : ""};
}

struct ExplainOptions {
  std::uint64_t id = 0;
  std::string run;
};

CommandResult explain_decision(AppContext& context, const ExplainOptions& options) {
  PROM_TRY(const StatePaths state, context.state());
  const RunRegistry registry(state.root);
  auto found = decision_of_run(registry, DecisionId{options.id}, options.run.empty() ? "latest" : options.run);
  if (!found && options.run.empty()) {
    PROM_TRY(std::optional<Explained> live, decision_of_ledger(context, DecisionId{options.id}));
    if (live) found = std::move(*live);
  }
  if (!found) return std::unexpected(found.error());
  if (context.json()) {
    context.print(decision_document(found->record, found->instrument));
  } else {
    context.out << found->instrument << " at " << context.time(found->record.as_of.time) << '\n' << explain(found->record);
  }
  return ExitCode::done;
}

}  // namespace

void add_runs(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder group = app.add_subcommand("runs", "Every run is kept, with what it was made from.");
  CommandBuilder list = group.add_subcommand("list", "Kept runs, oldest first.");
  list.footer("  promtrade runs list --json");
  list.callback([&sink] { sink.chosen = list_runs; });

  CommandBuilder show = group.add_subcommand("show", "One run: its result and the digests of binary, configuration, data, strategy and prompts.");
  auto name = std::make_shared<std::string>("latest");
  show.add_option("run", *name, "Id, the beginning of one, or latest").type_name("RUN");
  show.footer("  promtrade runs show latest --json");
  show.callback([&sink, name] { sink.chosen = [name](AppContext& context) { return show_run(context, *name); }; });

  CommandBuilder diff = group.add_subcommand("diff", "What two runs were made from, and the first decision and fill in which they differ.");
  auto two = std::make_shared<std::pair<std::string, std::string>>();
  diff.add_option("a", two->first, "Id, the beginning of one, or latest").required().type_name("RUN");
  diff.add_option("b", two->second, "The other one").required().type_name("RUN");
  diff.footer("  promtrade runs diff 20250601-120000-000 latest --json");
  diff.callback([&sink, two] { sink.chosen = [two](AppContext& context) { return diff_runs(context, two->first, two->second); }; });
}

void add_report(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.add_subcommand("report", "Write the HTML report of a kept run again; prints where.");
  auto options = std::make_shared<std::pair<std::string, std::string>>("latest", "");
  command.add_option("run", options->first, "Id, the beginning of one, or latest").type_name("RUN");
  command.add_option("--out", options->second, "Where to (else beside the record of the run)").type_name("FILE");
  command.footer("  promtrade report\n  promtrade report latest --out report.html --json");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return make_report(context, options->first, options->second); }; });
}

void add_explain(CommandBuilder& app, CommandSink& sink) {
  CommandBuilder command = app.subcommand("agents").add_subcommand("explain", "Why the desk decided as it did: every agent, tool call, number and step.");
  auto options = std::make_shared<ExplainOptions>();
  command.add_option("id", options->id, "Number of the decision, as reports and logs show it")
      .required()
      .type_name("ID")
      .check([](const std::string& text) -> std::optional<std::string> {
        if (parse_i64(text).value_or(0) > 0) return std::nullopt;
        return "'" + text + "' is not the number of a decision";
      });
  command.add_option("--run", options->run, "Of which run (else the latest kept one, else the ledger of the running instance)").type_name("RUN");
  command.footer("  promtrade agents explain 42\n  promtrade agents explain 42 --run latest --json");
  command.callback([&sink, options] { sink.chosen = [options](AppContext& context) { return explain_decision(context, *options); }; });
}

}  // namespace prom
