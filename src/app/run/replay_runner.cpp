// The main job on recorded data: playing, pacing and the orderly end. Main thread.
#include "app/run/replay_runner.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

#include "app/run/replay_session.h"
#include "app/run/run_log.h"
#include "base/log.h"
#include "research/exports/exports.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;

/// Before this much of the lease is left it must have been renewed: what is begun now ends within it.
constexpr DurationNs kLeaseMargin{2 * kSecond.ns};

/// Without its lease the run stands still, and goes on when it is held again; where another instance has it by now, this one ends.
void wait_for_lease(ReplaySession& s) {
  if (!s.sharing || s.sharing->holds_for(kLeaseMargin)) return;
  const std::string why = s.sharing->status().why;
  log_event(LogLevel::warning, "lease", {{"mode", "PAPER"}, {"held", "no"}, {"why", why}});
  s.context.note("the run waits for its lease and sends nothing: " + why);
  while (!s.sharing->holds_for(kLeaseMargin)) {
    if (s.shutdown->wait_for(kMillisecond * 100)) return;
    if (s.sharing->status().held_elsewhere) {
      s.failed = CommandError{ExitCode::refused,
                              "run_taken",
                              "another instance acts for this run by now: this one ends and has sent nothing since its lease ended",
                              "see which of the two is to go on; both have what was done until then",
                              {}};
      return;
    }
    s.panel->on_shared(*s.sharing);
  }
  log_event(LogLevel::info, "lease", {{"mode", "PAPER"}, {"held", "yes"}});
  s.context.note("the lease is held again: the run goes on");
}

/// What is true of the run now, while it may act.
void tell_others(ReplaySession& s) {
  if (s.live && s.sharing->holds()) s.live->on_pace(s.simulation->state());
}

Flow on_pace(ReplaySession& s, const Progress& progress, Clock::time_point began, TimeNs virtual_began, Clock::time_point& projected) {
  if (auto done = s.simulation->shard().commit(); !done) {
    s.failed = error_of(done.error());
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
    if (s.sharing) s.panel->on_shared(*s.sharing);
    tell_others(s);
  }
  if (s.view->due()) s.view->update(s.filler->fill(*s.simulation, s.pace));
  if (s.options.speed) {
    const auto due = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(played / *s.options.speed));
    while (Clock::now() < due && !s.shutdown->requested()) {
      const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(due - Clock::now()).count();
      if (rest > 0) s.shutdown->wait_for(DurationNs{std::min<std::int64_t>(rest, 100'000'000)});
      if (s.view->due()) s.view->update(s.filler->fill(*s.simulation, s.pace));
      tell_others(s);
    }
  }
  wait_for_lease(s);
  return s.failed || s.shutdown->requested() ? Flow::stop : Flow::go_on;
}

std::expected<Flow, CommandError> play(ReplaySession& s) {
  SimulationHooks hooks;
  const auto began = Clock::now();
  auto projected = began;
  const TimeNs virtual_began = s.simulation->state().now;
  hooks.on_frame = [&](const Frame& frame) {
    s.filler->observe(s.simulation->state(), frame);
    s.panel->on_frame(s.simulation->state(), frame);
    if (s.live) s.live->on_frame(frame);
    log_frame(s.simulation->state(), frame);
  };
  hooks.pace = [&](const Progress& progress) { return on_pace(s, progress, began, virtual_began, projected); };
  auto flow = s.simulation->run(hooks);
  if (!flow) return std::unexpected(error_of(flow.error()));
  if (s.failed) return std::unexpected(*s.failed);
  return *flow;
}

/// A run that was played out is finished only once its ledger has all of it. One that is away or behind gets time to come back, unless a stop is asked for.
void wait_for_ledger(ReplaySession& s) {
  if (auto committed = s.simulation->shard().commit(); !committed) return;  // the end says so
  const auto config = s.context.config();
  const auto patience = std::chrono::nanoseconds(config ? (*config)->duration("run.ledger_patience").ns : 0);
  const std::uint64_t durable = s.journal->durable_seq();
  std::uint64_t rounds = s.worker->status().rounds;
  bool told = s.simulation->state().ledger_reachable == Switch::off;
  bool noted = false;
  for (const auto until = Clock::now() + patience;;) {
    s.worker->poke(durable);
    if (s.shutdown->wait_for(kMillisecond * 20)) return;
    if (s.view->due()) s.view->update(s.filler->fill(*s.simulation, s.pace));
    const ProjectorWorker::Status status = s.worker->status();
    if (status.applied >= durable) {
      if (told) log_event(LogLevel::info, "ledger", {{"mode", "PAPER"}, {"reachable", "yes"}});
      return;
    }
    if (Clock::now() >= until) return;
    if (status.rounds == rounds || status.applied) continue;
    rounds = status.rounds;
    if (status.retry == Retry::never) return;
    s.panel->on_projected(status.applied, durable, status.took);
    if (!std::exchange(told, true)) log_event(LogLevel::warning, "ledger", {{"mode", "PAPER"}, {"reachable", "no"}, {"why", status.why}});
    if (std::exchange(noted, true)) continue;
    s.pace.notice = "played out; waiting for the ledger to take the rest: " + status.why;
    s.view->update(s.filler->fill(*s.simulation, s.pace));
  }
}

/// The ordered end: nothing new comes in, what is in flight is on record already, batches are flushed, stores closed. `played_out`: also marks the run finished,
/// once its ledger has all of it; where it has not, the next start finishes it.
ShutdownReport end_orderly(ReplaySession& s, bool played_out) {
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
    if (!played_out) return {};
    s.record.status = RunStatus::finished;
    if (auto saved = save_run_state(s.paths, s.record); !saved) return std::unexpected(Error{saved.error().code, saved.error().message, {}});
    return {};
  });
  s.shutdown->add(ShutdownPhase::flush, "event streams", [&]() -> Result<void, Error> {
    if (s.streams) s.streams->poke(s.journal->durable_seq());
    if (const std::string left = s.streams ? s.streams->finish(kSecond * 5) : ""; !left.empty()) s.context.note(left);
    return {};
  });
  s.shutdown->add(ShutdownPhase::flush, "rows for ClickHouse", [&]() -> Result<void, Error> {
    if (const std::string left = s.market ? s.market->finish(s.simulation->state().now, s.journal->durable_seq(), kSecond * 5) : ""; !left.empty())
      s.context.note(left);
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
  s.shutdown->add(ShutdownPhase::close_stores, "lease", [&]() -> Result<void, Error> {
    s.live.reset();
    s.sharing.reset();
    return {};
  });
  ShutdownReport report = s.shutdown->run();
  if (report.outcome == ShutdownReport::Outcome::timed_out) s.shutdown->end_forced(report);
  return report;
}

std::expected<KeptRun, CommandError> finish(ReplaySession& s, BacktestOutcome& outcome) {
  outcome.result = s.simulation->result();
  outcome.result.kind = "replay";
  outcome.result.decider = s.scenario.options.strategy.empty() ? "desk" : s.scenario.options.strategy;
  outcome.result.configuration = s.scenario.configuration;
  outcome.result.summary.funding_note = funding_note(s.scenario);
  if (s.record.yardsticks == Yardsticks::all) {
    if (auto added = add_yardsticks(s.scenario, outcome.result); !added) return std::unexpected(added.error());
    if (s.scenario.options.csv.empty() && s.scenario.options.strategy.empty() && s.scenario.options.instruments.empty()) {
      auto held = run_held_out(s.context, s.scenario.options);
      if (!held) return std::unexpected(held.error());
      outcome.held_out = std::move(*held);
    }
  }
  KeepOptions keep;
  keep.report = s.report;
  keep.command = command_of(CommandKind::run_anew, s.scenario.options);
  return keep_run(s.context, s.scenario, outcome, keep);
}

}  // namespace

CommandResult run_replay(AppContext& context, const ReplayOptions& options) {
  ReplaySession s(context, options);
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
    const ShutdownReport report = end_orderly(s, false);
    if (report.outcome == ShutdownReport::Outcome::failed) context.note(report.describe());
    s.view->finish({"PAPER: stopped at " + format_rfc3339(at) + "; nothing was lost. Start again to continue, or with --fresh to begin anew."});
    if (g_document_owed.exchange(false)) context.print(Value(ValueObject{{"mode", "PAPER"}, {"status", "stopped"}, {"at", at}}));
    return static_cast<ExitCode>(s.shutdown->exit_code(report));
  }
  s.pace.notice = "done: computing yardsticks and writing the report";
  s.view->update(s.filler->fill(*s.simulation, s.pace));
  BacktestOutcome outcome;
  const auto kept = finish(s, outcome);
  if (kept) wait_for_ledger(s);
  const ShutdownReport report = end_orderly(s, kept.has_value());
  const bool whole = kept && report.outcome == ShutdownReport::Outcome::clean;
  s.view->finish(whole ? closing_lines(outcome, *kept) : std::vector<std::string>{});
  if (!kept) return std::unexpected(kept.error());
  if (!whole)
    return std::unexpected(CommandError{ExitCode::outside_away,
                                        "not_finished",
                                        "the run was played out but not closed: " + report.describe(),
                                        "nothing acknowledged is lost: start it again to finish it",
                                        {}});
  const RunResult& result = outcome.result;
  log_event(LogLevel::info, "run_finished",
            {{"mode", "PAPER"}, {"run_id", result.run_id}, {"digest", result.digest}, {"trades", result.summary.trades}, {"net", result.summary.net}});
  if (g_document_owed.exchange(false)) context.out << result_to_json(outcome.result, ReportPath{kept->report}) << "\n";
  // Also where a signal came after the last bar: what it would have stopped is done, and a start that went by 143 would begin another run.
  return ExitCode::done;
}

}  // namespace prom
