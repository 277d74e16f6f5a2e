// See the header. With pgvector the server ranks; without it every visible memory's vectors come here and are ranked exactly.
#include "adapters/stores/postgres_memory/memory_search.h"

#include <algorithm>
#include <map>
#include <string>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "domain/enum_text.h"

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

// Scores lie in [0, 1]; the server adds in another order and with other lengths of float. Measured differences are below 1e-6.
constexpr double kServersError = 1e-4;
constexpr std::size_t kMargin = 8;
constexpr std::size_t kCandidates = 400;  // of each list among collective memories; as hnsw.ef_search

std::string array_text(const std::vector<std::uint64_t>& ids) {
  std::string out = "{";
  for (const std::uint64_t id : ids) out += (out.size() > 1 ? "," : "") + std::to_string(static_cast<std::int64_t>(id));
  return out + "}";
}

/// The conditions under which a row is visible, and its parameters. `owners`: which rows at all.
std::string visible_rows(const TableQuery& asked, const std::string& owners, Parameters& parameters) {
  const MemoryQuery& query = *asked.query;
  std::string sql = owners + " AND created_ns <= ? AND (expires_ns IS NULL OR expires_ns > ?)";
  parameters.put(query.now).put(query.now);
  if (query.kind) {
    sql += " AND kind = ?";
    parameters.put(*query.kind);
  }
  if (query.agent) {
    sql += " AND (seen_by IS NULL OR seen_by = ?)";
    parameters.put(*query.agent);
  }
  if (asked.newest) {
    sql += " AND id <= ?";
    parameters.put(*asked.newest);
  }
  if (!asked.hidden.empty()) {
    sql += " AND id <> ALL (?::bigint[])";
    parameters.put(array_text(asked.hidden));
  }
  return sql;
}

std::string owners_of(const MemoryQuery& query, Parameters& parameters) {
  if (!query.user) return "owner = -1";
  parameters.put(*query.user);
  return "owner IN (?, -1)";
}

/// The server's arithmetic for a score (not divided by the sum of weights), never below ours by more than its error.
std::string score_sql(const TableQuery& asked, const MemoryLayout& layout, Parameters& parameters) {
  const MemoryScorer& scorer = *asked.scorer;
  const std::string half_life = flat_rows::double_text(static_cast<double>(std::max<std::int64_t>(asked.weights.half_life.ns, 1)));
  std::string sql = flat_rows::double_text(asked.weights.importance) + "::float8 * importance + " + flat_rows::double_text(asked.weights.recency) +
                    "::float8 * exp(greatest(-600::float8, -0.693147180559945309::float8 * ((?::bigint - created_ns)::float8 / " + half_life + "::float8)))";
  parameters.put(asked.query->now);
  if (scorer.text_weight() != 0) {
    sql += " + " + flat_rows::double_text(scorer.text_weight()) + "::float8 * greatest(0, -(embedding" + layout.inner() + "?::" + layout.vector_type() + "))";
    parameters.put(vector_text(scorer.text(), layout.dimensions));
  }
  if (scorer.situation()) {
    // One that is too long for the index is not there: it may be as alike as can be.
    sql += " + " + flat_rows::double_text(scorer.situation_weight()) + "::float8 * CASE WHEN situation_size <> " + std::to_string(scorer.situation()->size()) +
           " THEN 0 WHEN situation_embedding IS NULL THEN 1 ELSE greatest(0, -(situation_embedding" + layout.inner() + "?::" + layout.vector_type() + ")) END";
    parameters.put(vector_text(*scorer.situation(), 0));
  }
  return sql;
}

/// Candidates among many collective memories: those that are near, new or important; whatever is best by their sum is among the first by one of them, or nearly.
std::string collective_candidates(const TableQuery& asked, const MemoryLayout& layout, Parameters& parameters) {
  const std::string limit = " LIMIT " + std::to_string(kCandidates) + ")";
  std::string sql = "id IN ((SELECT id FROM kept_memories WHERE " + visible_rows(asked, "scope = 'collective'", parameters) + " ORDER BY embedding" +
                    layout.inner() + "?::" + layout.vector_type() + limit;
  parameters.put(vector_text(asked.scorer->text(), layout.dimensions));
  for (const char* order : {"created_ns", "importance"})
    sql += " UNION (SELECT id FROM kept_memories WHERE " + visible_rows(asked, "scope = 'collective'", parameters) + " ORDER BY " + order + " DESC" + limit;
  return sql + ")";
}

struct Question {
  std::string sql;
  Parameters parameters;
};

Question ranked_by_server(const TableQuery& asked, const MemoryLayout& layout, std::size_t count) {
  Question out;
  Parameters& parameters = out.parameters;
  const auto ranked = [&](bool collective) {
    std::string sql = "(SELECT id, " + score_sql(asked, layout, parameters) + " AS score FROM kept_memories WHERE ";
    if (collective) {
      sql += collective_candidates(asked, layout, parameters);
    } else {
      const std::string owners = owners_of(*asked.query, parameters);
      sql += visible_rows(asked, owners, parameters);
      if (asked.collective_by_index) sql += " AND scope <> 'collective'";
    }
    sql += " ORDER BY score DESC LIMIT ?)";
    parameters.put(static_cast<std::uint32_t>(count));
    return sql;
  };
  std::string best = ranked(false);
  if (asked.collective_by_index) best += " UNION ALL " + ranked(true);
  out.sql = "SELECT best.score, m.body FROM (" + best + ") best JOIN kept_memories m USING (id) ORDER BY best.score DESC LIMIT ?";
  parameters.put(static_cast<std::uint32_t>(count));
  return out;
}

std::vector<RankedMemory> best_of(std::vector<RankedMemory> found, std::size_t limit) {
  std::ranges::sort(found, [](const RankedMemory& a, const RankedMemory& b) { return a.score != b.score ? a.score > b.score : a.memory->id < b.memory->id; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

StoreResult<std::vector<RankedMemory>> with_vectors(PgConnection& connection, const MemoryLayout& layout, const TableQuery& asked) {
  const std::size_t limit = asked.query->limit;
  for (std::size_t count = limit + kMargin;; count *= 4) {
    const Question question = ranked_by_server(asked, layout, count);
    PROM_TRY(const Rows rows, connection.run(question.sql, question.parameters.values()));
    std::vector<RankedMemory> found;
    double last = 0;
    for (const auto& row : rows) {
      Columns columns(row);
      last = columns.get<double>();
      const auto body = columns.get<std::vector<std::byte>>();
      if (!columns.ok()) return std::unexpected(ledger_rows::corrupt_row("a memory has no score or no body"));
      PROM_TRY(Memory memory, memory_of(body));
      const double score = asked.scorer->score(memory);
      found.push_back({std::make_shared<const Memory>(std::move(memory)), score});
    }
    const bool all = rows.size() < count;
    found = best_of(std::move(found), limit);
    const double total = asked.scorer->total();
    if (all || total <= 0 || found.empty() || found.back().score > last / total + kServersError) return found;
  }
}

StoreResult<std::vector<RankedMemory>> without_vectors(PgConnection& connection, const TableQuery& asked) {
  Parameters parameters;
  const std::string owners = owners_of(*asked.query, parameters);
  const std::string sql = "SELECT id, importance, created_ns, text_vector, situation FROM kept_memories WHERE " + visible_rows(asked, owners, parameters);
  PROM_TRY(const Rows rows, connection.run(sql, parameters.values()));
  std::vector<Memory> light(rows.size());  // what a score needs of them
  std::vector<MemoryHit> hits;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Columns columns(rows[i]);
    columns.read(light[i].id);
    columns.read(light[i].importance);
    columns.read(light[i].created_at);
    PROM_TRY(const auto text, floats_of(columns.get<std::vector<std::byte>>()));
    PROM_TRY(const auto situation, floats_of(columns.get<std::vector<std::byte>>()));
    if (!columns.ok() || text.size() != kTextDimensions) return std::unexpected(ledger_rows::corrupt_row("the vector of a memory has another length"));
    hits.push_back({&light[i], asked.scorer->score(light[i], text, situation)});
  }
  keep_best(hits, asked.query->limit);
  std::vector<RankedMemory> out;
  for (const MemoryHit& hit : hits) {
    PROM_TRY(const Rows whole, connection.run("SELECT body FROM kept_memories WHERE id = ?", Parameters().put(hit.memory->id).values()));
    if (whole.empty()) continue;  // deleted by a person meanwhile
    Columns columns(whole.front());
    PROM_TRY(Memory memory, memory_of(columns.get<std::vector<std::byte>>()));
    out.push_back({std::make_shared<const Memory>(std::move(memory)), hit.score});
  }
  return out;
}

}  // namespace

StoreResult<std::vector<RankedMemory>> search_memories(PgConnection& connection, const MemoryLayout& layout, const TableQuery& asked) {
  if (asked.query->limit == 0) return std::vector<RankedMemory>();
  return layout.vectors() ? with_vectors(connection, layout, asked) : without_vectors(connection, asked);
}

StoreResult<std::optional<std::vector<RankedMemory>>> score_memories(PgConnection& connection, const TableQuery& asked,
                                                                     const std::vector<ScoreRange>& candidates) {
  std::vector<RankedMemory> found;
  std::map<std::uint64_t, const ScoreRange*> ranges;
  std::vector<std::uint64_t> ids;
  for (const ScoreRange& candidate : candidates) {
    if (!ranges.emplace(candidate.id, &candidate).second) return std::nullopt;  // at two owners
    ids.push_back(candidate.id);
  }
  if (ids.empty()) return found;
  PROM_TRY(const Rows rows, connection.run("SELECT body FROM kept_memory_bodies(?::bigint[]) AS found (body)", Parameters().put(array_text(ids)).values()));
  for (const auto& row : rows) {
    Columns columns(row);
    PROM_TRY(Memory memory, memory_of(columns.get<std::vector<std::byte>>()));
    const auto range = ranges.find(memory.id);
    const double score = asked.scorer->score(memory), sum = score * asked.scorer->total();
    if (range == ranges.end() || !visible(memory, *asked.query) || sum < range->second->low || sum > range->second->high) return std::nullopt;
    found.push_back({std::make_shared<const Memory>(std::move(memory)), score});
  }
  if (found.size() != ids.size()) return std::nullopt;
  return best_of(std::move(found), asked.query->limit);
}

}  // namespace prom::postgres
