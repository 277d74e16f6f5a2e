// The batch executor in front of the simulated venue: 1,000 opening orders, 500 a second, against a venue 20 ms away (each way) that takes 100 requests a second.
// Throughput and latency are in virtual time and the same on every machine; `cpu_ns/order` is what executor and venue cost together.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "base/assert.h"
#include "runtime/executor/batch_executor.h"
#include "sim/sim_venue.h"

namespace prom {

/// Stands in for the engine's, to mint approvals.
class RiskEngine {
 public:
  template <class T>
  static Approved<T> mint(T value) {
    return Approved<T>(std::move(value), TimeNs{INT64_MAX}, 0);
  }
};

namespace {

using namespace literals;
constexpr std::uint64_t kOrders = 1'000;
constexpr DurationNs kMillisecond{1'000'000};

std::unique_ptr<SimVenue> make_venue() {
  std::vector<Instrument> instruments;
  for (std::uint16_t i = 0; i < 10; ++i) {
    Instrument inst;
    inst.ix = InstrumentIx{i};
    inst.payoff = Payoff::linear;
    inst.symbol = inst.venue_symbol = "COIN" + std::to_string(i) + "USDT";
    inst.base = AssetIx{1};
    inst.price_digits = 1;
    inst.quantity_digits = 3;
    inst.contract_value = "1"_dec;
    inst.tiers = {{"1000000"_dec, "20"_dec, "0.01"_dec}};
    instruments.push_back(inst);
  }
  SimVenueConfig config;
  config.latency_to_venue = config.latency_to_engine = DurationNs{20 * kMillisecond.ns};
  config.request_spacing = DurationNs{10 * kMillisecond.ns};
  config.batch_limit = 20;
  auto venue = SimVenue::create(config, instruments, std::vector<std::string>{"USDT", "COIN"});
  PROM_ASSERT(venue.has_value());
  (*venue)->transfer(AccountIx{0}, {AssetIx{0}, "1000000000"_dec}, TimeNs{0});
  return std::move(*venue);
}

/// Virtual time from placing to the venue's word, of every order.
std::vector<std::int64_t> play(std::size_t batch_size) {
  const auto venue = make_venue();
  BatchExecutor executor({.batch_size = batch_size, .interval = DurationNs{10 * kMillisecond.ns}, .max_queue = kOrders},
                         {.answer = [](TimeNs, const InputBody&) { PROM_ASSERT(false, "nothing is refused here"); }, .halt_epoch = {}});
  executor.attach(AccountIx{0}, *venue);
  std::vector<std::int64_t> took(kOrders, -1);
  const auto hear = [&](TimeNs until) {
    Input input;
    for (TimeNs next = std::min(venue->next_delivery(), executor.next_due()); next <= until; next = std::min(venue->next_delivery(), executor.next_due())) {
      if (executor.next_due() <= next) {
        executor.run_due(next);
      } else if (venue->poll(next, input)) {
        const auto* accepted = std::get_if<VenueAccepted>(&input.body);
        PROM_ASSERT(accepted != nullptr, "every order is accepted");
        const std::uint64_t i = accepted->order.v - 1;
        took[i] = input.available_at.ns - static_cast<std::int64_t>(2 * i) * kMillisecond.ns;
      }
    }
  };
  for (std::uint64_t i = 0; i < kOrders; ++i) {
    const TimeNs now{static_cast<std::int64_t>(2 * i) * kMillisecond.ns};
    hear(now - DurationNs{1});
    OrderSpec spec;
    spec.id = OrderId{i + 1};
    spec.client_id = {AccountIx{0}, 1, spec.id};
    spec.instrument = InstrumentIx{static_cast<std::uint16_t>(i % 10)};
    spec.type = OrderType::limit;
    spec.limit = PriceUnits{1'000};
    spec.quantity = {100};
    executor.place(RiskEngine::mint(spec), now);
  }
  hear(TimeNs{INT64_MAX - 1});
  return took;
}

void BM_orders_by_batch_size(benchmark::State& state) {
  std::vector<std::int64_t> took;
  for (auto _ : state) took = play(static_cast<std::size_t>(state.range(0)));
  std::int64_t last = 0;
  for (std::uint64_t i = 0; i < kOrders; ++i) last = std::max(last, took[i] + static_cast<std::int64_t>(2 * i) * kMillisecond.ns);
  std::sort(took.begin(), took.end());
  state.counters["orders/s"] = static_cast<double>(kOrders) * 1e9 / static_cast<double>(last);
  state.counters["p50_ms"] = static_cast<double>(took[kOrders / 2]) / 1e6;
  state.counters["p99_ms"] = static_cast<double>(took[kOrders * 99 / 100]) / 1e6;
  state.counters["cpu_ns/order"] = benchmark::Counter(static_cast<double>(kOrders * static_cast<std::uint64_t>(state.iterations())) * 1e-9,
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_orders_by_batch_size)->Arg(1)->Arg(2)->Arg(5)->Arg(10)->Arg(20)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace prom
