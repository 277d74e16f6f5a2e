// The contract of shared state on a real Redis, the keys and lifetimes as the server has them, and its refusals as sentences.
#include "adapters/stores/redis/redis_server_test_support.h"
#include "ports/shared_state_contract.h"

namespace prom {
namespace {

using redis_test::Behind;

class RedisHarness final : public shared_state_contract::Harness {
 public:
  RedisHarness() {
    if (redis_test::there()) (behind_ = std::make_unique<Behind>(db_))->empty();
  }
  std::string why_not() const override { return behind_ ? "" : redis_test::servers().why_not("redis"); }
  std::unique_ptr<SharedState> join() override { return redis_test::open(db_); }
  void pass(DurationNs time) override { behind_->age(time); }

 private:
  int db_ = redis_test::next_db();
  std::unique_ptr<Behind> behind_;
};

using shared_state_contract::SharedStateContract;
INSTANTIATE_TEST_SUITE_P(Redis, SharedStateContract, testing::Values([] { return std::make_unique<RedisHarness>(); }));

struct RedisServer : testing::Test {
  void SetUp() override {
    if (!redis_test::there()) GTEST_SKIP() << redis_test::servers().why_not("redis");
    behind = std::make_unique<Behind>(db);
    behind->empty();
    one = redis_test::open(db);
  }
  void expect_lifetime(const std::string& key, std::int64_t ms) {
    const std::int64_t left = behind->lifetime_ms(key);
    EXPECT_LE(left, ms) << key;
    EXPECT_GT(left, ms - 3000) << key;
  }
  int db = redis_test::next_db();
  std::unique_ptr<Behind> behind;
  std::unique_ptr<RedisShared> one;
};

TEST_F(RedisServer, KeysAndLifetimesAreThoseOfTheProduct) {
  ASSERT_TRUE(one->cache().put(ticker_key({"binance", "BTCUSDT"}), "1"));
  ASSERT_TRUE(one->cache().put(balance_key(SharedAccountId{12}), "1"));
  ASSERT_TRUE(one->cache().put(regime_key("BTCUSDT"), "1"));
  ASSERT_TRUE(one->sessions().save({SharedUserId{7}, "chat"}, {0, "1"}));
  ASSERT_TRUE(one->leases().acquire("shard.1", kLockLifetime));
  ASSERT_TRUE(one->rate_limits().take({SharedUserId{7}, "order"}, {5, kRateWindow}));
  expect_lifetime("cache:ticker:binance:BTCUSDT", 5'000);
  expect_lifetime("cache:balance:12", 30'000);
  expect_lifetime("cache:regime:BTCUSDT", 300'000);
  expect_lifetime("session:7:chat", 86'400'000);
  expect_lifetime("lock:shard.1", 30'000);
  expect_lifetime("rate:7:order", 60'000);
}

TEST_F(RedisServer, ALoadLeavesNoTurnBehind) {
  const CacheKey key = regime_key("X");
  ASSERT_EQ(one->cache().fetch(key, []() -> StoreResult<std::string> { return "range"; }).value_or(""), "range");
  EXPECT_EQ(behind->ask({"KEYS", "flight:*"}).list.size(), 0U);
  EXPECT_THROW((void)one->cache().fetch(regime_key("Y"), []() -> StoreResult<std::string> { throw std::runtime_error("broken"); }), std::runtime_error);
  EXPECT_EQ(behind->ask({"KEYS", "flight:*"}).list.size(), 0U);
}

TEST_F(RedisServer, AFenceRisesAlsoWhenTheServerHasLostItsData) {
  const auto before = one->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(before && std::holds_alternative<Lease>(*before));
  behind->empty();
  const auto after = one->leases().acquire("r", kLockLifetime);
  ASSERT_TRUE(after && std::holds_alternative<Lease>(*after));
  EXPECT_GT(std::get<Lease>(*after).fence, std::get<Lease>(*before).fence);
}

TEST_F(RedisServer, WhatOthersPutUnderOurNamesIsAMissOrAnError) {
  behind->ask({"SET", "cache:regime:X", "without an end"});
  EXPECT_TRUE(std::holds_alternative<CacheMiss>(one->cache().get(regime_key("X"))));
  behind->ask({"LPUSH", "cache:regime:L", "a list"});
  EXPECT_TRUE(std::holds_alternative<CacheMiss>(one->cache().get(regime_key("L"))));
  behind->ask({"SET", "lock:r", "somebody"});
  const auto lease = one->leases().acquire("r", kLockLifetime);
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().detail, "lock:r has a value without an end");
  EXPECT_EQ(behind->ask({"GET", "lock:r"}).text, "somebody");
}

TEST_F(RedisServer, WrongPasswordIsOneSentence) {
  RedisOptions wrong = redis_test::options(db);
  wrong.password = SecretString(std::string("guess"));
  const auto opened = open_redis_shared(std::move(wrong));
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().detail.ends_with(" refuses the password")) << opened.error().detail;
  RedisOptions none = redis_test::options(db);
  none.password = SecretString();
  const auto without = open_redis_shared(std::move(none));
  ASSERT_FALSE(without);
  EXPECT_TRUE(without.error().detail.ends_with(" asks for a password and none is set")) << without.error().detail;
}

TEST_F(RedisServer, MissingRightsAndDatabasesAreOneSentence) {
  behind->ask({"ACL", "SETUSER", "reader", "on", ">pw", "~*", "+info", "+select", "+get"});
  RedisOptions reader = redis_test::options(db);
  reader.user = "reader";
  reader.password = SecretString(std::string("pw"));
  const auto opened = open_redis_shared(std::move(reader));
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().detail.ends_with(" does not let user reader run EVAL on lock:-")) << opened.error().detail;
  behind->ask({"ACL", "DELUSER", "reader"});
  RedisOptions far = redis_test::options(99);
  const auto nowhere = open_redis_shared(std::move(far));
  ASSERT_FALSE(nowhere);
  EXPECT_TRUE(nowhere.error().detail.ends_with(" has no database 99")) << nowhere.error().detail;
}

}  // namespace
}  // namespace prom
