// Chooses between the embedded stores and PostgreSQL. Main thread.
#include "app/run/run_ledger.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "app/run/index_keeper.h"
#include "base/hash.h"
#include "base/log.h"

namespace prom {
namespace {

CommandError away(const std::string& place, const StoreError& error) {
  return {ExitCode::outside_away, "ledger", "the ledger in " + place + " cannot be opened: " + error.detail, error.hint, {}};
}

/// Connections: one writes the ledger and one the memories; the others are halved between those who read either.
PostgresOptions server_of(const Config& c, const std::string& schema) {
  PostgresOptions options;
  options.host = c.text("POSTGRES_HOST");
  options.port = static_cast<std::uint16_t>(c.integer("POSTGRES_PORT"));
  options.user = c.text("POSTGRES_USER");
  options.password = c.secret("POSTGRES_PASSWORD").clone();
  options.db = c.text("POSTGRES_DB");
  options.ssl_mode = c.text("POSTGRES_SSL_MODE");
  options.ssl_root_cert = c.text("POSTGRES_SSL_ROOT_CERT");
  options.schema = schema;
  options.readers = static_cast<std::size_t>(std::max<std::int64_t>(1, (c.integer("POSTGRES_MAX_CONNS") - 2) / 2));
  return options;
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
    return RunLedger{std::move(*opened), paths.ledger(), nullptr};
  }
  PostgresOptions options = server_of(c, name);
  const std::string place = "PostgreSQL at " + options.host + ":" + std::to_string(options.port) + ", database " + options.db + ", schema " + name;
  options.journal = PostgresOptions::Journal::copied;
  auto opened = open_postgres_ledger(std::move(options));
  if (!opened) return std::unexpected(away("PostgreSQL", opened.error()));
  JournalCopy* const copy = opened->get();
  return RunLedger{*std::move(opened), place, copy};
}

std::expected<RunMemory, CommandError> open_run_memory(AppContext& context, const StatePaths& paths, const std::string& name) {
  const auto config = context.config();
  if (!config) return std::unexpected(config.error());
  const Config& c = **config;
  RunMemory memory;
  if (c.text("POSTGRES_HOST").empty()) {
    memory.keeper = std::make_unique<IndexKeeper>(paths.root);
    return memory;
  }
  PostgresMemoryOptions options;
  options.server = server_of(c, name);
  options.history = MemoryHistory::journal;
  options.dimensions = static_cast<std::size_t>(c.integer("POSTGRES_VECTOR_DIMENSIONS"));
  options.held_bytes = static_cast<std::size_t>(c.integer("POSTGRES_MEMORY_HELD_MB")) << 20U;
  options.held_dir = paths.root;
  auto opened = open_postgres_memory(std::move(options));
  if (!opened)
    return std::unexpected(
        CommandError{ExitCode::outside_away, "memories", "the memories in PostgreSQL cannot be opened: " + opened.error().detail, opened.error().hint, {}});
  memory.server = opened->get();
  memory.keeper = *std::move(opened);
  if (const std::string note = memory.server->note(); !note.empty()) {
    context.note(note);
    log_event(LogLevel::warning, "memories", {{"note", note}});
  }
  return memory;
}

void settle_memories(AppContext& context, const RunMemory& memory) {
  constexpr std::chrono::milliseconds kPatience{5000};
  if (memory.server == nullptr || memory.server->settle(kPatience)) return;
  context.note(std::to_string(memory.server->status().pending) +
               " memories could not be written to PostgreSQL now; the journal has them, and the next start writes them");
}

}  // namespace prom
