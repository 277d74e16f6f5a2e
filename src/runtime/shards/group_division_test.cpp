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

using Shards = std::vector<std::uint32_t>;

struct GroupDivisionTest : ::testing::Test {
  void divide(DurationNs undivided) {
    auto join = [this](OnRebalance on_rebalance) -> StoreResult<std::unique_ptr<StreamConsumer>> {
      const std::lock_guard lock(script.mutex);
      ++script.joined;
      return std::make_unique<Scripted>(script, std::move(on_rebalance));
    };
    auto want = [this](const Shards& mine) {
      const std::lock_guard lock(script.mutex);
      script.wanted.push_back(mine);
    };
    division = std::make_unique<GroupDivision>(std::move(join), std::move(want), undivided);
  }
  void SetUp() override { divide(GroupDivision::kUndivided); }
  Script script;
  std::unique_ptr<GroupDivision> division;
};

TEST_F(GroupDivisionTest, WhatComesAndGoesIsWantedAsAWholeOnceItIsDivided) {
  EXPECT_FALSE(division->status().member);
  script.rebalance(Rebalance::Kind::assigned, {3, 1, 2});
  script.rebalance(Rebalance::Kind::revoked, {3});
  script.rebalance(Rebalance::Kind::assigned, {11});
  script.rebalance(Rebalance::Kind::lost, {1, 2});
  script.rebalance(Rebalance::Kind::assigned, {});
  ASSERT_TRUE(comes([&] { return script.heard() == 3; }));
  EXPECT_EQ(script.wanted, (std::vector<Shards>{{1, 2, 3}, {1, 2, 11}, {11}}));
  EXPECT_TRUE(comes([&] { return division->status().member; }));
}

TEST_F(GroupDivisionTest, AGroupThatSharesEverythingOutAnewStopsNoShardThatStays) {
  script.rebalance(Rebalance::Kind::assigned, {0, 1, 2, 3});
  script.rebalance(Rebalance::Kind::revoked, {0, 1, 2, 3});
  script.rebalance(Rebalance::Kind::assigned, {0, 1});
  ASSERT_TRUE(comes([&] { return script.heard() == 2; }));
  EXPECT_EQ(script.wanted, (std::vector<Shards>{{0, 1, 2, 3}, {0, 1}})) << "never nothing in between";
}

TEST_F(GroupDivisionTest, WhatIsTakenAndNeverDividedIsGivenBack) {
  divide({50 * kMillisecond.ns});
  script.rebalance(Rebalance::Kind::assigned, {0, 1});
  script.rebalance(Rebalance::Kind::lost, {0, 1});
  ASSERT_TRUE(comes([&] { return script.heard() == 2; }));
  EXPECT_EQ(script.wanted, (std::vector<Shards>{{0, 1}, {}}));
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
