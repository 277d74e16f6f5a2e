// Which schema belongs to which file.
#include "app/commands/migrations.h"

namespace prom::sqlite {
std::span<const Migration> ledger_migrations();  // made from assets/migrations/sqlite/ledger
std::span<const Migration> market_migrations();  // made from assets/migrations/sqlite/market
}  // namespace prom::sqlite

namespace prom {

std::vector<EmbeddedStore> embedded_stores(const std::string& ledger_path, const std::string& market_path) {
  return {{"ledger", ledger_path, sqlite::ledger_migrations()}, {"market store", market_path, sqlite::market_migrations()}};
}

sqlite::SqlResult<SchemaChange> migrate_store(const EmbeddedStore& store) {
  PROM_TRY(sqlite::Database database, sqlite::Database::open(store.path, {}));
  SchemaChange change;
  PROM_TRY(change.before, sqlite::schema_version(database));
  PROM_TRY(change.after, sqlite::migrate(database, store.migrations, store.name));
  return change;
}

}  // namespace prom
