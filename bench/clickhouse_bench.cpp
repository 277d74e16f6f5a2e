// Sustained ingest of one-minute bars into ClickHouse through the batch writer: columns to RowBinary, queue, HTTP, engine; the clock stops when all rows are
// confirmed. Needs the engine of dev/servers.py (`dev/servers.py up clickhouse`), which runs one statement at a time on the same machine.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

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
  BatchWriterOptions options;
  options.rows = static_cast<std::uint64_t>(state.range(0));
  options.bytes = std::size_t{256} << 20;
  options.memory = std::size_t{256} << 20;
  options.spill = std::filesystem::temp_directory_path() / ("prom_bench_spill_" + std::to_string(::getpid()));
  {
    auto writer = open_batch_writer(clickhouse_sink(options_of(servers, "bench_market")),
                                    {{std::string(clickhouse::kBarTable), std::string(clickhouse::kBarColumns)}}, options);
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
  static_cast<void>(admin->run("DROP DATABASE IF EXISTS bench_market"));
}
BENCHMARK(ingest_bars)->ArgName("rows_a_batch")->Arg(100'000)->Arg(400'000)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace prom
