// The ledger and the memories of a run, where the configuration puts it: SQLite in the state directory, or PostgreSQL where POSTGRES_HOST is set. Main thread.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "adapters/stores/postgres_memory/postgres_memory.h"
#include "app/cli/command.h"
#include "ports/journal_copy.h"
#include "ports/ledger.h"
#include "ports/memory_keeper.h"

namespace prom {

/// A name for the ledger of a run that begins now; no other run of any installation has it.
std::string new_ledger_name(const StatePaths& paths);

struct RunLedger {
  std::unique_ptr<Ledger> ledger;
  std::string place;            ///< for a person; without secrets
  JournalCopy* copy = nullptr;  ///< of the ledger, where it is on a server
};
/// `name` is the run's (RunState::ledger): on a server its tables stand in a schema of that name. Exit code 4 where it cannot be opened.
std::expected<RunLedger, CommandError> open_run_ledger(AppContext& context, const StatePaths& paths, const std::string& name);

struct RunMemory {
  std::unique_ptr<MemoryKeeper> keeper;
  PostgresMemory* server = nullptr;  ///< the same, where it is on a server
};
/// The memories of the run, in process or beside its ledger on the server. They come from the run's journal either way; large runs of them lie in files without a name in the state directory.
/// Exit code 4 where they cannot be opened.
std::expected<RunMemory, CommandError> open_run_memory(AppContext& context, const StatePaths& paths, const std::string& name);
/// Writes what is still on its way to a server, and notes what was left.
void settle_memories(AppContext& context, const RunMemory& memory);

}  // namespace prom
