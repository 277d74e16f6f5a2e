// Redis killed with -9 and a network that misbehaves, while several instances contend for a lease: never two holders at once, fences only rise, nothing that was
// confirmed is lost.
#include <atomic>
#include <map>
#include <tuple>

#include "adapters/stores/redis/redis_server_test_support.h"
#include "base/prng.h"
#include "io/testing/tcp_gate.h"

namespace prom {
namespace {

using redis_test::Behind;
using namespace std::chrono_literals;

struct RedisCrash : testing::Test {
  void SetUp() override {
    if (!redis_test::there()) GTEST_SKIP() << redis_test::servers().why_not("redis");
    Behind(db).empty();
  }
  static void kill_and_restart() {
    ASSERT_EQ(redis_test::servers().command("kill redis"), 0);
    ASSERT_EQ(redis_test::servers().command("up redis"), 0);
  }
  int db = redis_test::next_db();
};

/// One stretch in which somebody believed to hold the lease, on one clock for all.
struct Held {
  std::uint64_t fence = 0;
  std::int64_t from = 0;
  std::int64_t until = 0;
};

TEST_F(RedisCrash, WhatWasConfirmedIsThereAfterAKill) {
  const auto one = redis_test::open(db);
  const SessionOf of{SharedUserId{7}, "chat"};
  ASSERT_EQ(one->sessions().save(of, {0, "hello"}), 1U);
  const auto lease = one->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(lease && std::holds_alternative<Lease>(*lease));
  kill_and_restart();
  // The first request finds the old connection closed and makes a new one.
  EXPECT_EQ(one->sessions().load(of)->data, "hello");
  const auto two = redis_test::open(db);
  const auto other = two->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(other);
  EXPECT_TRUE(std::holds_alternative<LeaseHeld>(*other)) << "the lease outlived the server";
  Lease mine = std::get<Lease>(*lease);
  EXPECT_EQ(one->leases().renew(mine, kLockLifetime), LeaseFate::kept);
  EXPECT_EQ(one->leases().release(mine), LeaseFate::kept);
  const auto next = two->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(next && std::holds_alternative<Lease>(*next));
  EXPECT_GT(std::get<Lease>(*next).fence, mine.fence);
}

/// Acquires, holds for a while, renews or not, releases or lets it lapse, until told to stop; counts the stretches in `turns`.
void contend(RedisShared& instance, std::uint64_t seed, const std::atomic<bool>& stop, std::atomic<std::size_t>& turns, std::vector<Held>& out) {
  Xoshiro256pp random(seed);
  Leases& leases = instance.leases();
  while (!stop) {
    auto acquired = leases.acquire("contended", DurationNs{250 * kMillisecond.ns});
    const std::int64_t from = leases.monotonic_ns();
    if (!acquired || !std::holds_alternative<Lease>(*acquired)) {
      std::this_thread::sleep_for(5ms);
      continue;
    }
    Lease lease = std::get<Lease>(*acquired);
    // Some sleep over the end of their lease and come back believing that it is still theirs.
    std::this_thread::sleep_for(std::chrono::milliseconds(random.below(5) == 0 ? 200 + random.below(150) : random.below(30)));
    if (random.below(3) == 0) std::ignore = leases.renew(lease, DurationNs{250 * kMillisecond.ns});
    // Whoever finds its time over has stopped at `expires`; whoever releases stops before it asks for that.
    const std::int64_t until = std::min(leases.monotonic_ns(), lease.expires);
    if (until > from) {
      out.push_back({lease.fence, from, until});
      ++turns;
    }
    if (random.below(4) != 0) std::ignore = leases.release(lease);
  }
}

TEST_F(RedisCrash, NoTwoHoldersThroughKillsAndABadNetwork) {
  constexpr int kContenders = 4;
  constexpr std::uint64_t kSeed = 20'261;
  constexpr std::size_t kTurns = 21;
  constexpr int kRounds = 60, kMostRounds = 2'000;
  std::vector<std::unique_ptr<TcpGate>> gates;
  std::vector<std::unique_ptr<RedisShared>> instances;
  for (int i = 0; i < kContenders; ++i) {
    gates.push_back(std::make_unique<TcpGate>(redis_test::options(db).port));
    instances.push_back(redis_test::open(db, gates.back()->port(), 100ms));
    ASSERT_TRUE(instances.back());
  }
  std::vector<std::vector<Held>> held(kContenders);
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> turns = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kContenders; ++i) threads.emplace_back([&, i] { contend(*instances[i], kSeed + i, stop, turns, held[i]); });
    Xoshiro256pp random(kSeed);
    constexpr TcpGate::Mode kModes[] = {TcpGate::Mode::pass,    TcpGate::Mode::late,      TcpGate::Mode::deaf,
                                        TcpGate::Mode::garbage, TcpGate::Mode::half_open, TcpGate::Mode::cut};
    // A loaded machine gives fewer turns a second: the rounds go on until there were enough.
    for (int round = 0; round < kRounds || (turns < kTurns && round < kMostRounds); ++round) {
      TcpGate& gate = *gates[random.below(kContenders)];
      gate.set(kModes[random.below(std::size(kModes))]);
      std::this_thread::sleep_for(60ms);
      gate.set(TcpGate::Mode::pass);
      if (round == 20 || round == 40) kill_and_restart();
    }
    stop = true;
  }
  std::map<std::uint64_t, Held> by_fence;
  std::size_t count = 0;
  for (const auto& list : held) {
    count += list.size();
    for (const Held& stretch : list) by_fence.emplace(stretch.fence, stretch);
  }
  EXPECT_EQ(by_fence.size(), count) << "no fence is given twice";
  EXPECT_GE(count, kTurns) << "they did get their turns";
  const Held* before = nullptr;
  for (const auto& [fence, stretch] : by_fence) {
    if (before != nullptr) EXPECT_LE(before->until, stretch.from) << "fences " << before->fence << " and " << fence << " held at once, seed " << kSeed;
    before = &stretch;
  }
}

}  // namespace
}  // namespace prom
