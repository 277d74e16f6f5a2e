// Parsing with CLI11, and everything that commands need not care about: suggestions, the form of errors, --json, broken pipes.
#include "app/cli/cli.h"

#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <ostream>

#include "app/cli/command_builder.h"
#include "app/cli/command_doc.h"
#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/suggestion.h"
#include "app/cli/version.h"
#include "base/log.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr std::string_view kAbout = "Prometheus: an autonomous multi-agent crypto trading system. PAPER trading unless live is asked for.";

void add_globals(CommandBuilder& app, GlobalOptions& options) {
  app.add_flag_callback("--json", [&options] { options.format = OutputFormat::json; }, "One JSON document on stdout and nothing else; logs on stderr");
  app.add_option("--state", options.state, "State directory (else PROMTRADE_STATE, else $XDG_DATA_HOME/promtrade)").type_name("DIR");
  app.add_option("--config", options.config, "Configuration (else ./promtrade.toml, $XDG_CONFIG_HOME/promtrade/, /etc/promtrade/)").type_name("FILE");
  app.add_option("--env-file", options.env_file, "Environment file (else ./.env where there is one)").type_name("FILE");
  app.add_option("--tz", options.time_zone, "Time zone of times shown to people; JSON is always UTC").type_name("ZONE");
  app.add_option("--log-level", options.log_level, "Lowest level of log lines")
      .type_name("debug|info|warning|error")
      .check_one_of({"debug", "info", "warning", "error"});
}

void add_commands(CommandBuilder& app, CommandSink& sink) {
#ifdef PROM_APP_HAS_RUN
  add_run(app, sink);
  add_backtest(app, sink);
  add_host(app, sink);
#endif
#ifdef PROM_APP_HAS_RUNS
  add_runs(app, sink);
  add_runs_prune(app, sink);
  add_status(app, sink);
  add_report(app, sink);
#endif
  add_data(app, sink);
  add_feeds(app, sink);
  add_events(app, sink);
  add_agents(app, sink);
#ifdef PROM_APP_HAS_RUNS
  add_explain(app, sink);
#endif
  add_tools(app, sink);
#ifdef PROM_APP_HAS_RUNS
  add_tool_stats(app, sink);
#endif
  add_strategies(app, sink);
  add_health(app, sink);
  add_migrate(app, sink);
  add_check_config(app, sink);
  add_keys(app, sink);
  add_completion(app, sink);
  add_man(app, sink);
  add_reference(app, sink);
  add_version(app, sink);
}

/// A group such as `data` is nothing by itself.
void require_leaves(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    if (!command->get_subcommands([](CLI::App*) { return true; }).empty()) command->require_subcommand(1);
    require_leaves(*command);
  }
}

const CLI::App& deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

bool is_group(const CLI::App& app) {
  return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

std::string full_name(const CLI::App& app) { return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name(); }

/// "did you mean" among the commands or options that could stand here, else where to look.
std::string suggestion(const CLI::App& at, const CommandDoc& root, const std::string& word) {
  std::vector<std::string> words;
  for (const std::string_view part : split(full_name(at), ' ')) words.emplace_back(part);
  const CommandDoc& here = find_command(root, {words.begin() + 1, words.end()});
  std::vector<std::string_view> candidates;
  if (word.starts_with('-')) {
    for (const auto* list : {&here.options, &root.options}) {
      for (const OptionDoc& option : *list) candidates.push_back(option.names.front());
    }
  } else {
    for (const CommandDoc& inner : here.commands) candidates.push_back(inner.name);
  }
  return suggestion_of(word, candidates, "see: " + full_name(at) + " --help");
}

CommandError usage_error(const CLI::App& app, const CommandDoc& root, const CLI::ParseError& error) {
  const CLI::App& at = deepest(app);
  const auto extras = app.remaining(true);
  const bool group = is_group(at);
  if (!extras.empty() && (group || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)) {
    const std::string& word = extras.front();
    const std::string kind = word.starts_with('-') ? "option" : group ? "command" : "argument";
    return {ExitCode::usage, "unknown_" + kind, full_name(at) + " knows no " + kind + " '" + word + "'", suggestion(at, root, word), {}};
  }
  if (group) return {ExitCode::usage, "command_missing", full_name(at) + " needs a command", "see: " + full_name(at) + " --help", {}};
  std::string message = error.what();
  std::ranges::replace(message, '\n', ' ');
  return {ExitCode::usage, "bad_command_line", full_name(at) + ": " + message, "see: " + full_name(at) + " --help", {}};
}

/// Every error says what can be done about it. Where the command knows nothing better, its help names what it takes.
CommandError with_hint(const AppContext& context, CommandError error) {
  if (!error.hint.empty()) return error;
  const bool defect = error.exit == ExitCode::broken_invariant;
  error.hint = defect ? "it is a defect of this program; please report it with the command" : "see: " + context.command + " --help";
  return error;
}

int fail(AppContext& context, CommandError failed) {
  const CommandError error = with_hint(context, std::move(failed));
  if (context.json()) {
    ValueObject document{{"error", ValueObject{{"code", Value(error.code)}, {"message", Value(error.message)}, {"hint", Value(error.hint)}}}};
    document.insert(document.end(), error.details.begin(), error.details.end());
    context.print(Value(std::move(document)));
  } else {
    context.err << "promtrade: " << printable(error.message) << "\n  " << printable(error.hint) << '\n';
  }
  return static_cast<int>(error.exit);
}

/// Whether stdout is a pipe that nobody reads any more. A failed write does not tell: its errno is gone by the time that the stream says so.
bool reader_is_gone() {
  pollfd out{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

/// Results that did not reach their reader are no success, unless the reader went away on purpose (`| head`).
int finish(AppContext& context, int code) {
  context.out.flush();
  if (context.out.good() || code != 0 || reader_is_gone()) return code;
  context.err << "promtrade: stdout cannot be written; is the disk full?\n";
  return static_cast<int>(ExitCode::outside_away);
}

/// A value that is there and empty, as after `--cash "$UNSET"`: taking the default instead would be silent. Options that may stand alone are left out.
const CLI::Option* empty_option(const CLI::App& app) {
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      const auto& values = option->results();
      if (option->nonpositional() && option->get_items_expected_min() > 0 && std::ranges::find(values, std::string()) != values.end()) return option;
    }
  }
  return nullptr;
}

/// The same as "--cash=": the parser would take the next word for the value.
std::string empty_assignment(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1) return std::string(word.substr(0, word.size() - 1));
  }
  return {};
}

/// The same after an option that may stand alone, as in `run --replay "$UNSET"`: the parser tells that from one without a value no more than from none.
std::string empty_choice(const CLI::App& app, int argc, const char* const* argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i + 1][0] != '\0') continue;
    for (const CLI::Option* option : app.get_options())
      if (option->get_items_expected_min() == 0 && option->get_items_expected_max() > 0 && option->check_name(argv[i])) return option->get_name();
  }
  return {};
}

/// `promtrade help data import` is `promtrade data import --help`.
std::vector<const char*> help_as_option(int argc, const char* const* argv) {
  std::vector<const char*> words(argv, argv + argc);
  if (argc < 2 || std::strcmp(argv[1], "help") != 0) return words;
  words.erase(words.begin() + 1);
  words.push_back("--help");
  return words;
}

CommandError empty_value(const std::string& option) {
  return {ExitCode::usage, "empty_value", option + " is given an empty value", "leave it out, or give it one", {}};
}

int dispatch(AppContext& context, const CommandSink& sink) {
  set_log_level(LogLevel::warning);
  const auto zoned = context.use_time_zone();
  if (!zoned) return fail(context, zoned.error());
  const CommandResult result = sink.chosen(context);
  return result ? static_cast<int>(*result) : fail(context, result.error());
}

}  // namespace

namespace {

int parse_and_run(AppContext& context, int argc, const char* const* argv) {
  // Known before parsing: an error of parsing must already have the right form.
  if (std::any_of(argv, argv + argc, [](const char* word) { return std::strcmp(word, "--json") == 0; })) context.options.format = OutputFormat::json;
  CommandSink sink{context, {}};
  CLI::App app{std::string(kAbout), "promtrade"};
  app.fallthrough();
  app.set_help_flag("-h,--help", "This help");
  app.footer(
      "  promtrade run --replay                     paper trading on bundled market data\n"
      "  promtrade backtest --strategy breakout     one strategy over the same data\n"
      "  promtrade tools call rsi --json            what one tool answers");
  bool version_wanted = false;
  CommandBuilder program(app);
  program.add_flag("--version", version_wanted, "The version, in one line");
  add_globals(program, context.options);
  add_commands(program, sink);
  app.require_subcommand(0, 1);
  require_leaves(app);
  const CommandDoc root = describe_commands(program);
  if (const std::string option = empty_assignment(argc, argv); !option.empty()) return finish(context, fail(context, empty_value(option)));
  const std::vector<const char*> words = help_as_option(argc, argv);
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::CallForHelp& wanted) {
    // `promtrade dta --help` asks for something that does not exist; the root's help would hide that.
    if (is_group(deepest(app)) && !app.remaining(true).empty()) return finish(context, fail(context, usage_error(app, root, wanted)));
    std::vector<std::string> path;
    for (const std::string_view part : split(full_name(deepest(app)), ' ')) path.emplace_back(part);
    context.out << help_text(find_command(root, {path.begin() + 1, path.end()}), root);
    return finish(context, 0);
  } catch (const CLI::ParseError& error) {
    return finish(context, fail(context, usage_error(app, root, error)));
  }
  context.command = full_name(deepest(app));
  if (const CLI::Option* option = empty_option(deepest(app))) return finish(context, fail(context, empty_value(option->get_name())));
  if (const std::string option = empty_choice(deepest(app), argc, argv); !option.empty()) return finish(context, fail(context, empty_value(option)));
  if (version_wanted && !context.json()) {
    context.out << "promtrade " << version_info().version << '\n';
    return finish(context, 0);
  }
  if (version_wanted) sink.chosen = print_version;
  if (!sink.chosen && context.json())
    return finish(context, fail(context, {ExitCode::usage, "command_missing", "promtrade needs a command", "see: promtrade --help", {}}));
  if (!sink.chosen) {
    context.out << help_text(root, root);
    return finish(context, 0);
  }
  return finish(context, dispatch(context, sink));
}

}  // namespace

int run_command_line(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  AppContext context(out, err);
  try {
    return parse_and_run(context, argc, argv);
  } catch (const std::exception& error) {
    return finish(context, fail(context, {ExitCode::broken_invariant,
                                          "unexpected",
                                          std::string("this should not happen: ") + error.what(),
                                          "it is a defect of this program; please report it with the command",
                                          {}}));
  }
}

}  // namespace prom
