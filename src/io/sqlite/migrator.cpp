// Applies numbered migrations and refuses a database of the future.
#include "io/sqlite/migrator.h"

#include <string>

#include "base/assert.h"

namespace prom::sqlite {

SqlResult<int> schema_version(Database& database) {
  PROM_TRY(const std::int64_t tables, database.query_int("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='schema_version'"));
  if (tables == 0) return 0;
  PROM_TRY(const std::int64_t version, database.query_int("SELECT coalesce(max(version), 0) FROM schema_version"));
  return static_cast<int>(version);
}

SqlResult<int> migrate(Database& database, std::span<const Migration> migrations, std::string_view store) {
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    PROM_ASSERT(migrations[i].version == static_cast<int>(i) + 1, "migrations are numbered from 1 without holes");
  }
  const int known = static_cast<int>(migrations.size());
  PROM_TRY(int version, schema_version(database));
  while (version < known) {
    const Migration& next = migrations[static_cast<std::size_t>(version)];
    PROM_TRY(Transaction transaction, Transaction::begin(database));
    // Two processes may start at once: what counts is the version seen under the write lock.
    PROM_TRY(const int seen, schema_version(database));
    if (seen == version) {
      PROM_CHECK_OK(database.exec("CREATE TABLE IF NOT EXISTS schema_version(version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT"));
      if (auto done = database.exec(std::string(next.sql)); !done) {
        SqlError error = std::move(done).error();
        error.detail = "migration " + std::string(next.name) + " of the " + std::string(store) + ": " + error.detail;
        return err(std::move(error));
      }
      PROM_TRY(Statement insert, database.prepare("INSERT INTO schema_version(version, name) VALUES(?1, ?2)"));
      PROM_CHECK_OK(insert.bind(1, static_cast<std::int64_t>(next.version)).bind(2, next.name).run());
      PROM_CHECK_OK(transaction.commit());
      ++version;
    } else {
      version = seen;
    }
  }
  if (version > known) {
    return err(SqlError{ErrorKind::version, Retry::never,
                        "the " + std::string(store) + " at " + database.path() + " has schema version " + std::to_string(version) +
                            ", but this program knows only up to " + std::to_string(known),
                        "it was written by a newer promtrade: use that version, or point --state at another folder"});
  }
  return version;
}

}  // namespace prom::sqlite
