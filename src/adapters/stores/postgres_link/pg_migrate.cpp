// See the header. The numbered files are embedded as those of SQLite are.
#include "adapters/stores/postgres_link/pg_migrate.h"

#include <span>

#include "adapters/stores/postgres_link/flat_rows.h"
#include "io/sqlite/migrator.h"

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

StoreResult<int> reached(PgConnection& connection, const MigrationSet& set) {
  PROM_TRY(const Rows found, connection.run("SELECT coalesce(max(version), 0) FROM " + set.version_table, {}));
  return found.empty() ? 0 : Columns(found.front()).get<int>();
}

StoreResult<void> apply_missing(PgConnection& connection, const MigrationSet& set) {
  // One number for all who migrate this store; released with the transaction.
  PROM_CHECK_OK(connection.script("SELECT pg_advisory_xact_lock(" + std::to_string(set.lock) + ")"));
  PROM_CHECK_OK(connection.script("CREATE TABLE IF NOT EXISTS " + set.version_table + " (version BIGINT PRIMARY KEY, name TEXT NOT NULL)"));
  PROM_TRY(const int before, reached(connection, set));
  const int newest = static_cast<int>(set.migrations.size());
  if (before > newest)
    return std::unexpected(
        StoreError{StoreErrorKind::version, Retry::never,
                   "the " + set.store + "'s schema is at version " + std::to_string(before) + " and this program knows " + std::to_string(newest),
                   "run the newer program, or project the journal into a new database"});
  for (const auto& migration : set.migrations.subspan(static_cast<std::size_t>(before))) {
    PROM_CHECK_OK(connection.script(std::string(migration.sql)));
    PROM_CHECK_OK(connection.run("INSERT INTO " + set.version_table + " (version, name) VALUES (?, ?)",
                                 Parameters().put(migration.version).put(migration.name).values()));
  }
  return {};
}

}  // namespace

StoreResult<void> ensure_schema(PgConnection& connection, const std::string& schema) {
  if (schema.empty()) return {};
  PROM_TRY(const Rows found, connection.run("SELECT 1 FROM pg_namespace WHERE nspname = ?", Parameters().put(schema).values()));
  if (!found.empty()) return {};
  return connection.script("CREATE SCHEMA IF NOT EXISTS \"" + schema + '"');
}

StoreResult<void> migrate(PgConnection& connection, const MigrationSet& set) {
  PROM_CHECK_OK(connection.begin());
  if (auto applied = apply_missing(connection, set); !applied) {
    connection.roll_back();
    return applied;
  }
  return connection.commit();
}

}  // namespace prom::postgres
