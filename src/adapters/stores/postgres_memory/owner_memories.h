// One owner's memories in columns of this process (memory_index/memory_block.h): ranked here within bounds that are proven, so that what comes out holds every hit; scores to the last bit are
// computed from the memories, which the server then gives. Immutable once made; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/stores/memory_index/memory_pile.h"
#include "adapters/stores/postgres_link/pg_connection.h"
#include "adapters/stores/postgres_memory/memory_search.h"

namespace prom::postgres {

struct OwnerMemories {
  std::int64_t owner = 0;
  std::string horizon;  ///< a transaction of the server's: what those before it wrote is here, what others wrote is to be asked for
  MemoryPile pile;
  std::size_t bytes() const { return sizeof(OwnerMemories) + pile.bytes(); }
};

/// More memories of one owner than this are not held.
inline constexpr std::size_t kMostHeld = 50'000;

/// What is known of an owner; `memories` null: nothing yet.
struct KnownOwner {
  std::int64_t owner = 0;
  std::shared_ptr<const OwnerMemories> memories;
};
using OwnersMemories = std::vector<std::shared_ptr<const OwnerMemories>>;
/// Reads what changed since then (all of them where nothing is known) and returns the newer states in the same order, the known one where nothing did; null where there are too many.
/// One statement for all owners. Large columns lie in files of `dir`, where one is given.
StoreResult<OwnersMemories> refresh(PgConnection& connection, std::span<const KnownOwner> owners, const std::filesystem::path& dir);

/// Among which the best `asked.query->limit` are, with every memory that may tie with them. Usually two or three times as many.
std::vector<ScoreRange> best_candidates(std::span<const std::shared_ptr<const OwnerMemories>> of, const TableQuery& asked);

}  // namespace prom::postgres
