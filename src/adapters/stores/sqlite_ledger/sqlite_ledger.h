// The ledger port on SQLite (WAL). Writing and reading use a connection of their own, each behind a mutex: queries from any thread never wait for a projection.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ports/journal.h"
#include "ports/ledger.h"

namespace prom {

struct SqliteLedgerOptions {
  std::string path;  ///< ":memory:" for a private one
  std::uint32_t shard = 0;
  Durability durability = Durability::process;  ///< what a projected frame survives; the journal has it in any case
  int busy_timeout_ms = 2000;                   ///< then `away` with Retry::after
};

/// Creates or migrates the database. `version` when a newer program wrote it.
StoreResult<std::unique_ptr<Ledger>> open_sqlite_ledger(const SqliteLedgerOptions& options);

}  // namespace prom
