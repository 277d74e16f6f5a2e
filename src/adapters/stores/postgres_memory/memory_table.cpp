// See the header.
#include "adapters/stores/postgres_memory/memory_table.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/memory_index/memory_block.h"
#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_link/pg_migrate.h"
#include "domain/enum_text.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> postgres_memory_migrations();
}  // namespace prom::sqlite

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

constexpr std::int64_t kMigrationLock = 7'736'871;
// A row of an index may take a third of a page at most: with more dimensions a search has to read the table.
constexpr std::size_t kMostCovered = 400, kMostSituation = 128;

std::string quoted_name(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

StoreResult<std::string> text_of(PgConnection& connection, const std::string& sql) {
  PROM_TRY(const Rows rows, connection.ask(sql));
  if (rows.empty() || rows.front().empty()) return std::string();
  return rows.front().front().value_or("");
}

/// The quoted schema of the extension, made where the server allows it; else empty and why in `note`.
StoreResult<std::string> find_extension(PgConnection& connection, std::string& note) {
  static const std::string kFind = "SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";
  PROM_TRY(std::string schema, text_of(connection, kFind));
  if (schema.empty()) {
    PROM_TRY(const std::string available, text_of(connection, "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"));
    if (available.empty()) {
      note =
          "this PostgreSQL has no pgvector, so memories are searched exactly and without an index: install it (Debian: postgresql-NN-pgvector) and start again";
      return std::string();
    }
    if (const auto made = connection.script("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public"); !made) {
      if (made.error().kind == StoreErrorKind::away) return std::unexpected(made.error());
      note =
          "this PostgreSQL has pgvector but it could not be enabled, so memories are searched exactly and without an index: run CREATE EXTENSION vector there "
          "as its administrator (" +
          made.error().detail + ")";
      return std::string();
    }
    PROM_TRY(schema, text_of(connection, kFind));
  }
  return schema.empty() ? schema : quoted_name(schema);
}

StoreResult<void> add_vectors(PgConnection& connection, const MemoryLayout& layout) {
  const std::string type = layout.vector_type() + "(" + std::to_string(layout.dimensions) + ")";
  PROM_TRY(const std::string had, text_of(connection,
                                          "SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE a.attrelid = 'kept_memories'::regclass AND "
                                          "a.attname = 'embedding' AND NOT a.attisdropped"));
  if (!had.empty() && !had.ends_with("vector(" + std::to_string(layout.dimensions) + ")"))
    PROM_CHECK_OK(connection.script("ALTER TABLE kept_memories DROP COLUMN embedding, DROP COLUMN situation_embedding"));
  std::string sql =
      "ALTER TABLE kept_memories ADD COLUMN IF NOT EXISTS embedding " + type + ", ADD COLUMN IF NOT EXISTS situation_embedding " + layout.vector_type() + ";";
  if (layout.dimensions <= kMostCovered) {
    // Plain storage: vectors are read without being unpacked. The index holds all that scoring needs, so that the memories of one user stand side by side however
    // they came in, and the table is not read at all.
    sql +=
        "ALTER TABLE kept_memories ALTER COLUMN embedding SET STORAGE PLAIN, ALTER COLUMN situation_embedding SET STORAGE PLAIN;"
        "CREATE INDEX IF NOT EXISTS kept_memories_of_user ON kept_memories (owner) INCLUDE (id, created_ns, expires_ns, importance, kind, seen_by, scope, "
        "situation_size, embedding, situation_embedding);";
  } else {
    sql += "CREATE INDEX IF NOT EXISTS kept_memories_of_user ON kept_memories (owner);";
  }
  // An index of nearest neighbours knows no users: only what everybody may see is in it.
  sql += "CREATE INDEX IF NOT EXISTS kept_memories_near ON kept_memories USING hnsw (embedding " + layout.vector_schema +
         ".vector_ip_ops) WHERE scope = 'collective';";
  return connection.script(sql);
}

StoreResult<void> write_rows(PgConnection& connection, const MemoryLayout& layout, std::span<const std::shared_ptr<const Memory>> memories) {
  std::vector<std::string> names = {"id",         "owner",      "scope",          "kind",        "seen_by",   "importance",
                                    "created_ns", "expires_ns", "situation_size", "text_vector", "situation", "body"};
  if (layout.vectors()) names.insert(names.end(), {"embedding", "situation_embedding"});
  Parameters parameters;
  std::string rows;
  for (const auto& memory : memories) {
    const TextVector text = text_vector(memory->text);
    const auto situation = unit_vector(memory->situation).value_or(std::vector<float>());
    parameters.put(memory->id).put(owner_of(*memory)).put(memory->scope).put(memory->kind);
    parameters.put(memory->scope == MemoryScope::collective ? std::optional<AgentRole>() : memory->agent);
    // NaN is worth nothing, as in a score.
    parameters.put(memory->importance > 0 ? std::min(memory->importance, 1.0) : 0.0).put(memory->created_at).put(memory->expires_at);
    parameters.put(static_cast<std::uint32_t>(situation.size())).put(float_bytes_text(text)).put(float_bytes_text(situation));
    parameters.put(flat_rows::bytea_text(ledger_rows::pack(MemoryNoted{*memory})));
    if (layout.vectors()) {
      parameters.put(vector_text(text, layout.dimensions));
      parameters.put(situation.empty() || situation.size() > kMostSituation ? std::optional<std::string>() : vector_text(situation, 0));
    }
    rows += rows.empty() ? "(" : ",(";
    for (std::size_t i = 0; i < names.size(); ++i) {
      rows += i == 0 ? "?" : ",?";
      if (names[i].ends_with("embedding")) rows += "::" + layout.vector_type();
    }
    rows += ")";
  }
  std::string columns, updates;
  updates = "changed = DEFAULT";
  for (const std::string& name : names) {
    columns.append(columns.empty() ? "" : ", ").append(name);
    if (name != "id") updates.append(", ").append(name).append(" = excluded.").append(name);
  }
  const auto written =
      connection.run("INSERT INTO kept_memories (" + columns + ") VALUES " + rows + " ON CONFLICT (id) DO UPDATE SET " + updates, parameters.values());
  if (!written) return std::unexpected(written.error());
  return {};
}

/// Rows of a time without the extension.
StoreResult<void> fill_vectors(PgConnection& connection, const MemoryLayout& layout) {
  while (true) {
    PROM_TRY(const Rows rows, connection.run("SELECT body FROM kept_memories WHERE embedding IS NULL ORDER BY id LIMIT " + std::to_string(kMemoryBatch), {}));
    if (rows.empty()) return {};
    std::vector<std::shared_ptr<const Memory>> batch;
    for (const auto& row : rows) {
      Columns columns(row);
      PROM_TRY(Memory memory, memory_of(columns.get<std::vector<std::byte>>()));
      batch.push_back(std::make_shared<const Memory>(std::move(memory)));
    }
    PROM_CHECK_OK(write_memories(connection, layout, batch));
  }
}

}  // namespace

std::string vector_text(std::span<const float> values, std::size_t dimensions) {
  std::string out = "[";
  for (std::size_t i = 0; i < std::max(values.size(), dimensions); ++i) {
    char digits[32];
    const float value = i < values.size() ? values[i] : 0.0F;
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
    if (i != 0) out += ',';
    out.append(digits, error == std::errc() ? static_cast<std::size_t>(end - digits) : 0);
  }
  return out + "]";
}

std::string float_bytes_text(std::span<const float> values) {
  std::vector<std::byte> bytes;
  bytes.reserve(values.size() * 4);
  for (const float value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::byte>(bits >> shift & 255U));
  }
  return flat_rows::bytea_text(bytes);
}

StoreResult<std::vector<float>> floats_of(std::span<const std::byte> bytes) {
  if (bytes.size() % 4 != 0) return std::unexpected(ledger_rows::corrupt_row("a vector of a memory has no whole number of floats"));
  std::vector<float> out;
  out.reserve(bytes.size() / 4);
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 4; ++i) bits |= std::to_integer<std::uint32_t>(bytes[at + i]) << (8 * i);
    out.push_back(std::bit_cast<float>(bits));
  }
  return out;
}

StoreResult<Memory> memory_of(std::span<const std::byte> body) {
  PROM_TRY(auto noted, ledger_rows::unpack_input<MemoryNoted>(body));
  return std::move(noted.memory);
}

StoreResult<MemoryLayout> prepare_memories(PgConnection& connection, std::size_t dimensions, Extension extension) {
  if (dimensions < kTextDimensions || dimensions > 2000)
    return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never,
                                      "vectors of memories have " + std::to_string(kTextDimensions) + " to 2000 dimensions, not " + std::to_string(dimensions),
                                      ""});
  PROM_CHECK_OK(migrate(connection, {"memories", "memory_schema_version", kMigrationLock, sqlite::postgres_memory_migrations()}));
  MemoryLayout layout;
  layout.dimensions = dimensions;
  if (extension == Extension::leave) return layout;
  // Alone, like a migration: two programs that start at once would both see that the columns are missing.
  PROM_CHECK_OK(connection.script("SELECT pg_advisory_lock(" + std::to_string(kMigrationLock) + ")"));
  const auto made = [&]() -> StoreResult<void> {
    PROM_TRY(layout.vector_schema, find_extension(connection, layout.note));
    if (!layout.vectors()) return {};
    PROM_CHECK_OK(add_vectors(connection, layout));
    return fill_vectors(connection, layout);
  }();
  const auto released = connection.script("SELECT pg_advisory_unlock(" + std::to_string(kMigrationLock) + ")");
  if (!made) return std::unexpected(made.error());
  if (!released) return std::unexpected(released.error());
  return layout;
}

StoreResult<void> write_memories(PgConnection& connection, const MemoryLayout& layout, std::span<const std::shared_ptr<const Memory>> memories) {
  // A few sizes only: each is a prepared statement of the connection's.
  for (const std::size_t size : {kMemoryBatch, std::size_t{64}, std::size_t{16}, std::size_t{4}, std::size_t{1}}) {
    for (; memories.size() >= size; memories = memories.subspan(size)) PROM_CHECK_OK(write_rows(connection, layout, memories.first(size)));
  }
  return {};
}

StoreResult<std::vector<Memory>> read_memories(PgConnection& connection, std::optional<std::uint64_t> after, std::size_t limit) {
  const std::string from = after ? "WHERE id > ? " : "";
  Parameters parameters;
  if (after) parameters.put(*after);
  PROM_TRY(const Rows rows, connection.run("SELECT body FROM kept_memories " + from + "ORDER BY id LIMIT ?", parameters.put(limit).values()));
  std::vector<Memory> out;
  for (const auto& row : rows) {
    Columns columns(row);
    PROM_TRY(Memory memory, memory_of(columns.get<std::vector<std::byte>>()));
    out.push_back(std::move(memory));
  }
  return out;
}

StoreResult<MemoryCounts> count_memories(PgConnection& connection) {
  PROM_TRY(const Rows rows, connection.run("SELECT count(*), count(*) FILTER (WHERE scope = 'collective'), coalesce(max(id), 0) FROM kept_memories", {}));
  Columns columns(rows.front());
  MemoryCounts counts;
  columns.read(counts.all);
  columns.read(counts.collective);
  columns.read(counts.last_id);
  return counts;
}

}  // namespace prom::postgres
