// Memories of a run in the embedded index. One thread.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "adapters/stores/memory_index/memory_index.h"
#include "ports/memory_keeper.h"

namespace prom {

class IndexKeeper final : public MemoryKeeper {
 public:
  /// Where `dir` is given, large runs of memories lie in files there without a name.
  explicit IndexKeeper(std::filesystem::path dir = {}) : index_(MemoryIndex::build({}, {}, std::move(dir))) {}
  void add(const Memory& memory) override {
    Memory kept = memory;
    if (kept.id == 0) kept.id = ++last_id_;
    last_id_ = std::max(last_id_, kept.id);
    index_ = index_->with_added(kept);
  }
  const MemoryView& view() const override { return *index_; }
  std::size_t size() const { return index_->size(); }

 private:
  std::uint64_t last_id_ = 0;
  std::shared_ptr<const MemoryIndex> index_;
};

}  // namespace prom
