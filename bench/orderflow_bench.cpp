// What the stream detectors cost an event on a seeded stream shaped like a futures feed: best prices, levels and trades mixed. One thread.
#include <benchmark/benchmark.h>

#include <vector>

#include "analysis/orderflow/iceberg.h"
#include "analysis/orderflow/spoofing.h"
#include "analysis/orderflow/stream_absorption.h"
#include "base/prng.h"

namespace prom::orderflow {
namespace {

enum class Kind { best, level, trade };
struct Event {
  Kind kind = Kind::best;
  BookSideKind side = BookSideKind::bid;
  std::int64_t time_ns = 0;
  double price = 0, quantity = 0;
};

// Of ten events four are best prices, five levels within 200 ticks, one a trade, a quarter of a millisecond apart; the price walks.
const std::vector<Event>& stream() {
  static const std::vector<Event> events = [] {
    Xoshiro256pp rng(1);
    std::vector<Event> made;
    std::int64_t best = 600'000;
    for (std::int64_t i = 0; i < 1'000'000; ++i) {
      if (rng.below(50) == 0) best += rng.below(2) == 0 ? 1 : -1;
      const auto side = rng.below(2) == 0 ? BookSideKind::bid : BookSideKind::ask;
      const std::int64_t sign = side == BookSideKind::bid ? -1 : 1, touch = best + (sign > 0 ? 1 : 0), draw = static_cast<std::int64_t>(rng.below(10));
      const Kind kind = draw < 4 ? Kind::best : draw < 9 ? Kind::level : Kind::trade;
      const std::int64_t ticks = kind == Kind::level ? touch + sign * static_cast<std::int64_t>(rng.below(200)) : touch;
      const std::uint64_t large = rng.below(300) == 0 ? 40 : 1;
      made.push_back({kind, side, i * 250'000, static_cast<double>(ticks) * 0.1, static_cast<double>(1 + rng.below(1000) * large) * 0.001});
    }
    return made;
  }();
  return events;
}

Aggressor aggressor_of(const Event& e) { return e.side == BookSideKind::bid ? Aggressor::seller : Aggressor::buyer; }

void iceberg(benchmark::State& state) {
  for (auto _ : state) {
    auto detector = *IcebergDetector::make({});
    for (const Event& e : stream()) {
      if (e.kind == Kind::trade) benchmark::DoNotOptimize(detector.update(TradePrint{e.time_ns, e.price, e.quantity, aggressor_of(e)}));
      if (e.kind == Kind::best) benchmark::DoNotOptimize(detector.update(BestPrice{e.time_ns, e.side, e.price, e.quantity}));
    }
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(stream()));
}

void spoofing(benchmark::State& state) {
  for (auto _ : state) {
    auto detector = *SpoofDetector::make({});
    for (const Event& e : stream()) {
      if (e.kind == Kind::trade) benchmark::DoNotOptimize(detector.update(TradePrint{e.time_ns, e.price, e.quantity, aggressor_of(e)}));
      if (e.kind == Kind::best) benchmark::DoNotOptimize(detector.update(BestPrice{e.time_ns, e.side, e.price, e.quantity}));
      if (e.kind == Kind::level) benchmark::DoNotOptimize(detector.update(LevelChange{e.time_ns, e.side, e.price, e.quantity}));
    }
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(stream()));
}

void absorption(benchmark::State& state) {
  for (auto _ : state) {
    auto detector = *AbsorptionDetector::make({});
    for (const Event& e : stream()) {
      if (e.kind == Kind::trade) benchmark::DoNotOptimize(detector.update(TradePrint{e.time_ns, e.price, e.quantity, aggressor_of(e)}));
      if (e.kind == Kind::best) benchmark::DoNotOptimize(detector.update(BestPrice{e.time_ns, e.side, e.price, e.quantity}));
    }
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(stream()));
}

BENCHMARK(iceberg)->Unit(benchmark::kMillisecond);
BENCHMARK(spoofing)->Unit(benchmark::kMillisecond);
BENCHMARK(absorption)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace prom::orderflow
