// Chooses between the two ledgers. Main thread.
#include "app/run/run_ledger.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "base/hash.h"

namespace prom {
namespace {

CommandError away(const std::string& place, const StoreError& error) {
  return {ExitCode::outside_away, "ledger", "the ledger in " + place + " cannot be opened: " + error.detail, error.hint, {}};
}

}  // namespace

std::string new_ledger_name(const StatePaths& paths) {
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  char host[256] = {};
  ::gethostname(host, sizeof host - 1);
  const std::string unique = std::string(host) + '|' + paths.root + '|' + std::to_string(::getpid()) + '|' + std::to_string(now);
  const std::string time = format_rfc3339(TimeNs{now / 1'000'000'000 * 1'000'000'000});  // 2026-11-26T10:34:56Z
  std::string name = "run_";
  for (const char c : time)
    if (c >= '0' && c <= '9') name += c;
  constexpr std::string_view kHex = "0123456789abcdef";
  name += '_';
  for (std::uint64_t left = hash_bytes(std::as_bytes(std::span(unique))), i = 0; i < 8; ++i, left >>= 4) name += kHex[left & 15];
  return name;
}

std::expected<RunLedger, CommandError> open_run_ledger(AppContext& context, const StatePaths& paths, const std::string& name) {
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  const Config& c = **config;
  if (c.text("POSTGRES_HOST").empty()) {
    auto opened = open_sqlite_ledger({.path = paths.ledger()});
    if (!opened) return std::unexpected(away(paths.ledger(), opened.error()));
    return RunLedger{std::move(*opened), paths.ledger()};
  }
  PostgresOptions options;
  options.host = c.text("POSTGRES_HOST");
  options.port = static_cast<std::uint16_t>(c.integer("POSTGRES_PORT"));
  options.user = c.text("POSTGRES_USER");
  options.password = c.secret("POSTGRES_PASSWORD").clone();
  options.db = c.text("POSTGRES_DB");
  options.ssl_mode = c.text("POSTGRES_SSL_MODE");
  options.schema = name;
  const std::string place = "PostgreSQL at " + options.host + ":" + std::to_string(options.port) + ", database " + options.db + ", schema " + name;
  auto opened = open_postgres_ledger(std::move(options));
  if (!opened) return std::unexpected(away("PostgreSQL", opened.error()));
  return RunLedger{std::move(*opened), place};
}

void note_unused_servers(AppContext& context) {
  const auto config = context.config();
  if (!config) return;
  for (const char* name : {"REDIS_HOST"})
    if (!(*config)->text(name).empty()) context.note(std::string(name) + " is set, but this version does not use it yet: what it is for runs embedded");
}

}  // namespace prom
