// What every implementation of shared state must do, as tests: include from one test file of the implementation and instantiate SharedStateContract with a maker
// of harnesses. Tests only. Several instances and threads take part, as in production.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): a suite that test files include

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "ports/shared_state.h"

namespace prom::shared_state_contract {

/// One ground that instances join. A new harness is a new, empty ground.
class Harness {
 public:
  virtual ~Harness() = default;
  /// Why there is no ground to join (a server that is missing), in one sentence; empty when there is.
  virtual std::string why_not() const { return ""; }
  virtual std::unique_ptr<SharedState> join() = 0;
  /// Lets what is stored grow older by `time`.
  virtual void pass(DurationNs time) = 0;
};
using MakeHarness = std::function<std::unique_ptr<Harness>()>;

inline void on_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::jthread> threads;  // tidy-ok(tsan_targets): runs in the folders of the implementations, which are listed
  for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
}

class SharedStateContract : public ::testing::TestWithParam<MakeHarness> {
 protected:
  void SetUp() override {
    harness_ = GetParam()();
    if (const std::string why = harness_->why_not(); !why.empty()) GTEST_SKIP() << why;
    one_ = harness_->join();
    two_ = harness_->join();
    ASSERT_TRUE(one_ && two_);
  }
  /// "hit v", "stale v", "absent" or "away".
  static std::string words(const CacheRead& read) {
    if (const auto* hit = std::get_if<CacheHit>(&read)) return "hit " + hit->value;
    if (const auto* stale = std::get_if<CacheStale>(&read)) return "stale " + stale->value;
    return std::get<CacheMiss>(read).why == CacheMiss::Why::absent ? "absent" : "away";
  }
  static Lease must(const StoreResult<Acquired>& acquired) {
    EXPECT_TRUE(acquired) << acquired.error().detail;
    if (!acquired || !std::holds_alternative<Lease>(*acquired)) throw std::runtime_error("no lease");
    return std::get<Lease>(*acquired);
  }
  static bool held(const StoreResult<Acquired>& acquired) { return acquired && std::holds_alternative<LeaseHeld>(*acquired); }
  static DurationNs seconds(double count) { return {static_cast<std::int64_t>(count * 1e9)}; }

  std::unique_ptr<Harness> harness_;
  std::unique_ptr<SharedState> one_, two_;
  const CacheKey ticker_ = ticker_key({"binance", "BTCUSDT"});
};

TEST_P(SharedStateContract, AValueIsFreshThenStaleThenAbsent) {
  EXPECT_EQ(words(one_->cache().get(ticker_)), "absent");
  ASSERT_TRUE(one_->cache().put(ticker_, "50000.5"));
  EXPECT_EQ(words(two_->cache().get(ticker_)), "hit 50000.5");
  harness_->pass(seconds(3));
  EXPECT_EQ(words(two_->cache().get(ticker_)), "hit 50000.5");
  harness_->pass(seconds(1.5));
  EXPECT_EQ(words(one_->cache().get(ticker_)), "stale 50000.5") << "from 4 s on";
  harness_->pass(seconds(0.6));
  EXPECT_EQ(words(one_->cache().get(ticker_)), "absent") << "from 5 s on";
}

TEST_P(SharedStateContract, PuttingAgainReplacesAndBeginsTheLifetimeAnew) {
  ASSERT_TRUE(one_->cache().put(ticker_, "1"));
  harness_->pass(seconds(3));
  ASSERT_TRUE(two_->cache().put(ticker_, "2"));
  harness_->pass(seconds(3));
  EXPECT_EQ(words(one_->cache().get(ticker_)), "hit 2");
  ASSERT_TRUE(one_->cache().erase(ticker_));
  EXPECT_EQ(words(two_->cache().get(ticker_)), "absent");
  EXPECT_TRUE(one_->cache().erase(ticker_)) << "erasing what is not there is no error";
}

TEST_P(SharedStateContract, ValuesAreBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& value : {std::string(), all, std::string("\r\n$3\r\n"), std::string(300'000, 'x')}) {
    ASSERT_TRUE(one_->cache().put(ticker_, value));
    EXPECT_EQ(words(two_->cache().get(ticker_)), "hit " + value);
  }
}

TEST_P(SharedStateContract, OfManyWhoAskAtOnceInAllInstancesOneLoads) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> loads = 0, wrong = 0;
    const CacheKey key = regime_key("S" + std::to_string(round));
    on_threads(16, [&](int thread) {
      const auto got = (thread % 2 == 0 ? one_ : two_)->cache().fetch(key, [&]() -> StoreResult<std::string> {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // a slow source: the others arrive meanwhile
        return "range " + std::to_string(++loads);
      });
      if (!got || *got != "range 1") ++wrong;
    });
    EXPECT_EQ(loads, 1);
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(words(two_->cache().get(key)), "hit range 1");
  }
}

TEST_P(SharedStateContract, AStaleValueServesOthersWhileOneLoads) {
  ASSERT_TRUE(one_->cache().put(ticker_, "old"));
  harness_->pass(seconds(4.3));
  std::string meanwhile_one, meanwhile_two;
  const auto got = one_->cache().fetch(ticker_, [&]() -> StoreResult<std::string> {
    const auto must_not_load = []() -> StoreResult<std::string> { return "loaded twice"; };
    meanwhile_one = one_->cache().fetch(ticker_, must_not_load).value_or("error");
    meanwhile_two = two_->cache().fetch(ticker_, must_not_load).value_or("error");
    return "new";
  });
  EXPECT_EQ(got.value_or("error"), "new");
  EXPECT_EQ(meanwhile_one, "old");
  EXPECT_EQ(meanwhile_two, "old");
  EXPECT_EQ(words(two_->cache().get(ticker_)), "hit new");
}

TEST_P(SharedStateContract, AFailedLoadIsItsCallersErrorAndIsNotKept) {
  const StoreError failure{StoreErrorKind::away, Retry::after, "the venue does not answer", ""};
  const auto got = one_->cache().fetch(ticker_, [&]() -> StoreResult<std::string> { return std::unexpected(failure); });
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().detail, failure.detail);
  EXPECT_THROW((void)one_->cache().fetch(ticker_, []() -> StoreResult<std::string> { throw std::runtime_error("broken"); }), std::runtime_error);
  EXPECT_EQ(words(two_->cache().get(ticker_)), "absent");
  EXPECT_EQ(two_->cache().fetch(ticker_, []() -> StoreResult<std::string> { return "v"; }).value_or("error"), "v") << "the next one loads";
  harness_->pass(seconds(4.3));
  EXPECT_EQ(one_->cache().fetch(ticker_, [&]() -> StoreResult<std::string> { return std::unexpected(failure); }).value_or("error"), "v")
      << "stale beats nothing";
}

TEST_P(SharedStateContract, ALeaseIsHeldByOne) {
  const Lease lease = must(one_->leases().acquire("shard.1", kLockLifetime));
  EXPECT_EQ(lease.resource, "shard.1");
  EXPECT_GT(lease.expires, one_->leases().monotonic_ns());
  EXPECT_LE(lease.expires, one_->leases().monotonic_ns() + kLockLifetime.ns);
  const auto other = two_->leases().acquire("shard.1", kLockLifetime);
  ASSERT_TRUE(held(other));
  EXPECT_GT(std::get<LeaseHeld>(*other).remaining.ns, 0);
  EXPECT_LE(std::get<LeaseHeld>(*other).remaining.ns, kLockLifetime.ns);
  EXPECT_TRUE(held(one_->leases().acquire("shard.1", kLockLifetime))) << "also against another acquisition of the same instance";
  EXPECT_GT(must(two_->leases().acquire("shard.2", kLockLifetime)).fence, 0U) << "another resource is free";
  EXPECT_EQ(one_->leases().release(lease), LeaseFate::kept);
  const Lease next = must(two_->leases().acquire("shard.1", kLockLifetime));
  EXPECT_GT(next.fence, lease.fence);
  EXPECT_NE(next.owner, lease.owner);
}

TEST_P(SharedStateContract, AnExpiredLeaseIsLostAndCannotHarmTheNextHolder) {
  Lease old = must(one_->leases().acquire("r", kLockLifetime));
  harness_->pass({kLockLifetime.ns + kSecond.ns});
  const Lease next = must(two_->leases().acquire("r", kLockLifetime));
  EXPECT_GT(next.fence, old.fence);
  EXPECT_EQ(one_->leases().renew(old, kLockLifetime), LeaseFate::lost);
  EXPECT_EQ(one_->leases().release(old), LeaseFate::lost);
  EXPECT_TRUE(held(one_->leases().acquire("r", kLockLifetime))) << "the second holder's lease still stands";
  EXPECT_EQ(two_->leases().release(next), LeaseFate::kept);
}

TEST_P(SharedStateContract, RenewingPutsTheEndOff) {
  Lease lease = must(one_->leases().acquire("r", seconds(10)));
  const Lease before = lease;
  for (int i = 0; i < 4; ++i) {
    harness_->pass(seconds(6));
    ASSERT_EQ(one_->leases().renew(lease, seconds(10)), LeaseFate::kept);
  }
  EXPECT_EQ(lease.fence, before.fence);
  EXPECT_GT(lease.expires, before.expires);
  EXPECT_TRUE(held(two_->leases().acquire("r", seconds(10))));
  harness_->pass(seconds(11));
  EXPECT_EQ(one_->leases().renew(lease, seconds(10)), LeaseFate::lost);
}

TEST_P(SharedStateContract, ManyContendersNeverHoldTogetherAndFencesOnlyRise) {
  std::atomic<int> inside = 0, together = 0, acquired = 0;
  std::mutex mutex;
  std::vector<std::uint64_t> fences;
  on_threads(8, [&](int thread) {
    Leases& leases = (thread % 2 == 0 ? one_ : two_)->leases();
    for (int done = 0; done < 12;) {
      const auto got = leases.acquire("contended", kLockLifetime);
      if (!got) break;
      if (!std::holds_alternative<Lease>(*got)) {
        std::this_thread::yield();
        continue;
      }
      if (++inside != 1) ++together;
      std::this_thread::yield();
      {
        const std::lock_guard lock(mutex);
        fences.push_back(std::get<Lease>(*got).fence);
      }
      --inside;
      if (leases.release(std::get<Lease>(*got)) != LeaseFate::kept) break;
      ++done;
      ++acquired;
    }
  });
  EXPECT_EQ(acquired, 96);
  EXPECT_EQ(together, 0);
  EXPECT_TRUE(std::ranges::is_sorted(fences, std::less_equal<>())) << "strictly rising";
}

TEST_P(SharedStateContract, ARateAllowsItsLimitAndNoMoreHoweverManyAskAtOnce) {
  std::atomic<int> allowed = 0, errors = 0;
  const RateOf of{SharedUserId{7}, "order"};
  on_threads(8, [&](int thread) {
    for (int i = 0; i < 10; ++i) {
      const auto verdict = (thread % 2 == 0 ? one_ : two_)->rate_limits().take(of, {25, kRateWindow});
      if (!verdict) ++errors;
      if (verdict && verdict->answer == RateVerdict::Answer::allowed) ++allowed;
    }
  });
  EXPECT_EQ(errors, 0);
  EXPECT_EQ(allowed, 25);
  const auto refused = one_->rate_limits().take(of, {25, kRateWindow});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->answer, RateVerdict::Answer::refused);
  EXPECT_EQ(refused->left, 0U);
  EXPECT_GT(refused->window_ends.ns, 0);
  EXPECT_LE(refused->window_ends.ns, kRateWindow.ns);
  EXPECT_EQ(one_->rate_limits().take({SharedUserId{8}, "order"}, {25, kRateWindow})->left, 24U) << "another user has a window of its own";
  EXPECT_EQ(one_->rate_limits().take({SharedUserId{7}, "quote"}, {25, kRateWindow})->left, 24U) << "and so has another action";
  EXPECT_EQ(one_->rate_limits().take({SharedUserId{7}, "never"}, {0, kRateWindow})->answer, RateVerdict::Answer::refused);
}

TEST_P(SharedStateContract, ARateWindowEndsAndRefusalsDoNotProlongIt) {
  const RateOf of{SharedUserId{7}, "order"};
  const RateRule rule{2, kRateWindow};
  EXPECT_EQ(one_->rate_limits().take(of, rule)->left, 1U);
  harness_->pass(seconds(30));
  EXPECT_EQ(one_->rate_limits().take(of, rule)->left, 0U);
  harness_->pass(seconds(20));
  EXPECT_EQ(one_->rate_limits().take(of, rule)->answer, RateVerdict::Answer::refused);
  harness_->pass(seconds(11));
  const auto fresh = two_->rate_limits().take(of, rule);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->answer, RateVerdict::Answer::allowed) << "61 s after the first take";
  EXPECT_EQ(fresh->left, 1U);
}

TEST_P(SharedStateContract, ASessionIsWrittenByWhoeverReadItLast) {
  const SessionOf of{SharedUserId{7}, "chat"};
  EXPECT_EQ(one_->sessions().load(of)->version, 0U);
  EXPECT_EQ(one_->sessions().load(of)->data, "");
  EXPECT_EQ(one_->sessions().save(of, {0, "hello"}), 1U);
  EXPECT_EQ(two_->sessions().load(of)->data, "hello");
  EXPECT_EQ(two_->sessions().save(of, {1, "hello, you"}), 2U);
  const auto late = one_->sessions().save(of, {1, "hello, me"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, StoreErrorKind::conflict);
  EXPECT_EQ(one_->sessions().load(of)->data, "hello, you");
  EXPECT_EQ(one_->sessions().save(of, {0, "x"}).error().kind, StoreErrorKind::conflict) << "a new one does not overwrite";
  EXPECT_EQ(one_->sessions().load({SharedUserId{8}, "chat"})->version, 0U);
  ASSERT_TRUE(one_->sessions().end(of));
  EXPECT_EQ(two_->sessions().load(of)->version, 0U);
  EXPECT_EQ(two_->sessions().save(of, {2, "x"}).error().kind, StoreErrorKind::conflict) << "an ended session is not continued by chance";
}

TEST_P(SharedStateContract, ASessionLivesADayFromItsLastWord) {
  const SessionOf of{SharedUserId{7}, "chat"};
  ASSERT_TRUE(one_->sessions().save(of, {0, "a"}));
  harness_->pass({23 * kHour.ns});
  ASSERT_TRUE(one_->sessions().save(of, {1, "b"}));
  harness_->pass({23 * kHour.ns});
  EXPECT_EQ(one_->sessions().load(of)->data, "b");
  harness_->pass({kHour.ns + kSecond.ns});
  EXPECT_EQ(one_->sessions().load(of)->version, 0U) << "reading has not prolonged it";
}

TEST_P(SharedStateContract, NoWordOfASessionIsLostBetweenInstances) {
  const SessionOf of{SharedUserId{7}, "chat"};
  on_threads(6, [&](int thread) {
    Sessions& sessions = (thread % 2 == 0 ? one_ : two_)->sessions();
    for (int done = 0; done < 8;) {
      auto session = sessions.load(of);
      if (!session) return;
      session->data += 'x';
      if (sessions.save(of, *session)) ++done;
    }
  });
  EXPECT_EQ(one_->sessions().load(of)->data, std::string(48, 'x'));
  EXPECT_EQ(one_->sessions().load(of)->version, 48U);
}

TEST_P(SharedStateContract, AnInvalidationIsHeardByAllInstances) {
  std::mutex mutex;
  std::condition_variable heard;
  std::set<std::string> by_one, by_two;
  const auto into = [&](std::set<std::string>& names) {
    return [&](const Invalidation& word) {
      const std::lock_guard lock(mutex);
      names.insert(word.name);
      heard.notify_all();
    };
  };
  auto first = one_->invalidations().listen(into(by_one));
  const auto second = two_->invalidations().listen(into(by_two));
  ASSERT_TRUE(one_->invalidations().tell(ticker_));
  ASSERT_TRUE(two_->invalidations().tell(regime_key("X")));
  const std::set<std::string> both{ticker_.name, "cache:regime:X"};
  std::unique_lock lock(mutex);
  EXPECT_TRUE(heard.wait_for(lock, std::chrono::seconds(10), [&] { return by_one == both && by_two == both; }));
  lock.unlock();
  first.reset();
  ASSERT_TRUE(one_->invalidations().tell(regime_key("Y")));
  lock.lock();
  EXPECT_TRUE(heard.wait_for(lock, std::chrono::seconds(10), [&] { return by_two.contains("cache:regime:Y"); }));
  EXPECT_EQ(by_one, both) << "whoever has left hears nothing more";
}

}  // namespace prom::shared_state_contract
