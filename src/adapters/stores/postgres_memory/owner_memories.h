// One owner's memories in columns of this process: all that a score needs, a fifth of what the memories themselves take. Ranked here within bounds that are proven, so that what comes
// out holds every hit; scores to the last bit are computed from the memories, which the server then gives. Immutable once made; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/stores/postgres_link/pg_connection.h"
#include "adapters/stores/postgres_memory/memory_search.h"

namespace prom::postgres {

inline constexpr std::int64_t kEveryonesOwner = -1;  ///< as memory_table.h writes what all users see

struct OwnerMemories {
  std::int64_t owner = 0;
  std::string horizon;  ///< a transaction of the server's: what those before it wrote is here, what others wrote is to be asked for
  std::vector<std::uint64_t> ids;
  std::vector<std::int64_t> created, expires;  ///< ns; one that never expires: the largest number
  std::vector<double> importance;
  std::vector<std::uint8_t> kinds, seen_by;    ///< MemoryKind; AgentRole, or 255: every agent
  std::vector<std::int8_t> texts;              ///< kTextDimensions each, in steps
  std::vector<float> steps;                    ///< how large a step is
  std::vector<std::vector<float>> situations;  ///< unit length or empty
  std::size_t bytes() const;
};

/// More memories of one owner than this are not held.
inline constexpr std::size_t kMostHeld = 50'000;

/// Reads what changed since `known` (nothing: all of them) and returns the newer state, `known` itself where nothing did; null where there are too many. One statement.
StoreResult<std::shared_ptr<const OwnerMemories>> refresh(PgConnection& connection, std::int64_t owner, const std::shared_ptr<const OwnerMemories>& known);

/// Among which the best `asked.query->limit` are, with every memory that may tie with them. Usually a few more than that.
std::vector<ScoreRange> best_candidates(std::span<const std::shared_ptr<const OwnerMemories>> of, const TableQuery& asked);

}  // namespace prom::postgres
