// One replay at work: everything that it holds open, in the order in which it is closed, and how it is opened. Main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "adapters/stores/journal_file/journal_file.h"
#include "app/run/ops_panel.h"
#include "app/run/replay_runner.h"
#include "app/run/run_ledger.h"
#include "app/run/run_live.h"
#include "app/run/run_market.h"
#include "app/run/run_sharing.h"
#include "app/run/run_streams.h"
#include "app/run/view_model.h"
#include "app/shutdown/shutdown.h"
#include "runtime/projector/projector.h"
#include "runtime/projector/projector_worker.h"

namespace prom {

struct ReplaySession {
  ReplaySession(AppContext& c, const ReplayOptions& o) : context(c), options(o) {}

  AppContext& context;
  const ReplayOptions& options;
  StatePaths paths;
  Scenario scenario;
  std::unique_ptr<RuleDesk> desk;
  RunMemory memory;
  std::unique_ptr<JournalFileWriter> journal;
  std::unique_ptr<JournalReader> reader;
  RunState record;  ///< what run.json says, or is to say
  RunLedger ledger;
  std::unique_ptr<Projector> projector;
  std::unique_ptr<ProjectorWorker> worker;
  std::unique_ptr<RunSharing> sharing;  ///< null where no Redis is named
  std::unique_ptr<RunLive> live;        ///< the same
  std::unique_ptr<RunStreams> streams;  ///< null where no broker is named
  std::unique_ptr<RunMarket> market;    ///< null where no ClickHouse is named
  std::uint64_t rounds_seen = 0;
  std::unique_ptr<Simulation> simulation;
  std::unique_ptr<OpsPanel> panel;
  std::unique_ptr<ViewFiller> filler;
  std::unique_ptr<view::RunView> view;
  std::unique_ptr<ShutdownManager> shutdown;
  RunPace pace;
  std::string report;  ///< path of the HTML report; empty = beside the record of the run
  std::optional<CommandError> failed;
};

/// Whether --json still owes its one document. A forced end runs no more code of ours but before_force, which then writes it.
extern std::atomic<bool> g_document_owed;

/// As the user reads it.
CommandError error_of(const JournalError& error);
CommandError error_of(const ShardError& error);

/// Chooses between continuing and beginning anew, and opens everything in its order; what was opened before a failure is closed by the session's end.
std::expected<void, CommandError> open_all(ReplaySession& s);
/// Hands the journal's durable frames to the ledger and the streams, and tells the engine where the ledger is away or back. Never waits.
void project(ReplaySession& s);

}  // namespace prom
