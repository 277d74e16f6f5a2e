// See the header.
#include "adapters/stores/postgres_memory/owner_memories.h"

#include <utility>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/memory_index/memory_rank.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_memory/memory_table.h"

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

// A change of so many is read as all of them anew: each is looked for among those that are here.
constexpr std::size_t kMostChanges = 4096;

StoreResult<MemoryRow> row_of(const std::vector<Value>& values) {
  Columns columns(values);
  columns.get<std::string>();  // the horizon
  MemoryRow row;
  columns.read(row.id);
  columns.read(row.created);
  row.expires = columns.get<std::optional<std::int64_t>>().value_or(kNeverExpires);
  columns.read(row.importance);
  row.kind = static_cast<std::uint8_t>(columns.get<MemoryKind>());
  const auto agent = columns.get<std::optional<AgentRole>>();
  row.seen_by = agent ? static_cast<std::uint8_t>(*agent) : kEveryAgent;
  PROM_TRY(const auto text, floats_of(columns.get<std::vector<std::byte>>()));
  PROM_TRY(row.situation, floats_of(columns.get<std::vector<std::byte>>()));
  if (!columns.ok() || text.size() != kTextDimensions) return std::unexpected(ledger_rows::corrupt_row("a memory's row cannot be read"));
  std::ranges::copy(text, row.text.begin());
  return row;
}

}  // namespace

StoreResult<std::shared_ptr<const OwnerMemories>> refresh(PgConnection& connection, std::int64_t owner, const std::shared_ptr<const OwnerMemories>& known,
                                                          const std::filesystem::path& dir) {
  const std::string limit = std::to_string((known ? kMostChanges : kMostHeld) + 1);
  PROM_TRY(const Rows rows,
           connection.run(
               "SELECT pg_snapshot_xmin(pg_current_snapshot()), m.* FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT id, created_ns, expires_ns, importance, "
               "kind, seen_by, text_vector, situation FROM kept_memories WHERE owner = ? AND changed >= ?::xid8 LIMIT " +
                   limit + ") m ON true",
               Parameters().put(owner).put(known ? known->horizon : std::string("0")).values()));
  if (rows.empty() || rows.front().empty() || !rows.front().front()) return std::unexpected(ledger_rows::corrupt_row("the server names no transaction"));
  const bool none = rows.size() == 1 && !rows.front()[1];
  if (known && none) return known;
  if (known && (rows.size() > kMostChanges || known->pile.size() + rows.size() > kMostHeld)) return refresh(connection, owner, nullptr, dir);
  if (rows.size() > kMostHeld) return nullptr;
  auto newer = std::make_shared<OwnerMemories>();
  newer->owner = owner;
  newer->horizon = *rows.front().front();
  if (none) return newer;
  std::vector<MemoryRow> changed;
  for (const auto& values : rows) {
    PROM_TRY(MemoryRow row, row_of(values));
    changed.push_back(std::move(row));
  }
  newer->pile = (known ? known->pile : MemoryPile()).with(std::move(changed), dir);
  return newer;
}

std::vector<ScoreRange> best_candidates(std::span<const std::shared_ptr<const OwnerMemories>> of, const TableQuery& asked) {
  const MemoryRanker ranker(*asked.query, *asked.scorer, asked.weights, asked.hidden, asked.newest);
  std::vector<ScoreRange> ranges;
  for (const auto& held : of) held->pile.rank(ranker, ranges);
  return best_ranges(std::move(ranges), asked.query->limit);
}

}  // namespace prom::postgres
