// See the header. The numbered files are embedded as those of SQLite are.
#include "adapters/stores/postgres_ledger/pg_migrate.h"

#include <span>

#include "adapters/stores/postgres_ledger/flat_rows.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> postgres_ledger_migrations();
}  // namespace prom::sqlite

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

StoreResult<int> reached(PgConnection& connection) {
  PROM_TRY(const Rows found, connection.run("SELECT coalesce(max(version), 0) FROM schema_version", {}));
  return found.empty() ? 0 : Columns(found.front()).get<int>();
}

StoreResult<void> apply_missing(PgConnection& connection) {
  // One number for all who migrate this schema; released with the transaction.
  PROM_CHECK_OK(connection.script("SELECT pg_advisory_xact_lock(7736870)"));
  PROM_CHECK_OK(connection.script("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL)"));
  PROM_TRY(const int before, reached(connection));
  const auto migrations = sqlite::postgres_ledger_migrations();
  const int newest = static_cast<int>(migrations.size());
  if (before > newest)
    return std::unexpected(StoreError{StoreErrorKind::version, Retry::never,
                                      "the ledger's schema is at version " + std::to_string(before) + " and this program knows " + std::to_string(newest),
                                      "run the newer program, or project the journal into a new database"});
  for (const auto& migration : migrations.subspan(static_cast<std::size_t>(before))) {
    PROM_CHECK_OK(connection.script(std::string(migration.sql)));
    PROM_CHECK_OK(connection.run("INSERT INTO schema_version (version, name) VALUES (?, ?)", Parameters().put(migration.version).put(migration.name).values()));
  }
  return {};
}

}  // namespace

StoreResult<void> migrate(PgConnection& connection) {
  PROM_CHECK_OK(connection.begin());
  if (auto applied = apply_missing(connection); !applied) {
    connection.roll_back();
    return applied;
  }
  return connection.commit();
}

}  // namespace prom::postgres
