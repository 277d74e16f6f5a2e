// One question to the table of memories: the same hits, scores and order as the embedded index gives on the same memories. Over a connection of the caller's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/stores/memory_index/memory_rank.h"
#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/postgres_memory/memory_table.h"

namespace prom::postgres {

struct TableQuery {
  const MemoryQuery* query = nullptr;
  const MemoryScorer* scorer = nullptr;
  MemoryWeights weights;
  std::vector<std::uint64_t> hidden;    ///< ids that are not to be looked at, ascending: newer versions of them are elsewhere
  std::optional<std::uint64_t> newest;  ///< ids above are not history yet
  bool collective_by_index = false;     ///< so many collective memories that nearest neighbours, newest and most important ones are the candidates among them
};

struct RankedMemory {
  std::shared_ptr<const Memory> memory;
  double score = 0;
};
/// Best first; at most query.limit. The server finds candidates by its own arithmetic, which differs from ours in the last digits; the score is computed anew here, and candidates
/// are asked for until one is worse than the last hit by more than that difference could make.
StoreResult<std::vector<RankedMemory>> search_memories(PgConnection& connection, const MemoryLayout& layout, const TableQuery& asked);

/// Those memories with their scores, best first, at most query.limit. Nothing where one of them is not there, not for this question or not in its range: what named them is out of date.
StoreResult<std::optional<std::vector<RankedMemory>>> score_memories(PgConnection& connection, const TableQuery& asked,
                                                                     const std::vector<ScoreRange>& candidates);

}  // namespace prom::postgres
