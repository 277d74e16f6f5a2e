// What instances share, each operation by itself: locks with fencing tokens, caches and rates, in process and on the Redis that REDIS_HOST and REDIS_PORT name
// (dev/servers.py env). Counters: p50 and p99 of one call, with its answer. What a lock costs depends on the server's appendfsync, which the label repeats from
// PROM_REDIS_APPENDFSYNC where that is set.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "adapters/stores/local_shared/local_shared.h"
#include "adapters/stores/redis/redis_shared.h"

namespace prom {
namespace {

using Clock = std::chrono::steady_clock;

struct Ground {
  std::shared_ptr<LocalShared> local;
  std::unique_ptr<SharedState> shared;
};

/// Nothing where there is no server; the state says so.
Ground open(benchmark::State& state, bool redis) {
  Ground ground;
  if (!redis) {
    ground.local = LocalShared::create([] { return Clock::now().time_since_epoch().count(); });
    ground.shared = ground.local->join();
    return ground;
  }
  const char* host = std::getenv("REDIS_HOST");
  const char* port = std::getenv("REDIS_PORT");
  if (host == nullptr || port == nullptr) {
    state.SkipWithError("no Redis: dev/servers.py up redis, then eval \"$(dev/servers.py env)\"");
    return ground;
  }
  RedisOptions options;
  options.host = host;
  options.port = static_cast<std::uint16_t>(std::atoi(port));
  if (const char* password = std::getenv("REDIS_PASSWORD")) options.password = SecretString(password);
  auto opened = open_redis_shared(std::move(options));
  if (!opened) {
    state.SkipWithError(opened.error().detail.c_str());
  } else {
    ground.shared = *std::move(opened);
    const char* fsync = std::getenv("PROM_REDIS_APPENDFSYNC");
    state.SetLabel(fsync != nullptr ? "appendfsync " + std::string(fsync) : "");
  }
  return ground;
}

class Times {
 public:
  template <class Call>
  auto of(const Call& call) {
    const auto begin = Clock::now();
    auto result = call();
    micros_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    return result;
  }
  void report(benchmark::State& state, const std::string& name) {
    if (micros_.empty()) return;
    std::sort(micros_.begin(), micros_.end());
    const auto at = [&](double q) { return micros_[static_cast<std::size_t>(q * static_cast<double>(micros_.size() - 1))]; };
    state.counters[name + "_p50_us"] = at(0.5);
    state.counters[name + "_p99_us"] = at(0.99);
  }

 private:
  std::vector<double> micros_;
};

/// Taken, renewed and given back.
void lock(benchmark::State& state, bool redis) {
  const Ground ground = open(state, redis);
  if (ground.shared == nullptr) return;
  Leases& leases = ground.shared->leases();
  Times acquire, renew, release;
  std::uint64_t fence = 0;
  for (auto _ : state) {
    auto got = acquire.of([&] { return leases.acquire("bench", 10 * kSecond); });
    auto* lease = got ? std::get_if<Lease>(&*got) : nullptr;
    if (lease == nullptr || lease->fence <= fence) return state.SkipWithError("no lease with a higher fence");
    fence = lease->fence;
    const auto kept = renew.of([&] { return leases.renew(*lease, 10 * kSecond); });
    const auto freed = release.of([&] { return leases.release(*lease); });
    if (!kept || *kept != LeaseFate::kept || !freed || *freed != LeaseFate::kept) return state.SkipWithError("the lease was lost");
  }
  acquire.report(state, "acquire");
  renew.report(state, "renew");
  release.report(state, "release");
}
void local_lock(benchmark::State& state) { lock(state, false); }
void redis_lock(benchmark::State& state) { lock(state, true); }
BENCHMARK(local_lock)->UseRealTime();
BENCHMARK(redis_lock)->UseRealTime()->MinTime(2);

/// A ticker kept, and read back.
void cache(benchmark::State& state, bool redis) {
  const Ground ground = open(state, redis);
  if (ground.shared == nullptr) return;
  Cache& cache = ground.shared->cache();
  const CacheKey key = ticker_key({"binance", "BTCUSDT"});
  const std::string value(64, 'x');
  Times put, get;
  for (auto _ : state) {
    const auto kept = put.of([&] { return cache.put(key, value); });
    const auto read = get.of([&] { return cache.get(key); });
    if (!kept || !std::holds_alternative<CacheHit>(read)) return state.SkipWithError("not kept");
  }
  put.report(state, "put");
  get.report(state, "get");
}
void local_cache(benchmark::State& state) { cache(state, false); }
void redis_cache(benchmark::State& state) { cache(state, true); }
BENCHMARK(local_cache)->UseRealTime();
BENCHMARK(redis_cache)->UseRealTime()->MinTime(2);

}  // namespace
}  // namespace prom
