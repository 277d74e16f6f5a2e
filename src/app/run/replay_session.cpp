// Opening a replay: what it goes on with, its stores, its simulation. Main thread.
#include "app/run/replay_session.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "app/cli/version.h"
#include "app/logging/logging.h"
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

/// Decides between continuing and beginning anew, and loads the scenario that follows from it.
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
  const bool resume = unfinished && !fresh;
  ScenarioOptions options = s.options.scenario;
  if (resume && s.options.named && command_of("run", (*state)->options) != command_of("run", options))
    return std::unexpected(CommandError{ExitCode::usage,
                                        "other_settings",
                                        "the unfinished run in " + s.paths.root + " was begun with other options: " + command_of("run", (*state)->options),
                                        "continue it with a bare promtrade run --replay, or begin anew with --fresh (the old one is set aside, not deleted)",
                                        {}});
  if (resume) {
    // What to trade and at which cost is the unfinished run's; limits come from the configuration and must not have changed.
    const ScenarioOptions& was = (*state)->options;
    const ScenarioOptions now = options;
    options = was;
    options.profile = now.profile;
    options.limits = now.limits;
    options.leverage = now.leverage;
    options.desk_interval = now.desk_interval;
    options.executor = now.executor;
  }
  auto scenario = make_scenario(s.context, options);
  if (!scenario) return std::unexpected(scenario.error());
  s.scenario = std::move(*scenario);
  if (resume && ((*state)->configuration != s.scenario.configuration || (*state)->data_sha256 != s.scenario.data.digest()))
    return std::unexpected(CommandError{ExitCode::usage,
                                        "other_settings",
                                        "the unfinished run in " + s.paths.root + " was begun with other settings or data",
                                        "restore them to continue it, or begin anew with --fresh (the old one is set aside, not deleted)",
                                        {}});
  const auto left = {s.paths.journal(), s.paths.venue(), s.paths.ledger(), s.paths.ledger() + "-wal"};
  if (!resume && std::any_of(left.begin(), left.end(), [](const std::string& path) { return std::filesystem::exists(path); })) {
    // Another process may be at work on these files: whoever holds the journal's lock keeps them.
    if (std::filesystem::exists(s.paths.journal())) {
      JournalFileOptions probe;
      probe.directory = s.paths.journal();
      if (auto held = open_journal_writer(probe); !held && held.error().kind == JournalErrorKind::locked) return std::unexpected(error_of(held.error()));
    }
    auto folder = set_aside(s.paths);
    if (!folder) return std::unexpected(folder.error());
    s.context.note("the earlier run was set aside in " + *folder);
  }
  s.ledger_name = resume ? (*state)->ledger : new_ledger_name(s.paths);
  if (!resume) {
    RunState begun{RunStatus::unfinished, s.scenario.configuration, s.scenario.data.digest(), s.scenario.options, s.ledger_name};
    if (auto saved = save_run_state(s.paths, begun); !saved) return std::unexpected(saved.error());
  }
  return resume;
}

Step open_stores(ReplaySession& s) {
  PROM_TRY(s.sharing, RunSharing::start(s.context, s.ledger_name));
  if (s.sharing) s.live = std::make_unique<RunLive>(s.sharing->values(), s.ledger_name);
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
  auto opened = open_run_ledger(s.context, s.paths, s.ledger_name);
  if (!opened) return std::unexpected(opened.error());
  s.ledger = std::move(*opened);
  if (s.ledger.place != s.paths.ledger()) s.context.note("the ledger is in " + s.ledger.place);
  PROM_TRY(s.memory, open_run_memory(s.context, s.paths, s.ledger_name));
  s.projector = std::make_unique<Projector>(*s.reader, *s.ledger.ledger);
  s.worker = std::make_unique<ProjectorWorker>(*s.projector);
  PROM_TRY(s.streams, RunStreams::start(s.context, s.paths, s.ledger_name));
  PROM_TRY(s.market, RunMarket::start(s.context, s.paths, s.ledger_name, s.scenario.data));
  return {};
}

Step open_simulation(ReplaySession& s, bool resume) {
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
  if (!resume || s.journal->durable_seq() == 0) {
    if (auto begun = s.simulation->begin(); !begun) return std::unexpected(error_of(begun.error()));
    return {};
  }
  const auto read = s.reader->read(1, [&](const RecordedFrame& frame) {
    s.simulation->recover(frame);
    return true;
  });
  if (!read) return std::unexpected(error_of(read.error()));
  if (s.simulation->state().epoch == 0) {
    // The process ended inside its beginning: registering again replaces what is there, and the cash is paid in once.
    if (auto begun = s.simulation->begin(); !begun) return std::unexpected(error_of(begun.error()));
    return {};
  }
  if (auto resumed = s.simulation->resume(); !resumed) return std::unexpected(error_of(resumed.error()));
  s.context.note("continuing the unfinished run at " + format_rfc3339(s.simulation->state().now));
  return {};
}

}  // namespace

CommandError error_of(const JournalError& error) {
  if (error.kind == JournalErrorKind::locked)
    return {
        ExitCode::outside_away, "locked", "another promtrade works in this state directory: " + error.detail, "stop it, or give this one its own --state", {}};
  return away("journal", "the journal " + error.path + " failed: " + error.detail);
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
  if (auto opened = open_stores(s); !opened) return opened;
  auto panel = OpsPanel::start(**config, s.options.http_port, s.paths);
  if (!panel) return std::unexpected(panel.error());
  s.panel = std::move(*panel);
  s.pace.ops_address = s.panel->address();
  if (!s.pace.ops_address.empty()) s.context.note("PAPER: health and metrics at http://" + s.pace.ops_address);
  if (auto opened = open_simulation(s, *resume); !opened) return opened;
  log_event(LogLevel::info, "run_started",
            {{"mode", "PAPER"},
             {"version", version_info().version},
             {"command", command_of("run", s.scenario.options)},
             {"from", format_rfc3339(s.scenario.data.first())},
             {"to", format_rfc3339(s.scenario.data.last_close())},
             LogField::flag("resumed", *resume)});
  project(s);
  s.filler = std::make_unique<ViewFiller>(s.scenario);
  s.view = make_view(s.context);
  return {};
}

}  // namespace prom
