// One owner's memories as a pile of blocks, large and old ones below: adding to it copies little, and an older state of it stays as it was. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "adapters/stores/memory_index/memory_rank.h"

namespace prom {

class MemoryPile {
 public:
  /// This pile and newer memories, which replace those of the same ids. Merged blocks that are large lie in files of `dir` (block_buffer.h).
  MemoryPile with(std::vector<MemoryRow> rows, const std::filesystem::path& dir) const;
  /// Without one memory, if it is there.
  MemoryPile without(std::uint64_t id) const;

  bool holds(std::uint64_t id) const { return place_of(id).has_value(); }
  struct Kept {
    std::span<const std::byte> body;
    std::span<const float> text;  ///< its vector; empty where it has to be made anew
  };
  /// Nothing where it is not there.
  std::optional<Kept> find(std::uint64_t id) const;
  void rank(const MemoryRanker& ranker, std::vector<ScoreRange>& out) const;
  std::size_t size() const;
  std::size_t bytes() const;
  std::size_t mapped_bytes() const;  ///< of these, in files
  std::size_t blocks() const { return parts_.size(); }

 private:
  struct Part {
    std::shared_ptr<const MemoryBlock> block;
    std::vector<std::uint64_t> dead;  ///< of its ids those that are not there any more, or newer in another block; ascending
    std::size_t alive() const { return block->size() - dead.size(); }
  };
  struct Found {
    std::size_t part = 0, at = 0;
  };
  std::optional<Found> place_of(std::uint64_t id) const;
  void bury(std::uint64_t id);
  /// Until each block is a good deal smaller than the one below it, and none is mostly of the dead.
  void settle(const std::filesystem::path& dir);
  /// Makes one block of the parts from `from` on.
  void merge(std::size_t from, const std::filesystem::path& dir);

  std::vector<Part> parts_;
};

}  // namespace prom
