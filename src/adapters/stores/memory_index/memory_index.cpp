// Exact search over contiguous vectors; the order of every addition is fixed, so that scores are the same bits everywhere. Any thread searches.
#include "adapters/stores/memory_index/memory_index.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "base/detmath.h"

namespace prom {
namespace {

// Added memories gather in a small second block; beyond this many it is merged into the first.
constexpr std::size_t kMaxAdded = 64;
// Eight running sums keep the order of additions fixed whatever the compiler makes of them.
constexpr std::size_t kLanes = 8;

double dot(const float* a, const float* b, std::size_t size) {
  float lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  double sum = 0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  for (; i < size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

// Unit length; nothing for zeros, infinities and NaN.
std::optional<std::vector<float>> unit(std::span<const float> values) {
  double square = 0;
  for (const float v : values) square += static_cast<double>(v) * static_cast<double>(v);
  if (!(square > 0) || !std::isfinite(square)) return std::nullopt;
  const double scale = 1.0 / std::sqrt(square);
  std::vector<float> out;
  for (const float v : values) out.push_back(static_cast<float>(static_cast<double>(v) * scale));
  return out;
}

bool visible(const Memory& memory, const MemoryQuery& query) {
  if (query.kind && memory.kind != *query.kind) return false;
  if (memory.created_at > query.now || (memory.expires_at && *memory.expires_at <= query.now)) return false;
  switch (memory.scope) {
    case MemoryScope::collective: return true;
    case MemoryScope::agent:
      if (memory.user && memory.user != query.user) return false;
      return !query.agent || !memory.agent || memory.agent == query.agent;
    case MemoryScope::user:
      if (!memory.user || memory.user != query.user) return false;
      return !query.agent || !memory.agent || memory.agent == query.agent;
  }
  PROM_UNREACHABLE();
}

bool better(const MemoryHit& a, const MemoryHit& b) { return a.score != b.score ? a.score > b.score : a.memory->id < b.memory->id; }

}  // namespace

std::shared_ptr<const MemoryIndex::Block> MemoryIndex::make_block(std::vector<Memory> memories) {
  auto block = std::make_shared<Block>();
  block->memories = std::move(memories);
  block->texts.reserve(block->memories.size() * kTextDimensions);
  block->offsets.push_back(0);
  for (const Memory& memory : block->memories) {
    const TextVector text = text_vector(memory.text);
    block->texts.insert(block->texts.end(), text.begin(), text.end());
    if (const auto situation = unit(memory.situation)) block->situations.insert(block->situations.end(), situation->begin(), situation->end());
    block->offsets.push_back(static_cast<std::uint32_t>(block->situations.size()));
  }
  return block;
}

std::shared_ptr<const MemoryIndex> MemoryIndex::build(std::vector<Memory> memories, MemoryWeights weights) {
  std::map<std::uint64_t, std::size_t> last;
  for (std::size_t i = 0; i < memories.size(); ++i) last[memories[i].id] = i;
  std::vector<Memory> kept;
  kept.reserve(last.size());
  for (const auto& [id, i] : last) kept.push_back(std::move(memories[i]));
  const std::shared_ptr<MemoryIndex> index(new MemoryIndex());
  index->weights_ = weights;
  index->size_ = kept.size();
  index->blocks_.push_back(make_block(std::move(kept)));
  return index;
}

std::shared_ptr<const MemoryIndex> MemoryIndex::with_added(Memory memory) const {
  std::vector<Memory> added = blocks_.size() > 1 ? blocks_[1]->memories : std::vector<Memory>();
  std::erase_if(added, [&](const Memory& other) { return other.id == memory.id; });
  added.push_back(std::move(memory));
  if (added.size() > kMaxAdded) {
    std::vector<Memory> all = blocks_[0]->memories;
    all.insert(all.end(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    return build(std::move(all), weights_);
  }
  const std::shared_ptr<MemoryIndex> index(new MemoryIndex());
  index->weights_ = weights_;
  const auto& old = blocks_[0]->memories;  // ascending by id
  for (const Memory& newer : added) {
    const auto at = std::lower_bound(old.begin(), old.end(), newer.id, [](const Memory& m, std::uint64_t id) { return m.id < id; });
    if (at != old.end() && at->id == newer.id) index->replaced_.push_back(newer.id);
  }
  std::sort(index->replaced_.begin(), index->replaced_.end());
  index->size_ = old.size() + added.size() - index->replaced_.size();
  index->blocks_ = {blocks_[0], make_block(std::move(added))};
  return index;
}

std::vector<MemoryHit> MemoryIndex::search(const MemoryQuery& query) const {
  const TextVector text = text_vector(query.text);
  const bool has_text = std::any_of(text.begin(), text.end(), [](float v) { return v != 0; });
  const auto situation = unit(query.situation);
  const double text_weight = has_text ? weights_.text : 0;
  const double situation_weight = situation ? weights_.situation : 0;
  const double total = text_weight + situation_weight + weights_.recency + weights_.importance;
  std::vector<MemoryHit> hits;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const Block& block = *blocks_[b];
    for (std::size_t i = 0; i < block.memories.size(); ++i) {
      const Memory& memory = block.memories[i];
      if (!visible(memory, query)) continue;
      if (b == 0 && std::binary_search(replaced_.begin(), replaced_.end(), memory.id)) continue;
      double score = weights_.importance * std::clamp(memory.importance, 0.0, 1.0);
      const double age = static_cast<double>((query.now - memory.created_at).ns);
      score += weights_.recency * detmath::exp(-0.693147180559945309 * age / static_cast<double>(std::max<std::int64_t>(weights_.half_life.ns, 1)));
      if (has_text) score += text_weight * std::clamp(dot(text.data(), &block.texts[i * kTextDimensions], kTextDimensions), 0.0, 1.0);
      const std::size_t size = block.offsets[i + 1] - block.offsets[i];
      if (situation && size == situation->size()) {
        score += situation_weight * std::clamp(dot(situation->data(), &block.situations[block.offsets[i]], size), 0.0, 1.0);
      }
      hits.push_back({&memory, total > 0 ? score / total : 0});
    }
  }
  const std::size_t wanted = std::min<std::size_t>(query.limit, hits.size());
  std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(wanted), hits.end(), better);
  hits.resize(wanted);
  return hits;
}

}  // namespace prom
