// What a group gives becomes what is wanted: with a consumer whose rebalances the test writes.
#include "runtime/shards/group_division.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>

#include "runtime/shards/test_support.h"

namespace prom {
namespace {

struct Script {
  std::mutex mutex;
  std::deque<Rebalance> coming;
  std::vector<std::vector<std::uint32_t>> wanted;
  bool away = false;
  int joined = 0;

  std::size_t heard() {
    const std::lock_guard lock(mutex);
    return wanted.size();
  }
  void rebalance(Rebalance::Kind kind, const std::vector<std::int32_t>& partitions) {
    Rebalance change{kind, {}};
    for (const std::int32_t partition : partitions) change.partitions.push_back({Topic::shards, partition});
    const std::lock_guard lock(mutex);
    coming.push_back(std::move(change));
  }
};

class Scripted final : public StreamConsumer {
 public:
  Scripted(Script& script, OnRebalance on_rebalance) : script_(script), on_rebalance_(std::move(on_rebalance)) {}
  StoreResult<std::optional<StreamRecord>> poll(DurationNs) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::optional<Rebalance> change;
    {
      const std::lock_guard lock(script_.mutex);
      if (script_.away) return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the broker is away", ""});
      if (!script_.coming.empty()) {
        change = std::move(script_.coming.front());
        script_.coming.pop_front();
      }
    }
    if (change) on_rebalance_(*change, *this);
    return std::nullopt;
  }
  StoreResult<void> commit(const StreamPosition&) override { return {}; }
  StoreResult<FailOutcome> fail(const StreamRecord&, const std::string&) override { return FailOutcome::again; }
  StoreResult<std::vector<PartitionLag>> lag() override { return std::vector<PartitionLag>{}; }
  StoreResult<void> replay(const StreamPosition&) override { return {}; }
  StoreResult<void> close() override {
    on_rebalance_({Rebalance::Kind::revoked, {{Topic::shards, 1}}}, *this);
    return {};
  }
  ConsumerCounters counters() const override { return {}; }

 private:
  Script& script_;
  OnRebalance on_rebalance_;
};

struct GroupDivisionTest : ::testing::Test {
  Script script;
  std::unique_ptr<GroupDivision> division = std::make_unique<GroupDivision>(
      [this](OnRebalance on_rebalance) -> StoreResult<std::unique_ptr<StreamConsumer>> {
        {
          const std::lock_guard lock(script.mutex);
          ++script.joined;
        }
        return std::make_unique<Scripted>(script, std::move(on_rebalance));
      },
      [this](const std::vector<std::uint32_t>& mine) {
        const std::lock_guard lock(script.mutex);
        script.wanted.push_back(mine);
      });
};

TEST_F(GroupDivisionTest, WhatComesAndGoesBitByBitIsWantedAsAWhole) {
  EXPECT_FALSE(division->status().member);
  script.rebalance(Rebalance::Kind::assigned, {3, 1, 2});
  script.rebalance(Rebalance::Kind::revoked, {3});
  script.rebalance(Rebalance::Kind::assigned, {11});
  script.rebalance(Rebalance::Kind::lost, {1, 2});
  ASSERT_TRUE(comes([&] { return script.heard() == 4; }));
  using Shards = std::vector<std::uint32_t>;
  EXPECT_EQ(script.wanted, (std::vector<Shards>{{1, 2, 3}, {1, 2}, {1, 2, 11}, {11}}));
  EXPECT_TRUE(comes([&] { return division->status().member; }));
}

TEST_F(GroupDivisionTest, ABrokerThatIsAwayTakesNothingAway) {
  script.rebalance(Rebalance::Kind::assigned, {0, 1});
  ASSERT_TRUE(comes([&] { return script.heard() == 1; }));
  {
    const std::lock_guard lock(script.mutex);
    script.away = true;
  }
  ASSERT_TRUE(comes([&] { return division->status().why == "the broker is away"; }));
  {
    const std::lock_guard lock(script.mutex);
    script.away = false;
  }
  ASSERT_TRUE(comes([&] { return division->status().why.empty(); }));
  EXPECT_EQ(script.heard(), 1U);
  EXPECT_EQ(script.joined, 1);
}

TEST_F(GroupDivisionTest, LeavingTheGroupClosesNoShardByItself) {
  script.rebalance(Rebalance::Kind::assigned, {0, 1});
  ASSERT_TRUE(comes([&] { return script.heard() == 1; }));
  division.reset();
  EXPECT_EQ(script.heard(), 1U);
}

}  // namespace
}  // namespace prom
