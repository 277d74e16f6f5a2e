// Hybrid search over memories in process: exact, deterministic, without a model or a server. An index is immutable: any number of threads may search it while
// its successor is built.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/stores/memory_index/memory_score.h"
#include "domain/memory.h"
#include "ports/views.h"

namespace prom {

class MemoryIndex final : public MemoryView {
 public:
  /// Of memories with the same id the last one counts.
  static std::shared_ptr<const MemoryIndex> build(std::vector<Memory> memories, MemoryWeights weights = {});
  /// This index and one more memory (or a newer version of one). Shares the large block; newcomers gather in a
  /// block of up to 64 that is made anew each time, then merged (one full build in 65 additions).
  std::shared_ptr<const MemoryIndex> with_added(Memory memory) const;

  /// Never fails. What is visible, the scores and their order are those of memory_score.h.
  MemoryAnswer search(const MemoryQuery& query) const override { return find(query); }
  std::vector<MemoryHit> find(const MemoryQuery& query) const;
  std::size_t size() const { return size_; }

 private:
  /// A run of memories whose vectors stand one after another.
  struct Block {
    std::vector<Memory> memories;
    std::vector<float> texts;            ///< kTextDimensions each
    std::vector<float> situations;       ///< unit length each, at offsets
    std::vector<std::uint32_t> offsets;  ///< memories.size() + 1
  };
  MemoryIndex() = default;
  static std::shared_ptr<const Block> make_block(std::vector<Memory> memories);

  MemoryWeights weights_;
  std::vector<std::shared_ptr<const Block>> blocks_;
  std::vector<std::uint64_t> replaced_;  ///< ids of block 0's memories that a later block holds again, ascending
  std::size_t size_ = 0;
};

}  // namespace prom
