// Brings a schema up to what this program knows: the numbered files of assets/migrations/postgres/STORE, forward only. Before anybody else uses the connection.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "adapters/stores/postgres_link/pg_connection.h"

namespace prom::sqlite {
struct Migration;
}  // namespace prom::sqlite

namespace prom::postgres {

/// Makes the schema where it is missing; empty: there is none to make. A user who may not make one can use one that is there.
StoreResult<void> ensure_schema(PgConnection& connection, const std::string& schema);

struct MigrationSet {
  std::string store;          ///< for sentences: "ledger"
  std::string version_table;  ///< columns version, name
  std::int64_t lock = 0;      ///< of all who migrate this store anywhere in the database
  std::span<const sqlite::Migration> migrations;
};
/// All that are missing in one transaction, each with its row in the version table; several programs that start at once take turns. `version` where the
/// schema is newer than the program.
StoreResult<void> migrate(PgConnection& connection, const MigrationSet& set);

}  // namespace prom::postgres
