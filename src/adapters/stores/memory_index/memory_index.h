// Hybrid search over memories in process: exact, deterministic, without a model or a server. An index is immutable: any number of threads may search it while
// its successor is built. Each owner's memories lie apart, in compact columns by which they are ranked; whole memories are unpacked for the hits alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/stores/memory_index/memory_pile.h"
#include "adapters/stores/memory_index/memory_score.h"
#include "domain/memory.h"
#include "ports/views.h"

namespace prom {

class MemoryIndex final : public MemoryView {
 public:
  /// Of memories with the same id the last one counts. Where `dir` is given, large runs of memories lie in files there without a name, which the kernel may put out of memory.
  static std::shared_ptr<const MemoryIndex> build(std::vector<Memory> memories, MemoryWeights weights = {}, std::filesystem::path dir = {});
  /// This index and one more memory (or a newer version of one), or several. What is there already is shared; a memory is copied about once for every doubling of its owner's.
  std::shared_ptr<const MemoryIndex> with_added(const Memory& memory) const { return with_added(std::span(&memory, 1)); }
  std::shared_ptr<const MemoryIndex> with_added(std::span<const Memory> memories) const;

  /// Never fails. What is visible, the scores and their order are those of memory_score.h. Hits point into the index.
  MemoryAnswer search(const MemoryQuery& query) const override { return find(query); }
  std::vector<MemoryHit> find(const MemoryQuery& query) const;
  std::size_t size() const { return size_; }
  std::size_t bytes() const;         ///< of the memories; not of those that were shown
  std::size_t mapped_bytes() const;  ///< of these, in files

 private:
  using Owner = std::pair<std::int64_t, std::shared_ptr<const MemoryPile>>;
  MemoryIndex() = default;
  const MemoryPile* pile_of(std::int64_t owner) const;
  std::shared_ptr<const MemoryPile>& pile_for(std::int64_t owner);
  void forget_elsewhere(std::uint64_t id, std::int64_t owner);
  const Memory* shown(Memory memory) const;

  MemoryWeights weights_;
  std::filesystem::path dir_;
  std::vector<Owner> owners_;  ///< ascending
  std::uint64_t last_id_ = 0;
  std::size_t size_ = 0;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::uint64_t, std::unique_ptr<const Memory>> shown_;  ///< what hits point to
};

}  // namespace prom
