// What the simulated venue costs on the hot path: a bar where nothing is touched, a trade past 20,000 resting stops, and a fill. Idle, with an open
// position and a stop, and with many orders: the figures must not depend on the number of orders.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "base/assert.h"
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

constexpr DurationNs kLength{60'000'000'000};

std::unique_ptr<SimVenue> make_venue() {
  Instrument inst;
  inst.payoff = Payoff::linear;
  inst.symbol = inst.venue_symbol = "BTCUSDT";
  inst.base = AssetIx{1};
  inst.price_digits = 1;
  inst.quantity_digits = 3;
  inst.contract_value = "1"_dec;
  inst.fees = {"0.0002"_dec, "0.0005"_dec};
  inst.tiers = {{"1000000"_dec, "20"_dec, "0.01"_dec}};
  const std::vector<Instrument> instruments{inst};
  const std::vector<std::string> assets{"USDT", "BTC"};
  auto venue = SimVenue::create({}, instruments, assets);
  PROM_ASSERT(venue.has_value());
  (*venue)->transfer(AccountIx{0}, {AssetIx{0}, "1000000000"_dec}, TimeNs{0});
  return std::move(*venue);
}

OrderSpec make_order(std::uint64_t id, Side side, OrderType type, std::int64_t trigger) {
  OrderSpec spec;
  spec.id = OrderId{id};
  spec.client_id = {AccountIx{0}, 1, OrderId{id}};
  spec.side = side;
  spec.type = type;
  spec.quantity = {1};
  if (trigger != 0) spec.trigger = PriceUnits{trigger};
  return spec;
}

Bar flat_bar(std::int64_t n) { return {TimeNs{n * kLength.ns}, {1'000'000}, {1'000'010}, {999'990}, {1'000'005}, {1000}}; }

// state.range(0): 0 = idle, n > 0 = one open position and n stops resting on both sides.
void untouched_bar(benchmark::State& state) {
  auto venue = make_venue();
  std::uint64_t id = 1;
  std::int64_t n = 1;
  if (state.range(0) > 0) {
    venue->place(RiskEngine::mint(make_order(id++, Side::buy, OrderType::market, 0)), TimeNs{n * kLength.ns});
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      const bool below = i % 2 == 0;
      venue->place(RiskEngine::mint(make_order(id++, below ? Side::sell : Side::buy, OrderType::stop_market, below ? 990'000 - i : 1'010'000 + i)),
                   TimeNs{n * kLength.ns});
    }
  }
  Input in;
  for (int warm = 0; warm < 3; ++warm, ++n) {
    venue->on_bar_open(InstrumentIx{0}, flat_bar(n), kLength);
    venue->on_bar_range(InstrumentIx{0}, flat_bar(n), kLength);
  }
  while (venue->poll(TimeNs{INT64_MAX - 1}, in)) continue;
  Bar bar = flat_bar(n);
  for (auto _ : state) {
    bar.open_time.ns += kLength.ns;
    venue->on_bar_open(InstrumentIx{0}, bar, kLength);
    venue->on_bar_range(InstrumentIx{0}, bar, kLength);
  }
  state.SetItemsProcessed(2 * state.iterations());
  state.SetLabel("items are phases");
}
BENCHMARK(untouched_bar)->Arg(0)->Arg(1)->Arg(20'000);

void untouched_trade(benchmark::State& state) {
  auto venue = make_venue();
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const bool below = i % 2 == 0;
    venue->place(RiskEngine::mint(make_order(static_cast<std::uint64_t>(i) + 1, below ? Side::sell : Side::buy, OrderType::stop_market,
                                             below ? 990'000 - i : 1'010'000 + i)),
                 TimeNs{1});
  }
  std::int64_t time = 10;
  for (auto _ : state) {
    ++time;
    venue->on_trade(InstrumentIx{0}, TimeNs{time}, {1'000'000 + (time * 7919) % 9'000 - 4'500}, {1});
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(untouched_trade)->Arg(1)->Arg(20'000)->Iterations(10'000'000);

// Buy and sell in turn at each bar's open: request, fill, replies taken.
void market_fill(benchmark::State& state) {
  auto venue = make_venue();
  std::uint64_t id = 1;
  std::int64_t n = 1;
  Input in;
  for (auto _ : state) {
    const Bar bar = flat_bar(++n);
    venue->place(RiskEngine::mint(make_order(id, id % 2 == 1 ? Side::buy : Side::sell, OrderType::market, 0)), bar.open_time);
    ++id;
    venue->on_bar_open(InstrumentIx{0}, bar, kLength);
    venue->on_bar_range(InstrumentIx{0}, bar, kLength);
    while (venue->poll(bar.open_time, in)) benchmark::DoNotOptimize(in);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(market_fill);

}  // namespace
}  // namespace prom
