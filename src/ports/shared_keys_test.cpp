// Names and lifetimes of shared state against the product's list, written out.
#include "ports/shared_keys.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

TEST(SharedKeys, AreThoseOfTheProduct) {
  EXPECT_EQ(ticker_key({"binance", "BTCUSDT"}).name, "cache:ticker:binance:BTCUSDT");
  EXPECT_EQ(ticker_key({"binance", "BTCUSDT"}).lifetime.ns, 5'000'000'000);
  EXPECT_EQ(balance_key(SharedAccountId{12}).name, "cache:balance:12");
  EXPECT_EQ(balance_key(SharedAccountId{12}).lifetime.ns, 30'000'000'000);
  EXPECT_EQ(regime_key("ETHUSDT").name, "cache:regime:ETHUSDT");
  EXPECT_EQ(regime_key("ETHUSDT").lifetime.ns, 300'000'000'000);
  EXPECT_EQ(session_name({SharedUserId{7}, "chat-1"}), "session:7:chat-1");
  EXPECT_EQ(kSessionLifetime.ns, 86'400'000'000'000);
  EXPECT_EQ(lock_name("shard.3"), "lock:shard.3");
  EXPECT_EQ(kLockLifetime.ns, 30'000'000'000);
  EXPECT_EQ(rate_name({SharedUserId{7}, "order"}), "rate:7:order");
  EXPECT_EQ(kRateWindow.ns, 60'000'000'000);
}

TEST(SharedKeys, OnePartCannotReachIntoAnother) {
  EXPECT_EQ(ticker_key({"a:b", "c"}).name, "cache:ticker:a%3Ab:c");
  EXPECT_NE(ticker_key({"a:b", "c"}).name, ticker_key({"a", "b:c"}).name);
  EXPECT_EQ(key_part("x y\r\n%{}"), "x%20y%0D%0A%25%7B%7D");
  EXPECT_EQ(key_part("\xC3\xA9"), "%C3%A9");
  EXPECT_EQ(key_part(""), "");
}

TEST(SharedKeys, AreFreshForLessThanTheirLifetime) {
  for (const CacheKey& key : {ticker_key({"okx", "X"}), balance_key(SharedAccountId{1}), regime_key("X")}) {
    EXPECT_GT(key.fresh.ns, 0);
    EXPECT_LT(key.fresh.ns, key.lifetime.ns);
    EXPECT_EQ(key.lifetime.ns % 1'000'000, 0) << "stores count milliseconds";
  }
}

}  // namespace
}  // namespace prom
