// The ledger in PostgreSQL 15 or newer, a projection of the journal: it can be deleted and projected anew. Meets ports/ledger_contract.h.
#pragma once

#include <memory>

#include "adapters/stores/postgres_link/postgres_options.h"
#include "ports/journal_copy.h"
#include "ports/ledger.h"

namespace prom {

/// The ledger, and the journal's shared copy, which is written with it where PostgresOptions::journal says so.
class PostgresLedger : public Ledger, public JournalCopy {};

/// Connects and migrates. Afterwards a connection that breaks is made anew by the next call; what was under way is answered `away` with Retry::after, also
/// where the connection broke during a commit: the ledger then asks what is stored before it answers.
/// Projection has one connection behind a mutex, queries share a pool (POSTGRES_MAX_CONNS).
StoreResult<std::unique_ptr<PostgresLedger>> open_postgres_ledger(PostgresOptions options);

}  // namespace prom
