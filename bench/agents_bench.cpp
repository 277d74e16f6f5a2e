// One full decision of the fourteen rule agents on four instruments of hourly bars, warm; the figure to reach is 2 ms (PRODUCT.md). Single thread.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "agents/desk.h"
#include "agents/provenance.h"
#include "base/prng.h"
#include "ports/column_market_view.h"

namespace {

using namespace prom;
using namespace prom::literals;

constexpr TimeNs kStart{1'700'006'400'000'000'000};
constexpr std::size_t kMinutes = 60 * 24 * 30;

Instrument futures(std::uint16_t ix, const char* symbol) {
  Instrument x;
  x.ix = InstrumentIx(ix);
  x.payoff = Payoff::linear;
  x.symbol = x.venue_symbol = symbol;
  x.base = AssetIx(static_cast<std::uint16_t>(ix + 1));
  x.quote = x.settle = AssetIx(0);
  x.price_digits = 2;
  x.quantity_digits = 3;
  x.contract_value = kDecimalOne;
  x.min_notional = "5"_dec;
  x.fees = {"0.0002"_dec, "0.0005"_dec};
  x.funding_interval = kHour * 8;
  x.assumed_funding_rate = "0.0001"_dec;
  return x;
}

std::shared_ptr<BarColumns> walk(std::uint64_t seed) {
  Xoshiro256pp random(seed);
  auto c = std::make_shared<BarColumns>();
  c->price_digits = 2;
  c->quantity_digits = 3;
  c->interval = kMinute;
  std::int64_t price = 5'000'000;
  for (std::size_t i = 0; i < kMinutes; ++i) {
    const std::int64_t open = price;
    price = std::max<std::int64_t>(1000, price + price * (random.range(-490, 500)) / 1'000'000);
    c->open_time_ns.push_back(kStart.ns + static_cast<std::int64_t>(i) * kMinute.ns);
    c->open.push_back(open);
    c->close.push_back(price);
    c->high.push_back(std::max(open, price) + random.range(0, 500));
    c->low.push_back(std::min(open, price) - random.range(0, 500));
    c->volume.push_back(random.range(50'000, 150'000));
    c->taker_buy_volume.push_back(c->volume.back() / 2);
  }
  c->make_floats();
  return c;
}

struct Scene {
  ColumnMarketView market;
  AccountView account;
  TradingPair pair;
};

Scene make_scene() {
  std::vector<ColumnMarketSource> sources;
  const char* symbols[] = {"BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT"};
  for (std::uint16_t i = 0; i < 4; ++i) sources.push_back({futures(i, symbols[i]), walk(i + 1), {}, "bench walk"});
  auto view = ColumnMarketView::make(std::move(sources));
  Scene scene{std::move(*view), {}, {}};
  scene.account.limits = limits_for(RiskLevel::moderate);
  scene.account.equity = scene.account.available = scene.account.day_start_equity = scene.account.peak_equity = "100000"_dec;
  scene.pair.instrument = InstrumentIx(1);
  scene.pair.leverage = kDecimalOne;
  return scene;
}

DecisionRequest request_at(Scene& scene, std::uint64_t hour) {
  scene.account.as_of = {hour, kStart + kHour * static_cast<std::int64_t>(hour)};
  DecisionRequest q;
  q.id = DecisionId(hour);
  q.as_of = scene.account.as_of;
  q.trading_pair = &scene.pair;
  q.market = &scene.market;
  q.account = &scene.account;
  return q;
}

void full_decision(benchmark::State& state) {
  Scene scene = make_scene();
  RuleDesk desk(built_in_profiles());
  std::vector<double> micros;
  std::uint64_t hour = 400, posted = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const DecisionOutcome outcome = desk.decide(request_at(scene, hour));
    micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    posted += outcome.inputs.size() > 1 ? 1 : 0;
    hour = hour == 700 ? 400 : hour + 1;
  }
  std::ranges::sort(micros);
  state.counters["p50_us"] = micros[micros.size() / 2];
  state.counters["p99_us"] = micros[micros.size() * 99 / 100];
  state.counters["posted"] = static_cast<double>(posted);
}
BENCHMARK(full_decision)->Iterations(900);

void shared_analysis(benchmark::State& state) {
  Scene scene = make_scene();
  RuleDesk desk(built_in_profiles());
  desk.decide(request_at(scene, 500));
  std::uint32_t pair = 1;
  for (auto _ : state) {
    scene.pair.ix = PairIx(pair++ % 100);
    DecisionRequest q = request_at(scene, 500);
    q.pair = scene.pair.ix;
    benchmark::DoNotOptimize(desk.decide(q));
  }
}
BENCHMARK(shared_analysis)->Iterations(900);

void provenance(benchmark::State& state) {
  Scene scene = make_scene();
  RuleDesk desk(built_in_profiles());
  DecisionOutcome outcome = desk.decide(request_at(scene, 500));
  const DecisionRecord& record = std::get<DecisionRecorded>(outcome.inputs.front()).record;
  for (auto _ : state) benchmark::DoNotOptimize(check_provenance(record, scene.market.instruments()[1]));
}
BENCHMARK(provenance);

}  // namespace
