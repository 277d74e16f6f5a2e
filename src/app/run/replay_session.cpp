// Opening a replay: what it goes on with, its stores, its simulation. Main thread.
#include "app/run/replay_session.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "app/cli/version.h"
#include "app/logging/logging.h"
#include "app/run/run_whole.h"
#include "base/assert.h"
#include "base/log.h"
#include "research/exports/exports.h"

namespace prom {

std::atomic<bool> g_document_owed = false;

namespace {

using Step = std::expected<void, CommandError>;

CommandError away(std::string code, std::string message, std::string hint = "check the disk and rights of the state directory") {
  return {ExitCode::outside_away, std::move(code), std::move(message), std::move(hint), {}};
}
/// What a person can do about a journal that failed.
std::string next_step(JournalErrorKind kind) {
  switch (kind) {
    case JournalErrorKind::io: return "check the disk and rights of the state directory";
    case JournalErrorKind::full: return "make room on the disk of the state directory and start it again";
    case JournalErrorKind::corrupt: return "restore a backup of the state directory, or begin anew with --fresh (what is there is set aside, not deleted)";
    case JournalErrorKind::version: return "use the version of promtrade that wrote it, or begin anew with --fresh (what is there is set aside, not deleted)";
    case JournalErrorKind::locked: return "stop it, or give this one its own --state";
  }
  PROM_UNREACHABLE();
}
/// For how long a tool took, which decides nothing.
std::int64_t monotonic_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// Async-signal-safe: an atomic and write(2).
void before_forced_end() noexcept {
  view::restore_terminal_now();
  constexpr std::string_view kForced =
      R"({"error":{"code":"shutdown_forced","message":"the run was forced to stop before its shutdown had ended","hint":"nothing acknowledged is lost: start it again to continue"}})"
      "\n";
  if (g_document_owed.exchange(false)) [[maybe_unused]]
    const auto written = ::write(STDOUT_FILENO, kForced.data(), kForced.size());
}

/// The log goes where the configuration says, else to a file of the state directory: stderr belongs to the view and to progress.
Step start_log(ReplaySession& s, const Config& config) {
  if (!config.text("log.file").empty()) return s.context.start_logs();
  LogOptions log;
  log.level = log_level_of(s.context.options.log_level.empty() ? config.text("log.level") : s.context.options.log_level);
  log.file = s.paths.log_file();
  if (auto started = start_logging(log); !started) return std::unexpected(command_error(ExitCode::outside_away, started.error()));
  return {};
}

CommandError other_settings(const ReplaySession& s, std::string what, std::string how) {
  return {ExitCode::usage,
          "other_settings",
          "the unfinished run in " + s.paths.root + " was begun with other " + std::move(what),
          std::move(how) + ", or begin anew with --fresh (the old one is set aside, not deleted)",
          {}};
}

/// The scenario of the unfinished run. What to trade and at which cost is its own; limits come from the configuration and must not have changed.
std::expected<Scenario, CommandError> scenario_of(ReplaySession& s, const RunState& was) {
  const ScenarioOptions& now = s.options.scenario;
  if (s.options.named && command_of(CommandKind::run, was.options) != command_of(CommandKind::run, now))
    return std::unexpected(other_settings(s, "options: " + command_of(CommandKind::run, was.options), "continue it with a bare promtrade run --replay"));
  ScenarioOptions options = was.options;
  options.profile = now.profile;
  options.limits = now.limits;
  options.desk_interval = now.desk_interval;
  options.executor = now.executor;
  PROM_TRY(Scenario scenario, make_scenario(s.context, options));
  if (was.configuration != scenario.configuration || was.data_sha256 != scenario.data.digest())
    return std::unexpected(other_settings(s, "settings or data", "restore them to continue it"));
  return scenario;
}

/// A start that failed before its beginning: nothing is lost with it, so its settings bind nobody.
bool never_began(const StatePaths& paths) {
  if (std::filesystem::exists(paths.venue())) return false;
  bool any = false;
  const auto read = open_journal_reader(paths.journal())->read(1, [&](const RecordedFrame&) {
    any = true;
    return false;
  });
  return read && !any;
}

/// Decides between continuing and beginning anew, and loads the scenario that follows from it. Changes nothing on disk.
std::expected<bool, CommandError> choose_beginning(ReplaySession& s) {
  auto state = load_run_state(s.paths);
  const bool fresh = s.options.beginning == Beginning::fresh;
  if (state && *state && (*state)->users > 0)
    return std::unexpected(CommandError{ExitCode::usage,
                                        "holds_a_host",
                                        "the state directory " + s.paths.root + " holds the accounts of promtrade host",
                                        "give the run its own --state, or continue with promtrade host",
                                        {}});
  if (!state && !fresh) return std::unexpected(state.error());
  const bool unfinished = state && *state && (*state)->status == RunStatus::unfinished;
  if (s.options.beginning == Beginning::resume && !unfinished)
    return std::unexpected(
        CommandError{ExitCode::usage, "nothing_to_resume", "there is no unfinished run in " + s.paths.root, "leave --resume out to begin one", {}});
  bool resume = unfinished && !fresh;
  if (resume) {
    auto scenario = scenario_of(s, **state);
    if (scenario) {
      s.scenario = std::move(*scenario);
      s.record = **state;
    } else if (scenario.error().code == "other_settings" && never_began(s.paths)) {
      resume = false;
    } else {
      return std::unexpected(scenario.error());
    }
  }
  if (!resume) {
    PROM_TRY(s.scenario, make_scenario(s.context, s.options.scenario));
    s.record = {};
    s.record.configuration = s.scenario.configuration;
    s.record.data_sha256 = s.scenario.data.digest();
    s.record.options = s.scenario.options;
    s.record.ledger = new_ledger_name(s.paths);
  }
  // Absolute, so that the run can be continued from another folder.
  if (!s.options.report.empty()) s.record.report = std::filesystem::absolute(s.options.report).string();
  if (s.options.yardsticks == Yardsticks::none) s.record.yardsticks = Yardsticks::none;
  PROM_TRY(const Config* config, s.context.config());
  s.report = !s.options.report.empty() ? s.options.report : !s.record.report.empty() ? s.record.report : config->text("run.report");
  return resume;
}

/// Whether another process is at work on these files: whoever holds the journal's lock keeps them.
Step free_of_others(const StatePaths& paths) {
  if (!std::filesystem::exists(paths.journal())) return {};
  JournalFileOptions probe;
  probe.directory = paths.journal();
  if (auto held = open_journal_writer(probe); !held && held.error().kind == JournalErrorKind::locked) return std::unexpected(error_of(held.error()));
  return {};
}

/// Before the run is begun or another set aside, so that a start that fails here has changed nothing.
Step open_panel(ReplaySession& s, const Config& config) {
  auto panel = OpsPanel::start(config, s.options.http_port);
  if (!panel) {
    // The port is busy for a reason that says more, where this directory's own instance has it.
    PROM_CHECK_OK(free_of_others(s.paths));
    return std::unexpected(panel.error());
  }
  s.panel = std::move(*panel);
  s.pace.ops_address = s.panel->address();
  return {};
}

/// The state directory becomes this run's; an earlier one moves aside.
Step make_room(ReplaySession& s) {
  const auto left = {s.paths.journal(), s.paths.venue(), s.paths.ledger(), s.paths.ledger() + "-wal"};
  if (std::any_of(left.begin(), left.end(), [](const std::string& path) { return std::filesystem::exists(path); })) {
    PROM_CHECK_OK(free_of_others(s.paths));
    PROM_TRY(const std::string folder, set_aside(s.paths));
    s.context.note("the earlier run was set aside in " + folder);
  }
  return save_run_state(s.paths, s.record);
}

Step open_stores(ReplaySession& s) {
  PROM_TRY(s.sharing, RunSharing::start(s.context, s.record.ledger));
  if (s.sharing) s.live = std::make_unique<RunLive>(s.sharing->values(), s.record.ledger);
  JournalFileOptions journal;
  journal.directory = s.paths.journal();
  const auto config = s.context.config();
  if (!config) return std::unexpected(config.error());
  journal.durability = (*config)->text("run.durability") == "power" ? Durability::power : Durability::process;
  auto writer = open_journal_writer(journal);
  if (!writer) return std::unexpected(error_of(writer.error()));
  s.journal = std::move(*writer);
  if (s.journal->repair().torn_bytes > 0)
    s.context.note("the journal ended in " + std::to_string(s.journal->repair().torn_bytes) + " unacknowledged bytes; they were cut off");
  s.reader = open_journal_reader(journal.directory);
  auto opened = open_run_ledger(s.context, s.paths, s.record.ledger);
  if (!opened) return std::unexpected(opened.error());
  s.ledger = std::move(*opened);
  if (s.ledger.place != s.paths.ledger()) s.context.note("the ledger is in " + s.ledger.place);
  PROM_TRY(s.memory, open_run_memory(s.context, s.paths, s.record.ledger));
  s.projector = std::make_unique<Projector>(*s.reader, *s.ledger.ledger);
  s.worker = std::make_unique<ProjectorWorker>(*s.projector);
  PROM_TRY(s.streams, RunStreams::start(s.context, s.paths, s.record.ledger,
                                        [&s] { return std::make_unique<MarketEvents>(s.record.ledger, s.scenario.observations.rows(), s.scenario.tapes); }));
  PROM_TRY(s.market, RunMarket::start(s.context, s.paths, s.record.ledger, s.scenario.data));
  return {};
}

Step open_simulation(ReplaySession& s) {
  auto config = simulation_config(s.scenario, s.scenario.options.strategy, s.scenario.options.parameters);
  if (!config) return std::unexpected(config.error());
  config->venue.file = s.paths.venue();
  s.desk = make_desk(s.scenario, monotonic_ns);
  SimulationParts parts;
  parts.market = s.scenario.market.get();
  parts.observations = &s.scenario.observations;
  parts.tapes = s.scenario.tapes;
  parts.memory = s.memory.keeper.get();
  parts.journal = s.journal.get();
  if (s.sharing) parts.may_send = [sharing = s.sharing.get()] { return sharing->holds(); };
  if (s.scenario.options.strategy.empty()) parts.desk = s.desk.get();
  auto simulation = Simulation::create(s.scenario.data, std::move(*config), parts);
  if (!simulation) return std::unexpected(away("venue", simulation.error()));
  s.simulation = std::move(*simulation);
  s.filler = std::make_unique<ViewFiller>(s.scenario);
  const auto read = s.reader->read(1, [&](const RecordedFrame& frame) {
    s.simulation->recover(frame);
    s.filler->recover(frame);
    return true;
  });
  if (!read) return std::unexpected(error_of(read.error()));
  if (auto whole = check_whole(*s.simulation, *s.ledger.ledger, s.journal->durable_seq()); !whole)
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        "state_incomplete",
                                        "of the unfinished run in " + s.paths.root + " " + whole.error(),
                                        "restore a backup, or begin anew with --fresh (what is there is set aside, not deleted)",
                                        {}});
  if (s.simulation->state().epoch == 0) {
    // Also where the process ended inside its beginning: registering again replaces what is there, and the cash is paid in once.
    if (auto begun = s.simulation->begin(); !begun) return std::unexpected(error_of(begun.error()));
    // From here on a venue that has seen more than deposits beside an empty journal means that the journal was lost.
    if (auto kept = s.simulation->shard().commit(); !kept) return std::unexpected(error_of(kept.error()));
    return {};
  }
  if (auto resumed = s.simulation->resume(); !resumed) return std::unexpected(error_of(resumed.error()));
  s.context.note("continuing the unfinished run at " + format_rfc3339(s.simulation->state().now));
  return {};
}

}  // namespace

CommandError error_of(const JournalError& error) {
  if (error.kind == JournalErrorKind::locked)
    return {ExitCode::outside_away, "locked", "another promtrade works in this state directory: " + error.detail, next_step(error.kind), {}};
  return away("journal", "the journal " + error.path + " failed: " + error.detail, next_step(error.kind));
}

CommandError error_of(const ShardError& error) {
  switch (error.fault) {
    case ShardFault::journal: return error_of(error.journal);
    case ShardFault::permit:
      return {ExitCode::refused,
              "lease_lost",
              "the lease of this run had ended when an order was to leave: nothing more was sent, stops rest at the venue",
              "start it again: what was not sent is settled with the venue first",
              {}};
    case ShardFault::venue: return away("venue", error.venue);
  }
  PROM_ASSERT(false, "no such fault of a shard");
}

// The ledger follows the journal on a thread of its own; one that is slow or away only falls behind and is said so.
void project(ReplaySession& s) {
  s.worker->poke(s.journal->durable_seq());
  if (s.streams) s.streams->poke(s.journal->durable_seq());
  if (s.market && s.simulation) {
    s.market->poke(s.simulation->state().now, s.journal->durable_seq());
    s.panel->on_copied(s.market->counters(), s.market->why());
  }
  const ProjectorWorker::Status status = s.worker->status();
  if (status.rounds == s.rounds_seen) return;
  s.rounds_seen = status.rounds;
  // While the ledger is away nothing may add risk; protection goes on from the journal (P35).
  const Switch reachable = status.applied ? Switch::on : Switch::off;
  if (s.simulation && reachable != s.simulation->state().ledger_reachable) {
    log_event(reachable == Switch::on ? LogLevel::info : LogLevel::warning, "ledger",
              {{"mode", "PAPER"}, {"reachable", reachable == Switch::on ? "yes" : "no"}, {"why", status.why}});
    if (auto told = s.simulation->inject(LedgerHealth{reachable}); !told) s.failed = error_of(told.error());
  }
  s.panel->on_projected(status.applied, s.journal->durable_seq(), status.took);
}

std::expected<void, CommandError> open_all(ReplaySession& s) {
  auto paths = s.context.make_state();
  if (!paths) return std::unexpected(paths.error());
  s.paths = *paths;
  const auto config = s.context.config();
  if (!config) return std::unexpected(config.error());
  if (auto logged = start_log(s, **config); !logged) return logged;
  ShutdownOptions stop;
  stop.timeout = (*config)->duration("run.shutdown_timeout");
  stop.before_force = before_forced_end;
  g_document_owed = s.context.json();
  auto shutdown = ShutdownManager::install(stop);
  if (!shutdown) return std::unexpected(command_error(ExitCode::outside_away, shutdown.error()));
  s.shutdown = std::move(*shutdown);
  const auto resume = choose_beginning(s);
  if (!resume) return std::unexpected(resume.error());
  PROM_CHECK_OK(open_panel(s, **config));
  if (!*resume) PROM_CHECK_OK(make_room(s));
  if (auto opened = open_stores(s); !opened) return opened;
  // Under the journal's lock: the start may say another report than the one before it.
  if (*resume && (!s.options.report.empty() || s.options.yardsticks == Yardsticks::none)) PROM_CHECK_OK(save_run_state(s.paths, s.record));
  s.panel->announce(s.paths);
  if (!s.pace.ops_address.empty()) s.context.note("PAPER: health and metrics at http://" + s.pace.ops_address);
  if (auto opened = open_simulation(s); !opened) return opened;
  log_event(LogLevel::info, "run_started",
            {{"mode", "PAPER"},
             {"version", version_info().version},
             {"command", command_of(CommandKind::run, s.scenario.options)},
             {"from", format_rfc3339(s.scenario.data.first())},
             {"to", format_rfc3339(s.scenario.data.last_close())},
             LogField::flag("resumed", *resume)});
  project(s);
  s.view = make_view(s.context);
  return {};
}

}  // namespace prom
