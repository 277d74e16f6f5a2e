// Exact search over contiguous vectors; the order of every addition is fixed, so that scores are the same bits everywhere. Any thread searches.
#include "adapters/stores/memory_index/memory_index.h"

#include <algorithm>
#include <map>
#include <utility>

namespace prom {
namespace {

// Added memories gather in a small second block; beyond this many it is merged into the first.
constexpr std::size_t kMaxAdded = 64;
}  // namespace

std::shared_ptr<const MemoryIndex::Block> MemoryIndex::make_block(std::vector<Memory> memories) {
  auto block = std::make_shared<Block>();
  block->memories = std::move(memories);
  block->texts.reserve(block->memories.size() * kTextDimensions);
  block->offsets.push_back(0);
  for (const Memory& memory : block->memories) {
    const TextVector text = text_vector(memory.text);
    block->texts.insert(block->texts.end(), text.begin(), text.end());
    if (const auto situation = unit_vector(memory.situation)) block->situations.insert(block->situations.end(), situation->begin(), situation->end());
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

std::vector<MemoryHit> MemoryIndex::find(const MemoryQuery& query) const {
  const MemoryScorer scorer(query, weights_);
  std::vector<MemoryHit> hits;
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    const Block& block = *blocks_[b];
    for (std::size_t i = 0; i < block.memories.size(); ++i) {
      const Memory& memory = block.memories[i];
      if (!visible(memory, query)) continue;
      if (b == 0 && std::binary_search(replaced_.begin(), replaced_.end(), memory.id)) continue;
      const std::span<const float> text(&block.texts[i * kTextDimensions], kTextDimensions);
      const std::span<const float> situations(block.situations);
      const std::size_t size = block.offsets[i + 1] - block.offsets[i];
      hits.push_back({&memory, scorer.score(memory, text, situations.subspan(block.offsets[i], size))});
    }
  }
  keep_best(hits, query.limit);
  return hits;
}

}  // namespace prom
