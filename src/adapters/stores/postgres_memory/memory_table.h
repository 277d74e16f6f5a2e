// The table of memories in PostgreSQL and what pgvector adds to it: made ready, written, read whole. Over a connection of the caller's; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/stores/postgres_link/pg_connection.h"
#include "domain/memory.h"

namespace prom::postgres {

/// What the server offers. Fixed once the table has been made ready.
struct MemoryLayout {
  std::string vector_schema;   ///< quoted, of the extension; empty: there is none, distances are computed on our side
  std::size_t dimensions = 0;  ///< of the column `embedding`
  std::string note;            ///< for the operator, one sentence; empty where all is as it should be
  bool vectors() const { return !vector_schema.empty(); }
  std::string vector_type() const { return vector_schema + ".vector"; }
  /// Negative inner product, so of vectors of length 1 the negative cosine.
  std::string inner() const { return " OPERATOR(" + vector_schema + ".<#>) "; }
};

enum class Extension : std::uint8_t { use, leave };

/// Migrates, and adds the vector columns and indexes where pgvector is there or can be made. Rows that were kept without them get them. A column of another dimension is made anew:
/// what it holds follows from the texts.
StoreResult<MemoryLayout> prepare_memories(PgConnection& connection, std::size_t dimensions, Extension extension);

/// Inserts or replaces, in one statement. At most kMemoryBatch.
inline constexpr std::size_t kMemoryBatch = 256;
StoreResult<void> write_memories(PgConnection& connection, const MemoryLayout& layout, std::span<const std::shared_ptr<const Memory>> memories);

/// At most `limit`, ascending by id from above `after`.
StoreResult<std::vector<Memory>> read_memories(PgConnection& connection, std::optional<std::uint64_t> after, std::size_t limit);
struct MemoryCounts {
  std::uint64_t all = 0, collective = 0, last_id = 0;
};
StoreResult<MemoryCounts> count_memories(PgConnection& connection);

/// A vector in the form of the extension: [0.5,-0.25]; padded with zeros to `dimensions` where that is larger.
std::string vector_text(std::span<const float> values, std::size_t dimensions);
std::string float_bytes_text(std::span<const float> values);
StoreResult<std::vector<float>> floats_of(std::span<const std::byte> bytes);
StoreResult<Memory> memory_of(std::span<const std::byte> body);

}  // namespace prom::postgres
