// See the header. ClickHouse has no transactions over statements: a migration's number is written after its last statement.
#include "adapters/stores/clickhouse/clickhouse_migrate.h"

#include <span>

#include "base/text.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> clickhouse_market_migrations();
}  // namespace prom::sqlite

namespace prom::clickhouse {
namespace {

StoreResult<void> run_all(Link& link, std::string_view script) {
  while (true) {
    const std::size_t end = script.find(";\n");
    if (end == std::string_view::npos) return {};
    PROM_CHECK_OK(link.run(script.substr(0, end)));
    script.remove_prefix(end + 2);
  }
}

}  // namespace

StoreResult<void> migrate(Link& link) {
  PROM_CHECK_OK(link.run("CREATE TABLE IF NOT EXISTS schema_version (version UInt32, name String) ENGINE = ReplacingMergeTree ORDER BY version"));
  PROM_TRY(const std::string answer, link.run("SELECT max(version) FROM schema_version"));
  const std::int64_t reached = parse_i64(answer.substr(0, answer.find('\n'))).value_or(-1);
  const auto migrations = sqlite::clickhouse_market_migrations();
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (reached < 0)
    return err(
        StoreError{StoreErrorKind::corrupt, Retry::never, place_of(link.options()) + ": schema_version of " + link.options().db + " cannot be read", ""});
  if (reached > newest)
    return err(StoreError{StoreErrorKind::version, Retry::never,
                          "the market store " + link.options().db + " on " + place_of(link.options()) + " has schema version " + std::to_string(reached) +
                              ", but this program knows only up to " + std::to_string(newest),
                          "run the newer program, or name another database in CLICKHOUSE_DB"});
  for (const auto& migration : migrations.subspan(static_cast<std::size_t>(reached))) {
    PROM_CHECK_OK(run_all(link, migration.sql));
    PROM_CHECK_OK(link.run("INSERT INTO schema_version SELECT {version:UInt32}, {name:String}",
                           {{"version", std::to_string(migration.version)}, {"name", std::string(migration.name)}}));
  }
  return {};
}

}  // namespace prom::clickhouse
