// Brings the schema of the ledger up to what this program knows: assets/migrations/postgres/ledger, forward only. Before anybody else uses the connection.
#pragma once

#include "adapters/stores/postgres_ledger/pg_connection.h"

namespace prom::postgres {

/// All that are missing in one transaction, each with its row in schema_version; several programs that start at once take turns. `version` where the
/// schema is newer than the program.
StoreResult<void> migrate(PgConnection& connection);

}  // namespace prom::postgres
