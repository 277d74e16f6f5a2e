// Group commit of the journal file: frames of one small order each, by group size and durability. Counters: frames/s and the commit's latency.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "adapters/stores/journal_file/journal_file.h"

namespace prom {
namespace {

Frame order_frame(std::uint64_t seq) {
  Frame frame;
  frame.seq = seq;
  frame.input = {TimeNs{static_cast<std::int64_t>(seq)}, seq, TimePassed{}};
  OrderSpec spec;
  spec.id = OrderId{seq};
  spec.quantity = {1000};
  spec.limit = PriceUnits{9'500'000};
  frame.events.emplace_back(OrderCreated{spec});
  return frame;
}

double percentile(std::vector<double>& sorted, double p) { return sorted[static_cast<std::size_t>(p * static_cast<double>(sorted.size() - 1))]; }

// Arguments: frames in a group, durability.
void group_commit(benchmark::State& state) {
  std::string directory = (std::filesystem::temp_directory_path() / "prom_journal_bench_XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return state.SkipWithError("no temporary directory");
  JournalFileOptions options;
  options.directory = directory;
  options.durability = state.range(1) == 0 ? Durability::process : Durability::power;
  {
    auto writer = open_journal_writer(options);
    if (!writer) return state.SkipWithError(writer.error().detail.c_str());
    std::uint64_t seq = 0;
    std::vector<double> micros;
    for (auto _ : state) {
      const auto begin = std::chrono::steady_clock::now();
      for (std::int64_t i = 0; i < state.range(0); ++i) {
        if (!(*writer)->append(order_frame(++seq))) return state.SkipWithError("append failed");
      }
      if (!(*writer)->commit()) return state.SkipWithError("commit failed");
      micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(micros.begin(), micros.end());
    state.counters["orders/s"] = benchmark::Counter(static_cast<double>(seq), benchmark::Counter::kIsRate);
    state.counters["p50_us"] = percentile(micros, 0.50);
    state.counters["p99_us"] = percentile(micros, 0.99);
    state.SetLabel(state.range(1) == 0 ? "process" : "power");
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(group_commit)->ArgsProduct({{1, 16, 256}, {0, 1}})->UseRealTime();

}  // namespace
}  // namespace prom
