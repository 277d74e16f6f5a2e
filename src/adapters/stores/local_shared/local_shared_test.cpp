// The contract of shared state on the one inside a process, and its bounds.
#include "adapters/stores/local_shared/local_shared.h"

#include <gtest/gtest.h>

#include <atomic>

#include "ports/shared_state_contract.h"

namespace prom {
namespace {

class LocalHarness final : public shared_state_contract::Harness {
 public:
  std::unique_ptr<SharedState> join() override { return ground_->join(); }
  void pass(DurationNs time) override { *now_ += time.ns; }

 private:
  std::shared_ptr<std::atomic<std::int64_t>> now_ = std::make_shared<std::atomic<std::int64_t>>(1'000'000'000);
  std::shared_ptr<LocalShared> ground_ = LocalShared::create([now = now_] { return now->load(); });
};

using shared_state_contract::SharedStateContract;
INSTANTIATE_TEST_SUITE_P(Local, SharedStateContract, testing::Values([] { return std::make_unique<LocalHarness>(); }));

struct Small : testing::Test {
  std::int64_t now = 1;
  std::shared_ptr<LocalShared> ground = LocalShared::create([this] { return now; }, 2);
  std::unique_ptr<SharedState> one = ground->join();
};

TEST_F(Small, AFullCacheDropsWhatExpiresFirst) {
  ASSERT_TRUE(one->cache().put(regime_key("A"), "a"));           // ends after 300 s
  ASSERT_TRUE(one->cache().put(ticker_key({"okx", "B"}), "b"));  // after 5 s
  ASSERT_TRUE(one->cache().put(balance_key(SharedAccountId{1}), "c"));
  EXPECT_TRUE(std::holds_alternative<CacheHit>(one->cache().get(regime_key("A"))));
  EXPECT_TRUE(std::holds_alternative<CacheMiss>(one->cache().get(ticker_key({"okx", "B"}))));
  EXPECT_TRUE(std::holds_alternative<CacheHit>(one->cache().get(balance_key(SharedAccountId{1}))));
}

TEST_F(Small, WhatMustNotBeDroppedIsRefusedUntilSomethingExpires) {
  ASSERT_TRUE(one->leases().acquire("a", kLockLifetime));
  ASSERT_TRUE(one->leases().acquire("b", kLockLifetime));
  const auto third = one->leases().acquire("c", kLockLifetime);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, StoreErrorKind::full);
  EXPECT_EQ(third.error().retry, Retry::after);
  now += kLockLifetime.ns;
  EXPECT_TRUE(one->leases().acquire("c", kLockLifetime));
  for (std::int64_t user = 1; user <= 2; ++user) ASSERT_TRUE(one->sessions().save({SharedUserId{user}, "s"}, {0, "x"}));
  EXPECT_EQ(one->sessions().save({SharedUserId{3}, "s"}, {0, "x"}).error().kind, StoreErrorKind::full);
  EXPECT_TRUE(one->sessions().save({SharedUserId{2}, "s"}, {1, "y"})) << "what is there may change";
  for (std::int64_t user = 1; user <= 2; ++user) ASSERT_TRUE(one->rate_limits().take({SharedUserId{user}, "a"}, {}));
  EXPECT_EQ(one->rate_limits().take({SharedUserId{3}, "a"}, {}).error().kind, StoreErrorKind::full);
}

}  // namespace
}  // namespace prom
