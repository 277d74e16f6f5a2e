// What the network does between us and Redis, by a gate in front of a real one: away is slower, never wrong, and it comes back by itself.
#include <algorithm>

#include "adapters/stores/redis/redis_server_test_support.h"
#include "io/testing/tcp_gate.h"

namespace prom {
namespace {

using redis_test::Behind;
using namespace std::chrono_literals;
using Mode = TcpGate::Mode;

struct RedisFaults : testing::Test {
  static constexpr std::chrono::milliseconds kTimeout = 150ms;
  /// For what is not about time: a machine that stands still for a moment is no fault of the store's.
  static constexpr std::chrono::milliseconds kPatience = 10s;
  void SetUp() override {
    if (!redis_test::there()) GTEST_SKIP() << redis_test::servers().why_not("redis");
    behind = std::make_unique<Behind>(db);
    behind->empty();
    gate = std::make_unique<TcpGate>(redis_test::options(db).port);
    one = through_gate(kTimeout);
    ASSERT_TRUE(one);
  }
  std::unique_ptr<RedisShared> through_gate(std::chrono::milliseconds timeout) const { return redis_test::open(db, gate->port(), timeout); }
  /// What is asked behind the adapter's back, as soon as it is so; what it is at last otherwise.
  std::string until_text(const std::string& name, const std::string& text) const {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::string now;
    while ((now = behind->ask({"GET", name}).text) != text && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
    return now;
  }
  static StoreResult<std::string> source() { return "from the source"; }
  /// Everything that callers rely on while the store is out of reach in this way.
  void expect_slower_never_wrong() const {
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(std::get<CacheMiss>(one->cache().get(key)).why, CacheMiss::Why::away);
    EXPECT_EQ(one->cache().fetch(key, source).value_or("error"), "from the source");
    EXPECT_FALSE(one->cache().put(key, "v"));
    EXPECT_FALSE(one->leases().acquire("r", kLockLifetime)) << "no lease without the store";
    EXPECT_FALSE(one->rate_limits().take({SharedUserId{7}, "order"}, {5, kRateWindow})) << "no gate opens";
    EXPECT_FALSE(one->sessions().load({SharedUserId{7}, "chat"}));
    EXPECT_FALSE(one->invalidations().tell(key));
    EXPECT_LT(std::chrono::steady_clock::now() - started, 40 * kTimeout) << "ten requests, each four timeouts at most";
  }
  void expect_back() const {
    gate->set(Mode::pass);
    const auto within_patience = [](const auto& done) {
      const auto until = std::chrono::steady_clock::now() + kPatience;
      bool so = done();
      for (; !so && std::chrono::steady_clock::now() < until; so = done()) std::this_thread::sleep_for(10ms);
      return so;
    };
    EXPECT_TRUE(within_patience([&] { return one->cache().put(key, "back").has_value(); }));
    EXPECT_TRUE(within_patience([&] {
      const auto got = one->cache().get(key);
      const auto* hit = std::get_if<CacheHit>(&got);
      return hit != nullptr && hit->value == "back";
    }));
    EXPECT_TRUE(within_patience([&] {
      const auto lease = one->leases().acquire("after", kLockLifetime);
      return lease && std::holds_alternative<Lease>(*lease);
    }));
  }
  int db = redis_test::next_db();
  std::unique_ptr<Behind> behind;
  std::unique_ptr<TcpGate> gate;
  std::unique_ptr<RedisShared> one;
  const CacheKey key = regime_key("BTCUSDT");
};

TEST_F(RedisFaults, OpeningOutwaitsAMomentOfSilence) {
  gate->set(Mode::half_open);
  std::jthread network([&] {
    std::this_thread::sleep_for(3 * kTimeout);
    gate->set(Mode::pass);
  });
  auto opened = open_redis_shared(redis_test::options(db, gate->port(), kTimeout));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ((*opened)->counters().in_doubt, 0U) << "what it took to open it is not counted";
}

TEST_F(RedisFaults, Cut) {
  gate->set(Mode::cut);
  expect_slower_never_wrong();
  expect_back();
}

TEST_F(RedisFaults, HalfOpen) {
  gate->set(Mode::half_open);
  expect_slower_never_wrong();
  expect_back();
}

TEST_F(RedisFaults, Garbage) {
  gate->set(Mode::garbage);
  expect_slower_never_wrong();
  expect_back();
}

TEST_F(RedisFaults, ADripThatNeverEndsIsATimeOut) {
  ASSERT_TRUE(through_gate(kPatience)->cache().put(key, std::string(2000, 'x')));  // 500 drips of 20 ms
  gate->set(Mode::drip);
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(std::get<CacheMiss>(one->cache().get(key)).why, CacheMiss::Why::away);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 500 * TcpGate::kDrip) << "it did not wait for the last drip, the second try included";
  expect_back();
}

TEST_F(RedisFaults, LateIsOnlyLate) {
  one = through_gate(kPatience);
  gate->set(Mode::late);
  EXPECT_TRUE(one->cache().put(key, "v"));
  EXPECT_EQ(std::get<CacheHit>(one->cache().get(key)).value, "v");
  const auto lease = one->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(lease && std::holds_alternative<Lease>(*lease));
  EXPECT_EQ(one->leases().release(std::get<Lease>(*lease)), LeaseFate::kept);
}

TEST_F(RedisFaults, AConnectionCutWhileIdleCostsNoRequest) {
  one = through_gate(kPatience);
  for (int i = 0; i < 5; ++i) {
    gate->cut_now();
    std::this_thread::sleep_for(50ms);  // until the end has arrived
    EXPECT_TRUE(one->rate_limits().take({SharedUserId{7}, "order"}, {100, kRateWindow})) << "this is never asked twice";
  }
  EXPECT_EQ(behind->ask({"GET", "rate:7:order"}).text, "5");
}

TEST_F(RedisFaults, ALeaseWhoseAnswerWasLostIsFoundByAskingAgain) {
  one = through_gate(kPatience);
  gate->set(Mode::deaf);
  std::jthread opener([&] {
    // As soon as the first request has been carried out the network recovers; its answer, wherever it is by then, is lost with the connection.
    while (behind->ask({"EXISTS", "lock:r"}).integer == 0) std::this_thread::sleep_for(1ms);
    gate->cut_to(Mode::pass);
  });
  const std::int64_t asked_at = one->leases().monotonic_ns();
  const auto acquired = one->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(acquired) << acquired.error().detail;
  ASSERT_TRUE(std::holds_alternative<Lease>(*acquired)) << "not kept out by itself";
  const Lease lease = std::get<Lease>(*acquired);
  EXPECT_EQ(behind->ask({"GET", "lock:r"}).text, lease.owner + "|" + std::to_string(lease.fence));
  EXPECT_LE(lease.expires, asked_at + kLockLifetime.ns + kMillisecond.ns) << "counted from the first request, not from the second";
  EXPECT_EQ(one->counters().in_doubt, 1U);
}

TEST_F(RedisFaults, ADoubtfulLeaseKeepsOthersOutUntilItEnds) {
  gate->set(Mode::deaf);
  const auto doubtful = one->leases().acquire("r", kLockLifetime);
  ASSERT_FALSE(doubtful);
  EXPECT_EQ(doubtful.error().retry, Retry::in_doubt);
  while (behind->ask({"EXISTS", "lock:r"}).integer == 0) std::this_thread::sleep_for(2ms);  // it is done all the same
  gate->cut_to(Mode::pass);
  const auto two = through_gate(kPatience);
  const auto other = two->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(other);
  EXPECT_TRUE(std::holds_alternative<LeaseHeld>(*other));
  behind->age({kLockLifetime.ns + kSecond.ns});
  const auto later = two->leases().acquire("r", kLockLifetime);
  EXPECT_TRUE(later && std::holds_alternative<Lease>(*later));
}

TEST_F(RedisFaults, ARateInDoubtIsRefusedAndNeverCountedTwice) {
  gate->set(Mode::deaf);
  const auto taken = one->rate_limits().take({SharedUserId{7}, "order"}, {5, kRateWindow});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().retry, Retry::in_doubt);
  EXPECT_EQ(until_text("rate:7:order", "1"), "1");
  gate->cut_to(Mode::pass);
  EXPECT_TRUE(through_gate(kPatience)->rate_limits().take({SharedUserId{7}, "order"}, {5, kRateWindow}));
  EXPECT_EQ(behind->ask({"GET", "rate:7:order"}).text, "2") << "one each";
}

TEST_F(RedisFaults, ASessionSavedInDoubtIsToldFromItsVersion) {
  gate->set(Mode::deaf);
  const SessionOf of{SharedUserId{7}, "chat"};
  const auto saved = one->sessions().save(of, {0, "hello"});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().retry, Retry::in_doubt);
  gate->cut_to(Mode::pass);
  const auto two = through_gate(kPatience);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (two->sessions().load(of)->version == 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
  EXPECT_EQ(two->sessions().load(of)->version, 1U);
  EXPECT_EQ(two->sessions().load(of)->data, "hello");
}

TEST_F(RedisFaults, WordsLostWithAConnectionAreMadeUpForByEverything) {
  constexpr std::chrono::milliseconds kMissed = 1500ms;  // what a ping may take
  one = through_gate(kMissed);
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> heard;
  const auto ear = one->invalidations().listen([&](const Invalidation& word) {
    const std::lock_guard lock(mutex);
    heard.push_back(word.everything() ? "everything" : word.name);
    changed.notify_all();
  });
  const auto until_heard = [&](const std::string& what) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, 10s, [&] { return std::ranges::find(heard, what) != heard.end(); });
  };
  ASSERT_TRUE(one->invalidations().tell(key));
  EXPECT_TRUE(until_heard(key.name));
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(std::ranges::find(heard, "everything"), heard.end()) << "nothing has been lost so far";
  }
  gate->set(Mode::cut);
  std::this_thread::sleep_for(50ms);
  behind->ask({"PUBLISH", "cache:invalidate:" + std::to_string(db), "cache:regime:missed"});
  gate->set(Mode::pass);
  EXPECT_TRUE(until_heard("everything"));
  // A connection that only looks alive is found out by its pings.
  {
    const std::lock_guard lock(mutex);
    heard.clear();
  }
  gate->set(Mode::half_open);
  std::this_thread::sleep_for(kMissed + 1500ms);  // a ping goes out every second
  gate->set(Mode::pass);
  EXPECT_TRUE(until_heard("everything"));
}

TEST_F(RedisFaults, ManyCallersOfAnAwayStoreAreAnsweredInTime) {
  gate->set(Mode::half_open);
  const auto started = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 40; ++i) threads.emplace_back([&] { EXPECT_FALSE(one->rate_limits().take({SharedUserId{1}, "a"}, {5, kRateWindow})); });
  }
  EXPECT_LT(std::chrono::steady_clock::now() - started, 30 * kTimeout) << "they wait together, not one after the other";
}

}  // namespace
}  // namespace prom
