// What every command of the command line shares: where it writes, how it fails, where state, configuration and assets lie. A command is a function
// `add_<name>(CommandBuilder&, CommandSink&)` that registers a subcommand (command_builder.h); the chosen one is run once parsing is over. Main thread only.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/config/config.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/value.h"

namespace prom {

class CommandBuilder;

/// The exit codes of docs/cli.md.
enum class ExitCode : std::uint8_t {
  done = 0,
  check_failed = 1,  ///< a check found a failure
  usage = 2,         ///< command line or configuration
  input_data = 3,
  outside_away = 4,  ///< server, network, busy port, disk
  refused = 5,       ///< for safety
  broken_invariant = 6,
  shutdown_forced = 7,  ///< or timed out
  sigint = 130,         ///< stopped by signal after a clean shutdown
  sigterm = 143
};

/// Why a command failed, as it is shown: `promtrade: message` and `hint` on stderr, or {"error":{"code","message","hint"}} on stdout under --json.
struct CommandError {
  ExitCode exit = ExitCode::usage;
  std::string code;     ///< stable snake_case word
  std::string message;  ///< one sentence: what, where, value, limit
  std::string hint;     ///< what to do about it; may be empty
  ValueObject details;  ///< further members of the JSON document beside "error"; may be empty
};
/// The same from an Error of the lower floors.
CommandError command_error(ExitCode exit, const Error& error);
/// The member `problems` of a document about a bad configuration.
ValueList problem_list(std::span<const ConfigProblem> problems);

/// What a finished command answers: its exit code, or why it failed.
using CommandResult = std::expected<ExitCode, CommandError>;

enum class OutputFormat : std::uint8_t { text, json };
enum class Colours : std::uint8_t { off, on };
enum class Terminal : std::uint8_t { no, yes };

/// Options that every command takes, before or after its name.
struct GlobalOptions {
  OutputFormat format = OutputFormat::text;
  std::string state;      ///< --state; empty = PROMTRADE_STATE, else $XDG_DATA_HOME/promtrade, else ~/.local/share/promtrade
  std::string config;     ///< --config; empty = the search path
  std::string env_file;   ///< --env-file; empty = ./.env where there is one
  std::string time_zone;  ///< --tz; empty = [display] time_zone, else UTC. Human output only
  std::string log_level;  ///< --log-level; empty = LOG_LEVEL
};

/// Names inside the state directory; kept stable, since people and scripts look there.
struct StatePaths {
  std::string root;
  std::string journal() const { return root + "/journal"; }  ///< segments and snapshots of the engine's journal
  std::string ledger() const { return root + "/ledger.sqlite"; }
  std::string market() const { return root + "/market.sqlite"; }
  std::string venue() const { return root + "/venue.jsonl"; }                             ///< the simulated venue's own file
  std::string runs() const { return root + "/runs"; }                                     ///< the registry of runs
  std::string credentials() const { return root + "/credentials.json"; }                  ///< sealed venue keys
  std::string feeds() const { return root + "/feeds.json"; }                              ///< when each provider of feeds may be asked next
  std::string shards() const { return root + "/shards"; }                                 ///< of a host: a folder for each shard
  std::string market_clock() const { return root + "/market_clock.json"; }                ///< of a host: where its market stands
  std::string streams() const { return root + "/streams.json"; }                          ///< how far the run's events were published
  std::string spill(const std::string& owner) const { return root + "/spill-" + owner; }  ///< batches that wait for ClickHouse
  std::string copies() const { return root + "/copies.json"; }                            ///< how far a run's bars were handed to ClickHouse
  std::string port_file() const { return root + "/http.port"; }  ///< the port of the running instance's operations endpoint, decimal text
  std::string log_file() const { return root + "/promtrade.log"; }
};

class AppContext {
 public:
  /// Streams outlive the context. Reads the environment and the terminal once.
  AppContext(std::ostream& out, std::ostream& err);

  GlobalOptions options;
  std::ostream& out;  ///< results: the one JSON document, or text for people
  std::ostream& err;  ///< logs, progress, notes and errors
  Terminal out_terminal = Terminal::no, err_terminal = Terminal::no;
  std::string command = "promtrade";  ///< what was asked for, "promtrade data import": names the help that an error without a hint of its own points to
  Colours colours = Colours::off;     ///< on where stdout is a terminal and NO_COLOR is not set (https://no-color.org)

  bool json() const { return options.format == OutputFormat::json; }
  /// The state directory by the rules above, for its name: whether it is there and can be read was not asked.
  StatePaths named_state();
  /// The same for reading; not created, and may be missing. One that is there and is no directory, or cannot be read and searched, fails with outside_away: it must
  /// never look like one in which nothing has been stored yet.
  std::expected<StatePaths, CommandError> state();
  /// The same after creating it (mode 0700). Fails with outside_away where that is not possible.
  std::expected<StatePaths, CommandError> make_state();
  /// Loads the configuration at the first call. Fails with usage and the first problem's sentence.
  std::expected<const Config*, CommandError> config();
  /// Connects the log by [log] and --log-level: for commands that run for long. Others log warnings to stderr without it.
  std::expected<void, CommandError> start_logs();
  /// Path of a file or folder under assets/ ("instruments.toml", "data/MANIFEST.toml", "prompts"): in $PROM_ASSETS, else share/promtrade beside the
  /// binary's prefix, else the source tree it was built from. The path in the first of these folders that exists, whether or not the file does.
  std::string asset(std::string_view name) const;

  /// RFC 3339: UTC under --json or without --tz, else in that zone with its offset.
  std::string time(TimeNs time) const;
  /// Applies --tz. Fails with usage for a zone that the system does not know.
  std::expected<void, CommandError> use_time_zone();
  /// Writes the document and a newline.
  void print(const Value& document);
  /// A note for people on stderr: "promtrade: text".
  void note(std::string_view text);

 private:
  std::unique_ptr<Config> config_;
  std::string zone_;  ///< empty = UTC
};

/// Where parsing leaves the command that was asked for.
struct CommandSink {
  AppContext& context;
  std::function<CommandResult(AppContext&)> chosen;
};

/// A clock for the edges; RFC 3339 times and elapsed times of people, never of the engine.
TimeNs wall_clock();

}  // namespace prom
