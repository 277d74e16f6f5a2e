// The schema comes from assets/migrations/sqlite/market; a reader refuses a file of another version, since it may not change it.
#include "adapters/stores/sqlite_market/market_database.h"

#include <span>
#include <string_view>

#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> market_migrations();  // made from assets/migrations/sqlite/market
}

namespace prom::market_rows {
namespace {

using sqlite::Database;
constexpr std::string_view kStoreName = "market store";

}  // namespace

StoreResult<Database> open_market_database(const std::string& path, const SqliteMarketOptions& options) {
  sqlite::OpenOptions open;
  open.mode = options.access == StoreAccess::read_only ? sqlite::OpenMode::read_only : sqlite::OpenMode::create;
  open.busy_timeout_ms = options.busy_timeout_ms;
  open.cache_kib = options.cache_kib;
  PROM_TRY(Database database, Database::open(path, open));
  const auto migrations = sqlite::market_migrations();
  if (options.access == StoreAccess::read_write) {
    PROM_CHECK_OK(sqlite::migrate(database, migrations, kStoreName));
  } else {
    PROM_TRY(const int version, sqlite::schema_version(database));
    if (version != static_cast<int>(migrations.size())) {
      return err(StoreError{
          StoreErrorKind::version, Retry::never,
          "the market store at " + path + " has schema version " + std::to_string(version) + ", this program needs " + std::to_string(migrations.size()),
          "run `promtrade migrate`, or use the program that wrote it"});
    }
  }
  return database;
}

}  // namespace prom::market_rows
