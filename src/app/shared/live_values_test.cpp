// Values reach the cache under their names, the newest of each; a cache that hangs or is away holds nobody up.
#include "app/shared/live_values.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/stores/local_shared/local_shared.h"

namespace prom {
namespace {

Instrument bitcoin() {
  Instrument out;
  out.venue = Venue::binance;
  out.payoff = Payoff::linear;
  out.symbol = "BTCUSDT";
  return out;
}

std::string value_of(Cache& cache, const CacheKey& key) {
  const CacheRead read = cache.get(key);
  const auto* hit = std::get_if<CacheHit>(&read);
  return hit != nullptr ? hit->value : "";
}

/// Writes nothing until its gate is open; then fails, or counts.
class Gate final : public Cache {
 public:
  CacheRead get(const CacheKey&) override { return CacheMiss{}; }
  StoreResult<void> put(const CacheKey& key, const std::string& value) override {
    std::unique_lock lock(mutex);
    busy = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    if (away) return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "away", ""});
    puts.emplace_back(key.name, value);
    return {};
  }
  StoreResult<void> erase(const CacheKey&) override { return {}; }
  StoreResult<std::string> fetch(const CacheKey&, const Load& load) override { return load(); }

  void wait_until_busy() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return busy; });
  }
  void set_open() {
    const std::scoped_lock lock(mutex);
    open = true;
    changed.notify_all();
  }
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false, away = false, busy = false;
  std::vector<std::pair<std::string, std::string>> puts;
};

TEST(LiveValues, StandUnderTheSimulatedVenueAndTheNameOfTheirRun) {
  const CacheKey ticker = live_ticker_key("run_1", bitcoin());
  EXPECT_EQ(ticker.name, "cache:ticker:sim.run_1:binance.linear.BTCUSDT");
  EXPECT_EQ(ticker.lifetime.ns, 5'000'000'000);
  const CacheKey regime = live_regime_key("run_1", bitcoin());
  EXPECT_EQ(regime.name, "cache:regime:sim.run_1.binance.linear.BTCUSDT");
  EXPECT_EQ(regime.lifetime.ns, 300'000'000'000);
  const CacheKey balance = live_balance_key("run_1", "user-0001");
  EXPECT_TRUE(balance.name.starts_with("cache:balance:")) << balance.name;
  EXPECT_EQ(balance.lifetime.ns, 30'000'000'000);
  EXPECT_NE(balance.name, live_balance_key("run_1", "user-0002").name);
  EXPECT_NE(balance.name, live_balance_key("run_2", "user-0001").name);
}

TEST(LiveValues, AreFoundByOtherInstances) {
  const auto ground = LocalShared::create([] { return std::int64_t{1}; });
  const auto writer = ground->join(), reader = ground->join();
  LiveValues values(writer->cache());
  values.offer(live_ticker_key("run_1", bitcoin()), "1");
  values.offer(live_ticker_key("run_1", bitcoin()), "2");
  values.settle();
  EXPECT_EQ(value_of(reader->cache(), live_ticker_key("run_1", bitcoin())), "2");
  EXPECT_EQ(value_of(reader->cache(), live_ticker_key("run_2", bitcoin())), "");
}

TEST(LiveValues, ACacheThatHangsHoldsNobodyUpAndGetsTheNewest) {
  Gate gate;
  LiveValues values(gate);
  values.offer({"a", {}, {}}, "0");
  gate.wait_until_busy();
  for (int i = 1; i <= 1'000; ++i) values.offer({"b", {}, {}}, std::to_string(i));
  gate.set_open();
  values.settle();
  EXPECT_EQ(gate.puts, (std::vector<std::pair<std::string, std::string>>{{"a", "0"}, {"b", "1000"}}));
  EXPECT_EQ(values.counts().written, 2U);
}

TEST(LiveValues, WhatCannotBeWrittenIsForgottenAndWhatIsTooMuchIsRefused) {
  Gate gate;
  gate.away = true;
  LiveValues values(gate);
  values.offer({"first", {}, {}}, "");
  gate.wait_until_busy();
  for (std::size_t i = 0; i < LiveValues::kMostWaiting + 7; ++i) values.offer({std::to_string(i), {}, {}}, "");
  EXPECT_EQ(values.counts().forgotten, 7U);
  gate.set_open();
  values.settle();
  EXPECT_EQ(values.counts().written, 0U);
  EXPECT_EQ(values.counts().forgotten, 1 + LiveValues::kMostWaiting + 7);
}

TEST(LiveValues, EndsAtOnceWhateverWaits) {
  Gate gate;
  std::thread later;
  {
    LiveValues values(gate);
    values.offer({"a", {}, {}}, "");
    gate.wait_until_busy();
    values.offer({"b", {}, {}}, "");
    later = std::thread([&] { gate.set_open(); });
  }
  later.join();
  EXPECT_LE(gate.puts.size(), 2U) << "what was under way, and at most what it found before it was told";
}

}  // namespace
}  // namespace prom
