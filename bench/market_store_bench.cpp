// The embedded market store at size: loading two years of 1-minute bars into columns, and the newest 500 bars of random moments (p50, p99).
// Rows in the store: PROM_BENCH_BARS (default 10,000,000; bench-large uses 100,000,000), spread over series of two years each. The file lies in
// PROM_BENCH_DIR, else the temporary folder, and is removed at the end.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/stores/sqlite_market/market_store.h"
#include "base/text.h"
#include "ports/market_store_contract_bars.h"

namespace prom {
namespace {

constexpr std::int64_t kTwoYears = 2 * 365 * 24 * 60;
constexpr std::int64_t kBatch = 100'000;

SeriesKey key_of(std::int64_t series) { return {"binance:spot:S" + std::to_string(series), kMinute}; }

class Filled {
 public:
  Filled() {
    const char* rows = std::getenv("PROM_BENCH_BARS");
    const char* large = std::getenv("PROM_BENCH_LARGE");
    const std::int64_t usual = large != nullptr && std::string_view(large) == "1" ? 100'000'000 : 10'000'000;
    rows_ = rows == nullptr ? usual : parse_i64(rows).value_or(usual);
    const char* dir = std::getenv("PROM_BENCH_DIR");
    dir_ = (dir == nullptr ? std::filesystem::temp_directory_path() : std::filesystem::path(dir)) / ("prom_bench_market_" + std::to_string(::getpid()));
    store_ = std::move(open_sqlite_market_store((dir_ / "market.db").string())).value();
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t done = 0; done < rows_;) {
      const std::int64_t at = done % kTwoYears;
      const std::int64_t count = std::min({kBatch, rows_ - done, kTwoYears - at});
      if (!store_->put_bars(key_of(done / kTwoYears), contract_bars(at, count, TakerSide::known), "bench")) std::abort();
      done += count;
      if (done % 10'000'000 < count) std::fprintf(stderr, "%lld of %lld bars stored\n", static_cast<long long>(done), static_cast<long long>(rows_));
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%lld bars stored in %.1f s (%.2f M rows/s), %.1f bytes a row\n", static_cast<long long>(rows_), seconds,
                static_cast<double>(rows_) / seconds / 1e6, static_cast<double>(std::filesystem::file_size(dir_ / "market.db")) / static_cast<double>(rows_));
  }
  ~Filled() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;
  MarketStore& store() { return *store_; }
  std::int64_t full_series() const { return std::max<std::int64_t>(1, rows_ / kTwoYears); }
  std::int64_t bars_of(std::int64_t series) const { return std::min(kTwoYears, rows_ - series * kTwoYears); }

 private:
  std::int64_t rows_ = 0;
  std::filesystem::path dir_;
  std::unique_ptr<MarketStore> store_;
};

Filled& filled() {
  static Filled data;
  return data;
}

void load_two_years(benchmark::State& state) {
  Filled& data = filled();
  std::int64_t series = 0;
  for (auto _ : state) {
    const auto bars = data.store().bars(key_of(series), TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
    if (!bars || static_cast<std::int64_t>(bars->size()) != data.bars_of(series)) state.SkipWithError("rows are missing");
    state.SetItemsProcessed(state.items_processed() + static_cast<std::int64_t>(bars->size()));
    series = (series + 1) % data.full_series();
  }
}
BENCHMARK(load_two_years)->Unit(benchmark::kMillisecond);

void newest_500(benchmark::State& state) {
  Filled& data = filled();
  std::vector<double> times;
  std::uint64_t seed = 1;
  for (auto _ : state) {
    // A linear congruential step is enough to jump about the file.
    seed = seed * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    const auto series = static_cast<std::int64_t>((seed >> 33) % static_cast<std::uint64_t>(data.full_series()));
    const std::int64_t span = data.bars_of(series) - 500;
    const auto to = static_cast<std::int64_t>((seed >> 20) % static_cast<std::uint64_t>(std::max<std::int64_t>(1, span))) + 500;
    const auto begin = std::chrono::steady_clock::now();
    const auto bars = data.store().bars(key_of(series), TimeNs{0}, TimeNs{to * kMinute.ns}, 500);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    if (!bars || bars->size() != 500) state.SkipWithError("rows are missing");
  }
  std::ranges::sort(times);
  state.counters["p50_ms"] = times[times.size() / 2];
  state.counters["p99_ms"] = times[times.size() * 99 / 100];
}
BENCHMARK(newest_500)->Unit(benchmark::kMillisecond)->Iterations(5000);

}  // namespace
}  // namespace prom
