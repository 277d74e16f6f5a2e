// Memory search at 10,000 memories of one user (PRODUCT.md: < 10 ms p99), the cost of adding one, and of building the index.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "adapters/stores/memory_index/memory_index.h"
#include "base/prng.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'750'000'000'000'000'000};

std::string sentence(Xoshiro256pp& random) {
  std::string text;
  for (int i = 0; i < 24; ++i) text += "word" + std::to_string(random.below(3000)) + " ";
  return text;
}

Memory memory_of(std::uint64_t id, Xoshiro256pp& random) {
  Memory memory;
  memory.id = id;
  memory.scope = MemoryScope::user;
  memory.user = UserIx{1};
  memory.text = sentence(random);
  for (int i = 0; i < 32; ++i) memory.situation.push_back(static_cast<float>(random.below(1000)) / 500.0F - 1.0F);
  memory.importance = static_cast<double>(random.below(100)) / 100;
  memory.created_at = kNow - DurationNs{static_cast<std::int64_t>(random.below(100)) * kDay.ns};
  return memory;
}

std::shared_ptr<const MemoryIndex> index_of(std::int64_t count) {
  Xoshiro256pp random(1);
  std::vector<Memory> memories;
  for (std::int64_t i = 0; i < count; ++i) memories.push_back(memory_of(static_cast<std::uint64_t>(i), random));
  return MemoryIndex::build(std::move(memories));
}

void memory_search(benchmark::State& state) {
  const auto index = index_of(state.range(0));
  Xoshiro256pp random(2);
  std::vector<double> micros;
  for (auto _ : state) {
    state.PauseTiming();
    MemoryQuery query;
    query.text = sentence(random);
    query.situation = memory_of(0, random).situation;
    query.user = UserIx{1};
    query.now = kNow;
    state.ResumeTiming();
    const auto begin = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(index->find(query));
    micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(micros.begin(), micros.end());
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[static_cast<std::size_t>(0.99 * static_cast<double>(micros.size() - 1))];
}
BENCHMARK(memory_search)->Arg(1000)->Arg(10'000)->MinTime(2);

void memory_add(benchmark::State& state) {
  auto index = index_of(10'000);
  Xoshiro256pp random(3);
  std::uint64_t id = 1'000'000;
  for (auto _ : state) index = index->with_added(memory_of(id++, random));
}
BENCHMARK(memory_add)->Iterations(300);

}  // namespace
}  // namespace prom
