// Hybrid search over memories in process: exact, deterministic, without a model or a server. An index is immutable: any number of threads may search it while
// its successor is built.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "adapters/stores/memory_index/text_vector.h"
#include "domain/memory.h"
#include "ports/views.h"

namespace prom {

/// score = (text * cos(text) + situation * cos(situation) + recency * 2^(-age / half_life) + importance * importance) / sum of the weights that apply.
/// A weight applies when its part is there to compare: text and situation only when the query has them (a memory without a situation, or with one of another
/// length, scores 0 there). Cosines below 0 count as 0. So a score lies in [0, 1].
struct MemoryWeights {
  double text = 0.50;
  double situation = 0.25;
  double recency = 0.15;
  double importance = 0.10;
  DurationNs half_life{14 * kDay.ns};
};

class MemoryIndex final : public MemoryView {
 public:
  /// Of memories with the same id the last one counts.
  static std::shared_ptr<const MemoryIndex> build(std::vector<Memory> memories, MemoryWeights weights = {});
  /// This index and one more memory (or a newer version of one). Shares the large block; newcomers gather in a
  /// block of up to 64 that is made anew each time, then merged (one full build in 65 additions).
  std::shared_ptr<const MemoryIndex> with_added(Memory memory) const;

  /// Who sees what: a collective memory everyone; an agent's memory that agent (a query without an agent sees it too); a user's memory that user alone. A memory
  /// that names a user is never shown to another one, whatever its scope, and one with an agent of its own not to another agent unless it is collective. Expired
  /// ones (expires_at <= now) and those created after `now` are not shown. Best first; ties by id, lower first.
  std::vector<MemoryHit> search(const MemoryQuery& query) const override;
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
