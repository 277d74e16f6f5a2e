// The main job on recorded data. Main thread.
#include "app/run/replay_runner.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "adapters/stores/journal_file/journal_file.h"
#include "app/cli/version.h"
#include "app/logging/logging.h"
#include "app/run/ops_panel.h"
#include "app/run/run_ledger.h"
#include "app/run/run_log.h"
#include "app/run/run_streams.h"
#include "app/run/view_model.h"
#include "app/shutdown/shutdown.h"
#include "base/log.h"
#include "research/exports/exports.h"
#include "runtime/projector/projector.h"
#include "runtime/projector/projector_worker.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;

CommandError away(std::string code, std::string message, std::string hint = "check the disk and rights of the state directory") {
  return {ExitCode::outside_away, std::move(code), std::move(message), std::move(hint), {}};
}
CommandError journal_error(const JournalError& error) {
  if (error.kind == JournalErrorKind::locked)
    return {
        ExitCode::outside_away, "locked", "another promtrade works in this state directory: " + error.detail, "stop it, or give this one its own --state", {}};
  return away("journal", "the journal " + error.path + " failed: " + error.detail);
}

/// Whether --json still owes its one document. A forced end runs no more code of ours but before_force, which then writes it.
std::atomic<bool> g_document_owed = false;

/// Async-signal-safe: an atomic and write(2).
void before_forced_end() noexcept {
  view::restore_terminal_now();
  constexpr std::string_view kForced =
      R"({"error":{"code":"shutdown_forced","message":"the run was forced to stop before its shutdown had ended","hint":"nothing acknowledged is lost: start it again to continue"}})"
      "\n";
  if (g_document_owed.exchange(false)) [[maybe_unused]]
    const auto written = ::write(STDOUT_FILENO, kForced.data(), kForced.size());
}

/// Everything that one replay holds open, in the order in which it is closed.
struct Session {
  Session(AppContext& c, const ReplayOptions& o) : context(c), options(o) {}

  AppContext& context;
  const ReplayOptions& options;
  StatePaths paths;
  Scenario scenario;
  std::unique_ptr<RuleDesk> desk;
  RunMemory memory;
  std::unique_ptr<JournalFileWriter> journal;
  std::unique_ptr<JournalReader> reader;
  std::string ledger_name;
  RunLedger ledger;
  std::unique_ptr<Projector> projector;
  std::unique_ptr<ProjectorWorker> worker;
  std::unique_ptr<RunStreams> streams;  ///< null where no broker is named
  std::uint64_t rounds_seen = 0;
  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<OpsPanel> panel;
  std::unique_ptr<ViewFiller> filler;
  std::unique_ptr<view::RunView> view;
  std::unique_ptr<ShutdownManager> shutdown;
  RunPace pace;
  std::optional<CommandError> failed;
};

using Step = std::expected<void, CommandError>;

/// The log goes where the configuration says, else to a file of the state directory: stderr belongs to the view and to progress.
Step start_log(Session& s, const Config& config) {
  if (!config.text("log.file").empty()) return s.context.start_logs();
  LogOptions log;
  log.level = log_level_of(s.context.options.log_level.empty() ? config.text("log.level") : s.context.options.log_level);
  log.file = s.paths.log_file();
  if (auto started = start_logging(log); !started) return std::unexpected(command_error(ExitCode::outside_away, started.error()));
  return {};
}

/// Decides between continuing and beginning anew, and loads the scenario that follows from it.
std::expected<bool, CommandError> choose_beginning(Session& s) {
  auto state = load_run_state(s.paths);
  const bool fresh = s.options.beginning == Beginning::fresh;
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
      if (auto held = open_journal_writer(probe); !held && held.error().kind == JournalErrorKind::locked) return std::unexpected(journal_error(held.error()));
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

Step open_stores(Session& s) {
  JournalFileOptions journal;
  journal.directory = s.paths.journal();
  const auto config = s.context.config();
  if (!config) return std::unexpected(config.error());
  journal.durability = (*config)->text("run.durability") == "power" ? Durability::power : Durability::process;
  auto writer = open_journal_writer(journal);
  if (!writer) return std::unexpected(journal_error(writer.error()));
  s.journal = std::move(*writer);
  if (s.journal->repair().torn_bytes > 0)
    s.context.note("the journal ended in " + std::to_string(s.journal->repair().torn_bytes) + " unacknowledged bytes; they were cut off");
  s.reader = open_journal_reader(journal.directory);
  note_unused_servers(s.context);
  auto opened = open_run_ledger(s.context, s.paths, s.ledger_name);
  if (!opened) return std::unexpected(opened.error());
  s.ledger = std::move(*opened);
  if (s.ledger.place != s.paths.ledger()) s.context.note("the ledger is in " + s.ledger.place);
  PROM_TRY(s.memory, open_run_memory(s.context, s.ledger_name));
  s.projector = std::make_unique<Projector>(*s.reader, *s.ledger.ledger);
  s.worker = std::make_unique<ProjectorWorker>(*s.projector);
  PROM_TRY(s.streams, RunStreams::start(s.context, s.paths, s.ledger_name));
  return {};
}

Step open_simulation(Session& s, bool resume) {
  auto config = simulation_config(s.scenario, s.scenario.options.strategy, s.scenario.options.parameters);
  if (!config) return std::unexpected(config.error());
  config->venue.file = s.paths.venue();
  s.desk = make_desk(s.scenario);
  SimulationParts parts;
  parts.market = s.scenario.market.get();
  parts.observations = &s.scenario.observations;
  parts.memory = s.memory.keeper.get();
  parts.journal = s.journal.get();
  if (s.scenario.options.strategy.empty()) parts.desk = s.desk.get();
  auto simulation = Simulation::create(s.scenario.data, std::move(*config), parts);
  if (!simulation) return std::unexpected(away("venue", simulation.error()));
  s.simulation = std::move(*simulation);
  if (!resume || s.journal->durable_seq() == 0) {
    if (auto begun = s.simulation->begin(); !begun) return std::unexpected(journal_error(begun.error().journal));
    return {};
  }
  const auto read = s.reader->read(1, [&](const RecordedFrame& frame) {
    s.simulation->recover(frame);
    return true;
  });
  if (!read) return std::unexpected(journal_error(read.error()));
  if (s.simulation->state().epoch == 0) {
    // The process ended inside its beginning: registering again replaces what is there, and the cash is paid in once.
    if (auto begun = s.simulation->begin(); !begun) return std::unexpected(journal_error(begun.error().journal));
    return {};
  }
  if (auto resumed = s.simulation->resume(); !resumed) return std::unexpected(journal_error(resumed.error().journal));
  s.context.note("continuing the unfinished run at " + format_rfc3339(s.simulation->state().now));
  return {};
}

/// The ledger follows the journal on a thread of its own; one that is slow or away only falls behind and is said so.
void project(Session& s) {
  s.worker->poke(s.journal->durable_seq());
  if (s.streams) s.streams->poke(s.journal->durable_seq());
  const ProjectorWorker::Status status = s.worker->status();
  if (status.rounds == s.rounds_seen) return;
  s.rounds_seen = status.rounds;
  // While the ledger is away nothing may add risk; protection goes on from the journal (P35).
  const Switch reachable = status.applied ? Switch::on : Switch::off;
  if (s.simulation && reachable != s.simulation->state().ledger_reachable) {
    log_event(reachable == Switch::on ? LogLevel::info : LogLevel::warning, "ledger",
              {{"mode", "PAPER"}, {"reachable", reachable == Switch::on ? "yes" : "no"}, {"why", status.why}});
    if (auto told = s.simulation->inject(LedgerHealth{reachable}); !told) s.failed = journal_error(told.error().journal);
  }
  s.panel->on_projected(status.applied, s.journal->durable_seq(), status.took);
}

Flow on_pace(Session& s, const Progress& progress, Clock::time_point began, TimeNs virtual_began, Clock::time_point& projected) {
  if (auto done = s.simulation->shard().commit(); !done) {
    s.failed = journal_error(done.error().journal);
    return Flow::stop;
  }
  s.pace.progress = progress;
  const auto now = Clock::now();
  const double wall = std::chrono::duration<double>(now - began).count();
  const double played = static_cast<double>((progress.now - virtual_began).ns) * 1e-9;
  s.pace.speed = wall > 0.05 ? played / wall : 0;
  const double left = static_cast<double>((s.scenario.data.last_close() - progress.now).ns) * 1e-9;
  if (s.pace.speed > 0) s.pace.eta_seconds = left / s.pace.speed;
  if (now - projected > std::chrono::milliseconds(500)) {
    projected = now;
    project(s);
    s.panel->on_progress(*s.simulation);
  }
  if (s.view->due()) s.view->update(s.filler->fill(*s.simulation, s.pace));
  if (s.options.speed) {
    const auto due = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(played / *s.options.speed));
    while (Clock::now() < due && !s.shutdown->requested()) {
      const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(due - Clock::now()).count();
      if (rest > 0) s.shutdown->wait_for(DurationNs{std::min<std::int64_t>(rest, 100'000'000)});
      if (s.view->due()) s.view->update(s.filler->fill(*s.simulation, s.pace));
    }
  }
  return s.shutdown->requested() ? Flow::stop : Flow::go_on;
}

std::expected<Flow, CommandError> play(Session& s) {
  SimulationHooks hooks;
  const auto began = Clock::now();
  auto projected = began;
  const TimeNs virtual_began = s.simulation->state().now;
  hooks.on_frame = [&](const Frame& frame) {
    s.filler->observe(s.simulation->state(), frame);
    s.panel->on_frame(s.simulation->state(), frame);
    log_frame(s.simulation->state(), frame);
  };
  hooks.pace = [&](const Progress& progress) { return on_pace(s, progress, began, virtual_began, projected); };
  auto flow = s.simulation->run(hooks);
  if (!flow) return std::unexpected(journal_error(flow.error().journal));
  if (s.failed) return std::unexpected(*s.failed);
  return *flow;
}

/// The ordered end: nothing new comes in, what is in flight is on record already, batches are flushed, stores closed.
CommandResult end_orderly(Session& s, ExitCode done) {
  s.shutdown->add(ShutdownPhase::stop_intake, "operations endpoint", [&]() -> Result<void, Error> {
    s.panel->stop();
    return {};
  });
  s.shutdown->add(ShutdownPhase::settle_orders, "journal", [&]() -> Result<void, Error> {
    if (auto committed = s.simulation->shard().commit(); !committed) return std::unexpected(Error{"journal", committed.error().journal.detail, {}});
    return {};
  });
  s.shutdown->add(ShutdownPhase::flush, "ledger projection", [&]() -> Result<void, Error> {
    s.worker->finish();
    settle_memories(s.context, s.memory);
    if (auto applied = s.projector->catch_up(); !applied) return std::unexpected(Error{"ledger", applied.error().ledger.detail, {}});
    return {};
  });
  s.shutdown->add(ShutdownPhase::flush, "event streams", [&]() -> Result<void, Error> {
    if (s.streams) s.streams->poke(s.journal->durable_seq());
    if (const std::string left = s.streams ? s.streams->finish(kSecond * 5) : ""; !left.empty()) s.context.note(left);
    return {};
  });
  s.shutdown->add(ShutdownPhase::close_stores, "ledger, journal and venue file", [&]() -> Result<void, Error> {
    s.worker.reset();
    s.projector.reset();
    s.ledger.ledger.reset();
    s.reader.reset();
    s.simulation.reset();
    s.journal.reset();
    return {};
  });
  const ShutdownReport report = s.shutdown->run();
  if (report.outcome == ShutdownReport::Outcome::timed_out) s.shutdown->end_forced(report);
  if (report.outcome == ShutdownReport::Outcome::failed) s.context.note(report.describe());
  return static_cast<ExitCode>(s.shutdown->exit_code(report, static_cast<int>(done)));
}

std::expected<KeptRun, CommandError> finish(Session& s, BacktestOutcome& outcome) {
  outcome.result = s.simulation->result();
  outcome.result.kind = "replay";
  outcome.result.decider = s.scenario.options.strategy.empty() ? "desk" : s.scenario.options.strategy;
  outcome.result.configuration = s.scenario.configuration;
  outcome.result.summary.funding_note = funding_note(s.scenario);
  if (s.options.yardsticks == Yardsticks::all) {
    if (auto added = add_yardsticks(s.scenario, outcome.result); !added) return std::unexpected(added.error());
    if (s.scenario.options.csv.empty() && s.scenario.options.strategy.empty() && s.scenario.options.instruments.empty()) {
      auto held = run_held_out(s.context, s.scenario.options);
      if (!held) return std::unexpected(held.error());
      outcome.held_out = std::move(*held);
    }
  }
  KeepOptions keep;
  keep.report = s.options.report;
  keep.command = command_of("run", s.scenario.options);
  auto kept = keep_run(s.context, s.scenario, outcome, keep);
  if (!kept) return kept;
  RunState ended{RunStatus::finished, s.scenario.configuration, s.scenario.data.digest(), s.scenario.options, s.ledger_name};
  if (auto saved = save_run_state(s.paths, ended); !saved) return std::unexpected(saved.error());
  return kept;
}

Step open_all(Session& s) {
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

}  // namespace

CommandResult run_replay(AppContext& context, const ReplayOptions& options) {
  Session s(context, options);
  if (auto opened = open_all(s); !opened) return std::unexpected(opened.error());
  const auto flow = play(s);
  if (!flow) {
    s.view->finish({});
    return std::unexpected(flow.error());
  }
  s.view->update(s.filler->fill(*s.simulation, s.pace));
  if (*flow == Flow::stop) {
    const TimeNs at = s.simulation->state().now;
    log_event(LogLevel::info, "run_stopped", {{"mode", "PAPER"}, {"at", format_rfc3339(at)}, {"signal", s.shutdown->signal().value_or(0)}});
    const auto ended = end_orderly(s, ExitCode::done);
    s.view->finish({"PAPER: stopped at " + format_rfc3339(at) + "; nothing was lost. Start again to continue, or with --fresh to begin anew."});
    if (g_document_owed.exchange(false)) context.print(Value(ValueObject{{"mode", "PAPER"}, {"status", "stopped"}, {"at", at}}));
    return ended;
  }
  s.pace.notice = "done: computing yardsticks and writing the report";
  s.view->update(s.filler->fill(*s.simulation, s.pace));
  BacktestOutcome outcome;
  const auto kept = finish(s, outcome);
  const auto ended = end_orderly(s, ExitCode::done);
  s.view->finish(kept ? closing_lines(outcome, *kept) : std::vector<std::string>{});
  if (!kept) return std::unexpected(kept.error());
  const RunResult& result = outcome.result;
  log_event(LogLevel::info, "run_finished",
            {{"mode", "PAPER"}, {"run_id", result.run_id}, {"digest", result.digest}, {"trades", result.summary.trades}, {"net", result.summary.net}});
  if (g_document_owed.exchange(false)) context.out << result_to_json(outcome.result, ReportPath{kept->report}) << "\n";
  return ended;
}

}  // namespace prom
