// Snapshots: whole or absent at every fault, newest intact one wins, three are kept.
#include <gtest/gtest.h>

#include <cerrno>

#include "adapters/stores/journal_file/faulty_file_ops.h"
#include "adapters/stores/journal_file/journal_file.h"
#include "base/prng.h"

namespace prom {
namespace {

const std::string kDir = "/s";

std::vector<std::byte> state_of(std::uint64_t seq) {
  Xoshiro256pp random(seq);
  std::vector<std::byte> bytes(static_cast<std::size_t>(random.below(5000)));
  for (auto& b : bytes) b = static_cast<std::byte>(random.below(256));
  return bytes;
}

TEST(SnapshotStore, NewestAtMostAndThreeKept) {
  FaultyFileOps ops;
  const auto store = open_snapshot_store(kDir, 0, ops);
  EXPECT_FALSE(store->load(100)->has_value());
  for (const std::uint64_t seq : {10U, 20U, 30U, 40U}) ASSERT_TRUE(store->save(seq, state_of(seq)));
  EXPECT_EQ(ops.list(kDir)->size(), kSnapshotsKept);
  EXPECT_EQ((*store->load(UINT64_MAX))->seq, 40U);
  EXPECT_EQ((*store->load(39))->seq, 30U);
  EXPECT_EQ((*store->load(39))->bytes, state_of(30));
  EXPECT_FALSE(store->load(19)->has_value());
}

TEST(SnapshotStore, ADamagedOneIsPassedOver) {
  FaultyFileOps ops;
  const auto store = open_snapshot_store(kDir, 0, ops);
  ASSERT_TRUE(store->save(1, state_of(1)));
  ASSERT_TRUE(store->save(2, state_of(2)));
  const std::string newest = kDir + "/000000000002.snapshot";
  const auto whole = ops.contents(newest);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    ops.contents(newest) = whole;
    ops.contents(newest)[at] ^= std::byte{0x20};
    ASSERT_EQ((*store->load(9))->seq, 1U) << at;
  }
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    ops.contents(newest) = {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)};
    ASSERT_EQ((*store->load(9))->seq, 1U) << size;
  }
  EXPECT_FALSE(open_snapshot_store(kDir, 7, ops)->load(9)->has_value()) << "another shard's snapshot";
}

TEST(SnapshotStore, EveryFaultLeavesTheOldOrTheNewOneWhole) {
  for (const FaultAction action : {FaultAction::fail, FaultAction::fail_halfway, FaultAction::write_short, FaultAction::power_cut}) {
    for (std::uint64_t n = 1; n <= 12; ++n) {
      for (const Survival survival : {Survival::none, Survival::all, Survival::random_prefix, Survival::random_sectors}) {
        FaultyFileOps ops;
        const auto store = open_snapshot_store(kDir, 0, ops);
        for (const std::uint64_t seq : {1U, 2U, 3U}) ASSERT_TRUE(store->save(seq, state_of(seq)));
        ops.set_plan({action, n, ENOSPC});
        const bool saved = store->save(4, state_of(4)).has_value();
        ops.crash(survival, n);
        const auto loaded = open_snapshot_store(kDir, 0, ops)->load(9);
        ASSERT_TRUE(loaded && *loaded) << n;
        ASSERT_EQ((*loaded)->bytes, state_of((*loaded)->seq)) << n;
        ASSERT_EQ((*loaded)->seq == 4 || (!saved && (*loaded)->seq == 3), true) << n;
      }
    }
  }
}

}  // namespace
}  // namespace prom
