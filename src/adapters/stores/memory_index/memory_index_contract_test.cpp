// The contract of memories on the embedded index.
#include "adapters/stores/memory_index/memory_index.h"
#include "ports/memory_contract.h"

namespace prom::memory_contract {
namespace {

class Keeper final : public MemoryKeeper {
 public:
  void add(const Memory& memory) override {
    Memory kept = memory;
    if (kept.id == 0) kept.id = last_ + 1;
    last_ = std::max(last_, kept.id);
    index_ = index_->with_added(std::move(kept));
  }
  const MemoryView& view() const override { return *index_; }

 private:
  std::uint64_t last_ = 0;
  std::shared_ptr<const MemoryIndex> index_ = MemoryIndex::build({});
};
class EmbeddedHarness final : public Harness {
 public:
  std::unique_ptr<MemoryKeeper> open() override { return std::make_unique<Keeper>(); }
};

INSTANTIATE_TEST_SUITE_P(Embedded, MemoryContract, ::testing::Values(MakeHarness([] { return std::make_unique<EmbeddedHarness>(); })));

}  // namespace
}  // namespace prom::memory_contract
