// Ranked by columns within proven bounds; the score of each that may be a hit is computed from the memory itself, with every addition in a fixed order, so that scores are the same bits
// everywhere. Any thread searches.
#include "adapters/stores/memory_index/memory_index.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>

#include "base/assert.h"
#include "domain/codec/field_codec.h"

namespace prom {
namespace {

std::vector<std::byte> packed(const Memory& memory) {
  std::vector<std::byte> out;
  codec::Encoder<> encoder(out);
  encoder.put(memory);
  encoder.flush();
  return out;
}

Memory unpacked(std::span<const std::byte> bytes) {
  Memory out;
  codec::Decoder decoder(bytes);
  decoder.get(out);
  PROM_ASSERT(decoder.ok() && decoder.at_end(), "a memory that was packed here cannot be read");
  return out;
}

}  // namespace

std::shared_ptr<const MemoryIndex> MemoryIndex::build(std::vector<Memory> memories, MemoryWeights weights, std::filesystem::path dir) {
  MemoryIndex empty;
  empty.weights_ = weights;
  empty.dir_ = std::move(dir);
  return empty.with_added(memories);
}

const MemoryPile* MemoryIndex::pile_of(std::int64_t owner) const {
  const auto at = std::ranges::lower_bound(owners_, owner, {}, &Owner::first);
  return at != owners_.end() && at->first == owner ? at->second.get() : nullptr;
}

std::shared_ptr<const MemoryPile>& MemoryIndex::pile_for(std::int64_t owner) {
  const auto at = std::ranges::lower_bound(owners_, owner, {}, &Owner::first);
  if (at != owners_.end() && at->first == owner) return at->second;
  return owners_.insert(at, {owner, std::make_shared<const MemoryPile>()})->second;
}

/// A lesson may become everybody's: its older version is another owner's then.
void MemoryIndex::forget_elsewhere(std::uint64_t id, std::int64_t owner) {
  for (auto& [other, pile] : owners_) {
    if (other != owner && pile->holds(id)) pile = std::make_shared<const MemoryPile>(pile->without(id));
  }
}

std::shared_ptr<const MemoryIndex> MemoryIndex::with_added(std::span<const Memory> memories) const {
  const std::shared_ptr<MemoryIndex> index(new MemoryIndex());
  index->weights_ = weights_;
  index->dir_ = dir_;
  index->owners_ = owners_;
  index->last_id_ = last_id_;
  std::map<std::uint64_t, const Memory*> last;
  for (const Memory& memory : memories) last[memory.id] = &memory;
  std::map<std::int64_t, std::vector<MemoryRow>> by_owner;
  for (const auto& [id, memory] : last) {
    const std::int64_t owner = owner_of(*memory);
    if (id <= last_id_) index->forget_elsewhere(id, owner);
    index->last_id_ = std::max(index->last_id_, id);
    MemoryRow row = row_of(*memory);
    row.body = packed(*memory);
    by_owner[owner].push_back(std::move(row));
  }
  for (auto& [owner, rows] : by_owner) {
    auto& pile = index->pile_for(owner);
    pile = std::make_shared<const MemoryPile>(pile->with(std::move(rows), dir_));
  }
  for (const auto& [owner, pile] : index->owners_) index->size_ += pile->size();
  return index;
}

const Memory* MemoryIndex::shown(Memory memory) const {
  const std::lock_guard lock(mutex_);
  auto& kept = shown_[memory.id];
  if (!kept) kept = std::make_unique<const Memory>(std::move(memory));
  return kept.get();
}

std::vector<MemoryHit> MemoryIndex::find(const MemoryQuery& query) const {
  const MemoryScorer scorer(query, weights_);
  const MemoryRanker ranker(query, scorer, weights_);
  std::vector<const MemoryPile*> piles;
  for (const MemoryPile* const pile : {pile_of(kEveryonesOwner), query.user ? pile_of(static_cast<std::int64_t>(query.user->v)) : nullptr}) {
    if (pile != nullptr) piles.push_back(pile);
  }
  std::vector<ScoreRange> ranges;
  for (const MemoryPile* const pile : piles) pile->rank(ranker, ranges);
  auto candidates = best_ranges(std::move(ranges), query.limit);
  std::ranges::sort(candidates, std::greater<>(), &ScoreRange::high);
  std::deque<Memory> memories;
  std::vector<MemoryHit> hits;
  std::priority_queue<double, std::vector<double>, std::greater<>> best;  // scores, `limit` of them; the least on top
  for (const ScoreRange& range : candidates) {
    // From here on none can be as good as the last of the best.
    if (best.size() == query.limit && range.high < best.top() * scorer.total()) break;
    const auto kept = piles.front()->find(range.id);
    const auto [body, text] = kept ? *kept : *piles.back()->find(range.id);
    const Memory& memory = memories.emplace_back(unpacked(body));
    const auto situation = unit_vector(memory.situation);
    const double score =
        text.empty() ? scorer.score(memory) : scorer.score(memory, text, situation ? std::span<const float>(*situation) : std::span<const float>());
    hits.push_back({&memory, score});
    best.push(score);
    if (best.size() > query.limit) best.pop();
  }
  keep_best(hits, query.limit);
  for (MemoryHit& hit : hits) hit.memory = shown(*hit.memory);
  return hits;
}

std::size_t MemoryIndex::bytes() const {
  std::size_t out = 0;
  for (const auto& [owner, pile] : owners_) out += pile->bytes();
  return out;
}

std::size_t MemoryIndex::mapped_bytes() const {
  std::size_t out = 0;
  for (const auto& [owner, pile] : owners_) out += pile->mapped_bytes();
  return out;
}

}  // namespace prom
