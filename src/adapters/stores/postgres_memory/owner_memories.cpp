// See the header. A component of a text vector is kept as a whole number of steps, each at most half a step wrong: the sum of the question's components bounds what that does to a score.
#include "adapters/stores/postgres_memory/owner_memories.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/memory_index/memory_score.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_memory/memory_table.h"
#include "base/detmath.h"

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;

constexpr std::uint8_t kEveryAgent = 255;
constexpr double kSteps = 127;
constexpr double kRounding = 1e-5;  // of sums of floats, far above what 128 of them make
// A change of so many is read as all of them anew: each is looked for among those that are here.
constexpr std::size_t kMostChanges = 4096;

struct Row {
  std::uint64_t id = 0;
  std::int64_t created = 0, expires = 0;
  double importance = 0;
  std::uint8_t kind = 0, seen_by = 0;
  std::vector<float> text, situation;
};

StoreResult<Row> row_of(const std::vector<Value>& values) {
  Columns columns(values);
  columns.get<std::string>();  // the horizon
  Row row;
  columns.read(row.id);
  columns.read(row.created);
  row.expires = columns.get<std::optional<std::int64_t>>().value_or(std::numeric_limits<std::int64_t>::max());
  columns.read(row.importance);
  row.kind = static_cast<std::uint8_t>(columns.get<MemoryKind>());
  const auto agent = columns.get<std::optional<AgentRole>>();
  row.seen_by = agent ? static_cast<std::uint8_t>(*agent) : kEveryAgent;
  PROM_TRY(row.text, floats_of(columns.get<std::vector<std::byte>>()));
  PROM_TRY(row.situation, floats_of(columns.get<std::vector<std::byte>>()));
  if (!columns.ok() || row.text.size() != kTextDimensions) return std::unexpected(ledger_rows::corrupt_row("a memory's row cannot be read"));
  return row;
}

void put(OwnerMemories& into, std::size_t at, Row row) {
  if (at == into.ids.size()) {
    into.ids.emplace_back();
    into.created.emplace_back();
    into.expires.emplace_back();
    into.importance.emplace_back();
    into.kinds.emplace_back();
    into.seen_by.emplace_back();
    into.steps.emplace_back();
    into.situations.emplace_back();
    into.texts.resize(into.texts.size() + kTextDimensions);
  }
  into.ids[at] = row.id;
  into.created[at] = row.created;
  into.expires[at] = row.expires;
  into.importance[at] = row.importance;
  into.kinds[at] = row.kind;
  into.seen_by[at] = row.seen_by;
  into.situations[at] = std::move(row.situation);
  float largest = 0;
  for (const float value : row.text) largest = std::max(largest, std::abs(value));
  const double step = static_cast<double>(largest) / kSteps;
  into.steps[at] = static_cast<float>(step);
  for (std::size_t i = 0; i < kTextDimensions; ++i)
    into.texts[at * kTextDimensions + i] = step > 0 ? static_cast<std::int8_t>(std::lround(static_cast<double>(row.text[i]) / step)) : std::int8_t{0};
}

double dot(std::span<const float> a, const std::int8_t* b) {
  // Eight running sums: the compiler makes vectors of them.
  float sums[8] = {};
  for (std::size_t i = 0; i < kTextDimensions; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * static_cast<float>(b[i + lane]);
  }
  float sum = 0;
  for (const float part : sums) sum += part;
  return static_cast<double>(sum);
}

double dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return static_cast<double>(sum);
}

void rank(const OwnerMemories& held, const TableQuery& asked, std::vector<ScoreRange>& out) {
  const MemoryQuery& query = *asked.query;
  const MemoryScorer& scorer = *asked.scorer;
  const double half_life = static_cast<double>(std::max<std::int64_t>(asked.weights.half_life.ns, 1));
  double sizes = 0;
  for (const float value : scorer.text()) sizes += std::abs(static_cast<double>(value));
  for (std::size_t i = 0; i < held.ids.size(); ++i) {
    if (held.created[i] > query.now.ns || held.expires[i] <= query.now.ns) continue;
    if (query.kind && held.kinds[i] != static_cast<std::uint8_t>(*query.kind)) continue;
    if (query.agent && held.seen_by[i] != kEveryAgent && held.seen_by[i] != static_cast<std::uint8_t>(*query.agent)) continue;
    if (asked.newest && held.ids[i] > *asked.newest) continue;
    if (std::ranges::binary_search(asked.hidden, held.ids[i])) continue;
    const double age = static_cast<double>(query.now.ns) - static_cast<double>(held.created[i]);
    double score = asked.weights.importance * held.importance[i] + asked.weights.recency * detmath::exp(-0.693147180559945309 * age / half_life);
    if (scorer.situation() && held.situations[i].size() == scorer.situation()->size())
      score += scorer.situation_weight() * std::clamp(dot(*scorer.situation(), held.situations[i]), 0.0, 1.0);
    double low = score, high = score;
    if (scorer.text_weight() != 0) {
      const double step = static_cast<double>(held.steps[i]), wrong = 0.5 * step * sizes;
      const double cosine = step * dot(scorer.text(), &held.texts[i * kTextDimensions]);
      low += scorer.text_weight() * std::clamp(cosine - wrong, 0.0, 1.0);
      high += scorer.text_weight() * std::clamp(cosine + wrong, 0.0, 1.0);
    }
    out.push_back({held.ids[i], low - kRounding, high + kRounding});
  }
}

}  // namespace

std::size_t OwnerMemories::bytes() const {
  std::size_t out = ids.size() * (sizeof(Row) + kTextDimensions);
  for (const auto& situation : situations) out += situation.capacity() * sizeof(float);
  return out;
}

StoreResult<std::shared_ptr<const OwnerMemories>> refresh(PgConnection& connection, std::int64_t owner, const std::shared_ptr<const OwnerMemories>& known) {
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
  if (known && (rows.size() > kMostChanges || known->ids.size() + rows.size() > kMostHeld)) return refresh(connection, owner, nullptr);
  if (rows.size() > kMostHeld) return nullptr;
  auto newer = known ? std::make_shared<OwnerMemories>(*known) : std::make_shared<OwnerMemories>();
  newer->owner = owner;
  newer->horizon = *rows.front().front();
  if (none) return newer;
  const std::size_t old = newer->ids.size();
  for (const auto& values : rows) {
    PROM_TRY(Row row, row_of(values));
    const auto same = std::find(newer->ids.begin(), newer->ids.begin() + static_cast<std::ptrdiff_t>(old), row.id);
    const bool replaced = same != newer->ids.begin() + static_cast<std::ptrdiff_t>(old);
    put(*newer, replaced ? static_cast<std::size_t>(same - newer->ids.begin()) : newer->ids.size(), std::move(row));
  }
  return newer;
}

std::vector<ScoreRange> best_candidates(std::span<const std::shared_ptr<const OwnerMemories>> of, const TableQuery& asked) {
  std::vector<ScoreRange> ranges;
  for (const auto& held : of) rank(*held, asked, ranges);
  const std::size_t limit = std::min<std::size_t>(asked.query->limit, ranges.size());
  std::vector<ScoreRange> out;
  if (limit == 0) return out;
  // So many are at least this good: what cannot be as good is none of the best.
  const auto last = ranges.begin() + static_cast<std::ptrdiff_t>(limit - 1);
  std::ranges::nth_element(ranges, last, std::greater<>(), &ScoreRange::low);
  const double least = last->low;
  for (const ScoreRange& range : ranges) {
    if (range.high >= least) out.push_back(range);
  }
  return out;
}

}  // namespace prom::postgres
