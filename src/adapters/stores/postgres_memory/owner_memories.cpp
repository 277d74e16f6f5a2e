// See the header.
#include "adapters/stores/postgres_memory/owner_memories.h"

#include <algorithm>
#include <map>
#include <optional>
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

struct ChangedRow {
  std::int64_t owner = 0;
  MemoryRow row;
};

StoreResult<ChangedRow> row_of(const std::vector<Value>& values) {
  Columns columns(values);
  columns.get<std::string>();  // the horizon
  ChangedRow out;
  MemoryRow& row = out.row;
  columns.read(out.owner);
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
  return out;
}

StoreResult<Rows> changed_rows(PgConnection& connection, std::span<const KnownOwner> owners) {
  std::string sql;
  Parameters parameters;
  for (const KnownOwner& one : owners) {
    sql.append(sql.empty() ? "(" : " UNION ALL (");
    sql.append(
           "SELECT owner, id, created_ns, expires_ns, importance, kind, seen_by, text_vector, situation FROM kept_memories WHERE owner = ? AND changed >= "
           "?::xid8 LIMIT ")
        .append(std::to_string((one.memories ? kMostChanges : kMostHeld) + 1))
        .append(")");
    parameters.put(one.owner).put(one.memories ? one.memories->horizon : std::string("0"));
  }
  PROM_TRY(Rows rows, connection.run("SELECT pg_snapshot_xmin(pg_current_snapshot()), m.* FROM (SELECT 1) one LEFT JOIN LATERAL (" + sql + ") m ON true",
                                     parameters.values()));
  if (rows.empty() || rows.front().empty() || !rows.front().front()) return std::unexpected(ledger_rows::corrupt_row("the server names no transaction"));
  return rows;
}

/// The newer state of one owner; null where there are too many.
StoreResult<std::shared_ptr<const OwnerMemories>> newer_of(PgConnection& connection, const KnownOwner& one, std::vector<MemoryRow> changed,
                                                           const std::string& horizon, const std::filesystem::path& dir) {
  const auto& known = one.memories;
  if (known && changed.empty()) return known;
  if (known && (changed.size() > kMostChanges || known->pile.size() + changed.size() > kMostHeld)) {
    const KnownOwner anew{one.owner, nullptr};
    PROM_TRY(const OwnersMemories all, refresh(connection, std::span(&anew, 1), dir));
    return all.front();
  }
  if (changed.size() > kMostHeld) return nullptr;
  auto newer = std::make_shared<OwnerMemories>();
  newer->owner = one.owner;
  newer->horizon = horizon;
  newer->pile = (known ? known->pile : MemoryPile()).with(std::move(changed), dir);
  return newer;
}

}  // namespace

StoreResult<OwnersMemories> refresh(PgConnection& connection, std::span<const KnownOwner> owners, const std::filesystem::path& dir) {
  PROM_TRY(const Rows rows, changed_rows(connection, owners));
  std::map<std::int64_t, std::vector<MemoryRow>> changed;
  for (const auto& values : rows) {
    if (!values[1]) continue;  // nothing changed
    PROM_TRY(ChangedRow one, row_of(values));
    changed[one.owner].push_back(std::move(one.row));
  }
  OwnersMemories out;
  for (const KnownOwner& one : owners) {
    PROM_TRY(auto newer, newer_of(connection, one, std::move(changed[one.owner]), *rows.front().front(), dir));
    out.push_back(std::move(newer));
  }
  return out;
}

std::vector<ScoreRange> best_candidates(std::span<const std::shared_ptr<const OwnerMemories>> of, const TableQuery& asked) {
  const MemoryRanker ranker(*asked.query, *asked.scorer, asked.weights, asked.hidden, asked.newest);
  std::vector<ScoreRange> ranges;
  for (const auto& held : of) held->pile.rank(ranker, ranges);
  return best_ranges(std::move(ranges), asked.query->limit);
}

}  // namespace prom::postgres
