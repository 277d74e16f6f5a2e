// Reading bars from text: rows a second of a plain CSV of Binance klines (12 columns) and of the six-column form, from memory.
#include <benchmark/benchmark.h>

#include <string>

#include "adapters/feeds/archive/bundle.h"
#include "adapters/feeds/archive/import.h"

namespace prom {
namespace {

constexpr int kRows = 200'000;

std::string klines() {
  std::string out;
  for (int i = 0; i < kRows; ++i) {
    const std::string time = std::to_string(1'704'067'200'000 + std::int64_t{i} * 60'000);
    const std::string cents = std::to_string(10 + i % 90);
    out += time + ",42283." + cents + "000000,42298." + cents + "000000,42261.02000000,42283." + cents + "000000,35.92724000,1704067259999," +
           "1519031.69451920,1327,23.18766000,980394.71034560,0\n";
  }
  return out;
}

void binance_klines(benchmark::State& state) {
  const std::string text = klines();
  for (auto _ : state) {
    const auto in = parse_bars(text, {});
    if (!in || in->bars.size() != kRows) state.SkipWithError("rows are missing");
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(binance_klines)->Unit(benchmark::kMillisecond);

void bundled_futures(benchmark::State& state) {
  const std::string assets = std::string(PROM_SOURCE_DIR) + "/assets";
  const auto catalogue = load_instruments(assets + "/instruments.toml");
  for (auto _ : state) {
    const auto bundle = load_bundle(assets + "/data/MANIFEST.toml", *catalogue, "futures_2025_05");
    if (!bundle || bundle->bars.size() != 4) state.SkipWithError("series are missing");
  }
}
BENCHMARK(bundled_futures)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace prom
