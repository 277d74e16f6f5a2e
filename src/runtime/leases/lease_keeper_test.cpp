// A lease kept, lost, taken over: on the in-process twin with a clock of the test's, and with a store that is away.
#include "runtime/leases/lease_keeper.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/leases/lease_thread.h"

namespace prom {
namespace {

/// One lease in memory, as the stores of ports/shared_state_contract.h keep it; it can be away.
class Store final : public Leases {
 public:
  StoreResult<Acquired> acquire(const std::string&, DurationNs lifetime) override {
    if (away) return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the store is away", ""});
    if (now < ends) return Acquired{LeaseHeld{DurationNs{ends - now}}};
    ends = now + lifetime.ns;
    owner = "o" + std::to_string(++fence);
    return Acquired{Lease{"r", owner, fence, ends}};
  }
  StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) override {
    ++renewals;
    if (away) return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the store is away", ""});
    if (lease.owner != owner || now >= ends) return LeaseFate::lost;
    lease.expires = ends = now + lifetime.ns;
    return LeaseFate::kept;
  }
  StoreResult<LeaseFate> release(const Lease& lease) override {
    if (lease.owner != owner || now >= ends) return LeaseFate::lost;
    ends = now;
    return LeaseFate::kept;
  }
  std::int64_t monotonic_ns() const override { return now; }

  bool away = false;
  std::int64_t now = 1, ends = 0;
  std::uint64_t fence = 0, renewals = 0;
  std::string owner;
};

struct LeaseKeeperTest : ::testing::Test {
  /// Lets time pass in steps of 50 ms, calling step() when it wants to be called.
  void live(LeaseKeeper& keeper, DurationNs time) {
    const std::int64_t end = store.now + time.ns;
    while (store.now < end) {
      if (store.now >= due) due = store.now + keeper.step().ns;
      store.now += 50 * kMillisecond.ns;
    }
  }
  Store store;
  std::int64_t due = 0;
};

TEST_F(LeaseKeeperTest, ItIsKeptForAsLongAsTheStoreAnswers) {
  LeaseKeeper keeper(store, {.resource = "r"});
  EXPECT_FALSE(keeper.holds()) << "before the first step nothing is held";
  keeper.step();
  EXPECT_TRUE(keeper.holds());
  for (int i = 0; i < 60; ++i) {
    live(keeper, kSecond);
    ASSERT_TRUE(keeper.holds()) << i;
    ASSERT_GT(keeper.left(), 5 * kSecond) << i;
  }
  EXPECT_EQ(keeper.status().fence, 1U) << "renewed, never acquired anew";
  EXPECT_EQ(keeper.status().lapses, 0U);
  EXPECT_LT(store.renewals, 25U) << "a third of the lifetime between two of them";
}

TEST_F(LeaseKeeperTest, WithoutTheStoreItHoldsToItsEndAndNotAMomentLonger) {
  LeaseKeeper keeper(store, {.resource = "r"});
  keeper.step();
  store.away = true;
  const std::int64_t ends = store.ends;
  while (store.now < ends) {
    ASSERT_TRUE(keeper.holds());
    live(keeper, 50 * kMillisecond);
  }
  EXPECT_FALSE(keeper.holds());
  EXPECT_EQ(keeper.left(), DurationNs{0});
  live(keeper, 3 * kSecond);
  EXPECT_FALSE(keeper.holds());
  EXPECT_EQ(keeper.status().lapses, 1U);
  EXPECT_EQ(keeper.status().why, "the store is away");
  store.away = false;
  live(keeper, kSecond);
  EXPECT_TRUE(keeper.holds()) << "and goes on when it is back";
  EXPECT_EQ(keeper.status().fence, 2U);
  EXPECT_EQ(keeper.status().why, "");
}

TEST_F(LeaseKeeperTest, AnInstanceThatWasStoppedFindsThatItsTimeIsOverWithoutAskingAnybody) {
  LeaseKeeper first(store, {.resource = "r"});
  LeaseKeeper second(store, {.resource = "r"});
  first.step();
  store.now += 4 * kSecond.ns;
  EXPECT_EQ(second.step(), kSecond) << "asks again every second";
  EXPECT_EQ(second.status().held_elsewhere, std::optional(6 * kSecond));
  // The first is stopped (SIGSTOP, a machine that sleeps): it renews nothing.
  store.now += 6 * kSecond.ns;
  EXPECT_FALSE(first.holds());
  second.step();
  EXPECT_TRUE(second.holds());
  EXPECT_GT(second.status().fence, first.status().fence);
  first.step();
  EXPECT_FALSE(first.holds());
  EXPECT_EQ(first.status().why, "another instance holds it");
  EXPECT_EQ(first.status().lapses, 1U);
}

TEST_F(LeaseKeeperTest, AtNoMomentDoTwoHold) {
  LeaseKeeper one(store, {.resource = "r"});
  LeaseKeeper two(store, {.resource = "r"});
  std::vector<LeaseKeeper*> keepers{&one, &two};
  std::uint64_t random = 7, changes = 0, last = 0;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    store.away = (random >> 33U) % 4 == 0;
    if ((random >> 40U) % 8 != 0) keepers[(random >> 50U) % 2]->step();
    store.now += static_cast<std::int64_t>((random >> 20U) % 3'000) * kMillisecond.ns;
    ASSERT_FALSE(one.holds() && two.holds()) << i;
    const std::uint64_t holder = one.holds() ? 1 : two.holds() ? 2 : last;
    changes += holder != last;
    last = holder;
  }
  EXPECT_GT(changes, 100U) << "it must change hands, else this shows nothing";
}

TEST_F(LeaseKeeperTest, WhatIsGivenBackIsFreeAtOnce) {
  LeaseKeeper first(store, {.resource = "r"});
  LeaseKeeper second(store, {.resource = "r"});
  first.step();
  first.release();
  EXPECT_FALSE(first.holds());
  EXPECT_EQ(first.status().lapses, 0U);
  second.step();
  EXPECT_TRUE(second.holds());
}

/// The same store for a thread of its own: the clock is the machine's, and every call is guarded.
class SharedStore final : public Leases {
  template <class Call>
  auto guarded(const Call& call) {
    const std::lock_guard lock(mutex_);
    store_.now = monotonic_ns();
    return call();
  }
  std::mutex mutex_;
  Store store_;

 public:
  StoreResult<Acquired> acquire(const std::string& resource, DurationNs lifetime) override {
    return guarded([&] { return store_.acquire(resource, lifetime); });
  }
  StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) override {
    return guarded([&] { return store_.renew(lease, lifetime); });
  }
  StoreResult<LeaseFate> release(const Lease& lease) override {
    return guarded([&] { return store_.release(lease); });
  }
  std::int64_t monotonic_ns() const override { return std::chrono::steady_clock::now().time_since_epoch().count(); }
  std::uint64_t renewals() {
    return guarded([&] { return store_.renewals; });
  }
};

TEST(LeaseThread, KeepsALeaseBesideWhoeverActsAndEndsWhenToldTo) {
  SharedStore store;
  LeaseKeeper keeper(store, {.resource = "r", .lifetime = kSecond});
  {
    const LeaseThread thread(keeper);
    while (!keeper.holds()) std::this_thread::yield();
    while (store.renewals() < 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_GE(keeper.status().fence, 1U);
  }
  const std::uint64_t renewals = store.renewals();
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_EQ(store.renewals(), renewals);
}

}  // namespace
}  // namespace prom
