// Sustained ingest of one-minute bars into ClickHouse through the batch writer: columns to RowBinary, queue, HTTP, engine; the clock stops when all rows are
// confirmed. Needs the engine of dev/servers.py (`dev/servers.py up clickhouse`), which runs one statement at a time on the same machine.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/batch_writer.h"
#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_market.h"
#include "io/testing/test_servers.h"
#include "ports/market_store_contract_bars.h"

namespace prom {
namespace {

constexpr std::int64_t kChunk = 10'000;
constexpr std::int64_t kRows = 2'000'000;

ClickHouseOptions options_of(const TestServers& servers, const std::string& db) {
  ClickHouseOptions out;
  out.port = static_cast<std::uint16_t>(std::stoi(servers.setting("CLICKHOUSE_PORT").value_or("1")));
  out.user = servers.setting("CLICKHOUSE_USER").value_or("");
  out.password = SecretString(servers.setting("CLICKHOUSE_PASSWORD").value_or(""));
  out.db = db;
  return out;
}

void ingest_bars(benchmark::State& state) {
  const TestServers servers;
  if (!servers.setting("CLICKHOUSE_PORT")) return state.SkipWithError(servers.why_not("clickhouse").c_str());
  auto admin = clickhouse::Link::open(options_of(servers, "default"));
  if (!admin || !admin->run("DROP DATABASE IF EXISTS bench_market") || !admin->run("CREATE DATABASE bench_market") ||
      !open_clickhouse_market_store(options_of(servers, "bench_market")))
    return state.SkipWithError("the bench's database cannot be made");
  ClickHouseOptions to = options_of(servers, "bench_market");
  if (state.range(1) != 0) to.compression = ClickHouseCompression::lz4;
  BatchWriterOptions options;
  options.rows = static_cast<std::uint64_t>(state.range(0));
  options.bytes = std::size_t{256} << 20;
  options.memory = std::size_t{256} << 20;
  options.spill = std::filesystem::temp_directory_path() / ("prom_bench_spill_" + std::to_string(::getpid()));
  {
    auto writer = open_batch_writer(clickhouse_sink(std::move(to)), {{std::string(clickhouse::kBarTable), std::string(clickhouse::kBarColumns)}}, options);
    if (!writer) return state.SkipWithError(writer.error().detail.c_str());
    // 44,640 minutes are a month of one instrument: each chunk is of another, as live bars of many instruments are.
    const BarColumns bars = contract_bars(0, kChunk, TakerSide::known);
    std::int64_t series = 0;
    for (auto _ : state) {
      for (std::int64_t done = 0; done < kRows; done += kChunk) {
        std::string rows;
        clickhouse::append_bars(rows, {"binance:spot:S" + std::to_string(series++), kMinute}, bars, "bench", 0);
        if (!(*writer)->push(0, rows, static_cast<std::uint64_t>(kChunk))) return state.SkipWithError("a push failed");
      }
      if (const auto flushed = (*writer)->flush(); !flushed) return state.SkipWithError(flushed.error().detail.c_str());
    }
    const auto count = clickhouse::Link::open(options_of(servers, "bench_market"))->run("SELECT count() FROM ohlcv");
    if (!count || *count != std::to_string(kRows * state.iterations()) + "\n") return state.SkipWithError("rows are missing or doubled");
    state.SetItemsProcessed(kRows * state.iterations());
  }
  std::filesystem::remove_all(options.spill);
  [[maybe_unused]] const auto dropped = admin->run("DROP DATABASE IF EXISTS bench_market");
}
BENCHMARK(ingest_bars)
    ->ArgNames({"rows_a_batch", "lz4"})
    ->Args({100'000, 0})
    ->Args({400'000, 0})
    ->Args({100'000, 1})
    ->Args({400'000, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime()
    ->Iterations(1);

constexpr std::int64_t kOfEach = 1'000'000, kFirst = 1'640'995'200;  // 2022-01-01

/// `series` instruments with kOfEach one-minute bars each, made by the server itself; used as they are where an earlier bench has left them.
StoreResult<void> make_many(const TestServers& servers, int series) {
  PROM_TRY(auto admin, clickhouse::Link::open(options_of(servers, "default")));
  const auto there = admin.run("SELECT count() FROM bench_many.ohlcv");
  if (there && *there == std::to_string(series * kOfEach) + "\n") return {};
  PROM_CHECK_OK(admin.run("DROP DATABASE IF EXISTS bench_many"));
  PROM_CHECK_OK(admin.run("CREATE DATABASE bench_many"));
  PROM_CHECK_OK(open_clickhouse_market_store(options_of(servers, "bench_many")));
  PROM_TRY(auto link, clickhouse::Link::open(options_of(servers, "bench_many")));
  for (int i = 0; i < series; ++i) {
    const std::string name = "binance:spot:S" + std::to_string(i);
    PROM_CHECK_OK(link.run("INSERT INTO ohlcv (" + std::string(clickhouse::kBarColumns) + ") SELECT '" + name + "', 60000, fromUnixTimestamp64Milli(toInt64(" +
                               std::to_string(kFirst) +
                               " + number * 60) * 1000, 'UTC'), 5000000 + cityHash64(number) % 1000 AS o, o + 50, o - 50, o + number % 40, "
                               "number % 10000, NULL, 2, 3, 'bench', 0 FROM numbers(" +
                               std::to_string(kOfEach) + ")",
                           {}, {{"max_partitions_per_insert_block", "0"}}));
  }
  return {};
}

/// 100 M one-minute bars of a hundred instruments; then the 500 bars before a random moment, through the store. PROM_BENCH_BARS sets another number, in millions;
/// PROM_BENCH_KEEP=1 leaves them for the next time.
void newest_500_of_many(benchmark::State& state) {
  const TestServers servers;
  if (!servers.setting("CLICKHOUSE_PORT")) return state.SkipWithError(servers.why_not("clickhouse").c_str());
  if (std::getenv("PROM_BENCH_LARGE") == nullptr) return state.SkipWithError("minutes long: set PROM_BENCH_LARGE=1");
  const char* millions = std::getenv("PROM_BENCH_BARS");
  const int series = std::max(1, millions != nullptr ? std::atoi(millions) : 100);
  if (const auto made = make_many(servers, series); !made) return state.SkipWithError(made.error().detail.c_str());
  const auto store = open_clickhouse_market_store(options_of(servers, "bench_many"));
  if (!store) return state.SkipWithError(store.error().detail.c_str());
  std::vector<double> millis;
  std::uint64_t random = 88'172'645'463'325'252ULL;
  for (auto _ : state) {
    random ^= random << 13U, random ^= random >> 7U, random ^= random << 17U;
    const TimeNs to{(kFirst + static_cast<std::int64_t>(500 + random % (kOfEach - 500)) * 60) * kSecond.ns};
    const SeriesKey key{"binance:spot:S" + std::to_string(random % static_cast<std::uint64_t>(series)), kMinute};
    const auto begin = std::chrono::steady_clock::now();
    const auto bars = (*store)->bars(key, TimeNs{0}, to, 500);
    millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    if (!bars || bars->size() != 500) return state.SkipWithError("not the 500 bars");
  }
  std::sort(millis.begin(), millis.end());
  state.counters["p50_ms"] = millis[millis.size() / 2];
  state.counters["p99_ms"] = millis[millis.size() * 99 / 100];
  if (std::getenv("PROM_BENCH_KEEP") != nullptr) return;
  if (auto admin = clickhouse::Link::open(options_of(servers, "default"))) [[maybe_unused]]
    const auto dropped = admin->run("DROP DATABASE IF EXISTS bench_many");
}
BENCHMARK(newest_500_of_many)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(500);

}  // namespace
}  // namespace prom
