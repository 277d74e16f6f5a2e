// Running bars through together must give what playing each of them gives: the same fills, equity, postings and engine state, whatever is held and however the
// market moves. The bar-by-bar loop is the oracle.
#include <gtest/gtest.h>

#include "base/on_grid.h"
#include "base/prng.h"
#include "engine/risk/equity.h"
#include "research/simulation/test_data.h"

namespace prom {
namespace {

/// Proposes at random instants: openings of either side with stops near and far, trailing distances, targets and limits; closings.
class Dice final : public BarDecider {
 public:
  Dice(PairIx pair, std::uint64_t seed, std::int64_t every) : pair_(pair), rng_(seed), every_(every) {}

  std::optional<TradeProposal> on_bar(const EngineState& state, const StrategyBar&) override { return rolls() ? propose(state) : std::nullopt; }
  bool begin(const EngineState&) override { return true; }
  Ran run(const BarColumns&, std::size_t from, std::size_t to) override {
    for (std::size_t i = from; i < to; ++i)
      if (rolls()) return {i + 1, Cause::found};
    return {to, Cause::none};
  }
  std::optional<TradeProposal> propose(const EngineState& state) override {
    const TradingPair& pair = state.pairs[pair_.v].pair;
    const Holding* holding = state.find_holding(pair.account, pair.instrument, pair.leg);
    TradeProposal p;
    p.as_of = {state.seq, state.now};
    p.position_version = holding != nullptr ? holding->position.version : 0;
    p.expires_at = state.now + kMinute;
    p.account = pair.account;
    p.pair = pair_;
    p.instrument = pair.instrument;
    p.leg = pair.leg;
    const std::int64_t held = holding != nullptr ? holding->position.quantity.v : 0;
    if (held != 0) {
      p.intent = Intent::close;
      p.side = held > 0 ? Side::sell : Side::buy;
      return p;
    }
    const std::int64_t last = state.market[pair.instrument.v].last.v;
    const bool spot = state.instrument(pair.instrument).payoff == Payoff::spot;
    p.side = spot || rng_.range(0, 1) == 0 ? Side::buy : Side::sell;
    const std::int64_t sign = p.side == Side::buy ? 1 : -1;
    const std::int64_t distance = rng_.range(5, last / 20);
    p.stop = PriceUnits{last - sign * distance};
    if (rng_.range(0, 2) == 0) p.trailing_distance = PriceUnits{distance};
    if (rng_.range(0, 2) == 0) p.targets.push_back({PriceUnits{last + sign * rng_.range(5, last / 20)}, Decimal::from_units(5, 1)});
    if (rng_.range(0, 2) == 0) p.limit = PriceUnits{last - sign * rng_.range(0, 4)};
    const auto equity = equity_of(state, pair.account);
    if (!equity) return p;
    const double lots = equity->to_double() * 0.01 / (static_cast<double>(distance) / 100.0) * (1.0 + static_cast<double>(rng_.range(0, 5)));
    p.quantity = {on_grid(lots, 1, 3, Round::down).value_or(1)};
    return p;
  }
  void warm(const EngineState&, const StrategyBar&, Held) override {}

 private:
  bool rolls() { return rng_.range(0, every_) == 0; }
  PairIx pair_;
  Xoshiro256pp rng_;
  std::int64_t every_;
};

/// Goes long and short at random instants whatever it holds: turns that wait for their close, causes that come to nothing, openings while a breaker stands.
class Turner final : public Strategy {
 public:
  Turner(std::uint64_t seed, std::int64_t every) : rng_(seed), every_(every) {}
  std::string_view name() const override { return "turner"; }
  DurationNs timeframe() const override { return kMinute; }
  std::int64_t warm_up_bars() const override { return 0; }
  Signal on_bar(const StrategyBar& bar, const StrategyContext& context) override {
    if (rng_.range(0, every_) != 0) return Signal::none;
    constexpr Signal kSignals[] = {Signal::go_long, Signal::go_flat, Signal::go_short};
    signal_ = kSignals[rng_.range(0, context.shorting == Shorting::allowed ? 2 : 1)];
    close_ = bar.close;
    return signal_;
  }
  ReadsPosition reads_position() const override { return ReadsPosition::no; }
  SignalIntent intent() const override {
    SignalIntent intent;
    intent.signal = signal_;
    intent.price = close_;
    if (signal_ != Signal::go_flat) intent.stop_price = close_ * (signal_ == Signal::go_long ? 0.98 : 1.02);
    intent.reason = "dice";
    return intent;
  }
  std::unique_ptr<Strategy> clone() const override { return std::make_unique<Turner>(*this); }
  void save(ByteWriter&) const override {}
  std::optional<StateFault> load(ByteReader&) override { return std::nullopt; }

 private:
  Xoshiro256pp rng_;
  std::int64_t every_;
  Signal signal_ = Signal::none;
  double close_ = 0;
};

std::shared_ptr<BarDecider> make_turner(PairIx pair, std::uint64_t seed, std::int64_t every) {
  StrategyHostConfig host;
  host.pair = pair;
  return std::make_shared<StrategyHost>(std::make_unique<Turner>(seed, every), host);
}

struct Played {
  RunResult result;
  std::uint64_t state = 0;
  std::uint64_t breakers = 0;
};

enum class Market : std::uint8_t { futures, spot };

Dataset market(Market kind, std::size_t series, std::uint64_t seed) {
  Dataset data = test_data::wave(series, 6'000, seed);
  std::vector<InstrumentData> all = std::move(data.series);
  Xoshiro256pp rng{seed};
  for (InstrumentData& s : all) {
    if (kind == Market::spot) {
      s.instrument.payoff = Payoff::spot;
      s.instrument.venue = Venue::binance;
      s.instrument.funding_interval = {};
      s.instrument.tiers.clear();
    }
    if (rng.range(0, 1) == 0) continue;
    // A gap: bars of an hour are missing.
    const auto at = static_cast<std::ptrdiff_t>(rng.range(100, 5'000));
    for (auto* column : {&s.bars.open_time_ns, &s.bars.open, &s.bars.high, &s.bars.low, &s.bars.close, &s.bars.volume})
      column->erase(column->begin() + at, column->begin() + at + 60);
    s.bars.make_floats();
  }
  return make_dataset(data.assets, std::move(all)).value();
}

Played play(const Dataset& data, Market kind, std::uint64_t seed, Stretches stretches, CollectLevel collect) {
  Xoshiro256pp rng{seed};
  SimulationConfig config = test_data::trend_config(data);
  config.stretches = stretches;
  config.collect = collect;
  const std::int64_t every = rng.range(20, 400);
  if (rng.range(0, 2) == 0) config.user.limits.max_daily_drawdown = Decimal::from_units(5, 3);
  if (rng.range(0, 3) == 0) config.user.limits.circuit_breaker = Switch::off;
  config.user.limits.max_position = config.user.limits.max_instrument_exposure = Decimal::from_int(3);
  config.user.limits.max_group_exposure = config.user.limits.max_total_exposure = Decimal::from_int(8);
  config.user.limits.risk_per_trade = Decimal::from_units(10, 2);
  if (rng.range(0, 2) == 0) config.venue.latency_to_venue = config.venue.latency_to_engine = DurationNs{250'000'000};
  if (rng.range(0, 2) == 0) config.executor = {.batch_size = 3, .interval = DurationNs{rng.range(1, 90) * 1'000'000'000}, .max_queue = 5};
  for (std::size_t p = 0; p < config.pairs.size(); ++p) {
    if (kind == Market::spot) config.pairs[p].leverage = kDecimalOne;
    const PairIx pair{static_cast<std::uint32_t>(p)};
    switch (rng.range(0, 4)) {
      case 0:
      case 1: config.pairs[p].strategy = std::make_shared<Dice>(pair, seed * 31 + p, every); break;
      case 2: config.pairs[p].strategy = make_turner(pair, seed * 31 + p, every); break;
      default: break;  // the trend follower of the configuration
    }
  }
  auto simulation = Simulation::create(data, std::move(config), {});
  EXPECT_TRUE(simulation.has_value());
  EXPECT_TRUE((*simulation)->begin().has_value());
  EXPECT_TRUE((*simulation)->run({}).has_value());
  Played out;
  out.state = digest_of((*simulation)->state());
  out.result = (*simulation)->result();
  for (const Alert& alert : out.result.alerts) out.breakers += alert.code == "circuit_breaker" ? 1U : 0U;
  return out;
}

void expect_same(const Played& together, const Played& each, CollectLevel collect, std::uint64_t seed) {
  ASSERT_EQ(together.result.digest, each.result.digest) << "seed " << seed;
  ASSERT_EQ(together.state, each.state) << "seed " << seed << (collect == CollectLevel::full ? ", everything recorded" : ", fills alone recorded");
  ASSERT_EQ(together.result.bars, each.result.bars);
  ASSERT_EQ(together.result.equity.size(), each.result.equity.size());
  for (std::size_t i = 0; i < each.result.equity.size(); ++i) {
    ASSERT_EQ(together.result.equity[i].time, each.result.equity[i].time) << "seed " << seed;
    ASSERT_EQ(together.result.equity[i].equity, each.result.equity[i].equity) << "seed " << seed;
  }
  ASSERT_EQ(together.result.trades.size(), each.result.trades.size()) << "seed " << seed;
  if (collect == CollectLevel::full) {
    ASSERT_EQ(together.breakers, each.breakers) << "seed " << seed;
    ASSERT_EQ(together.result.postings.size(), each.result.postings.size()) << "seed " << seed;
    ASSERT_EQ(together.result.denials.size(), each.result.denials.size()) << "seed " << seed;
  }
  for (std::size_t i = 0; i < each.result.trades.size(); ++i) {
    ASSERT_EQ(together.result.trades[i].decision, each.result.trades[i].decision) << "seed " << seed;
    ASSERT_EQ(together.result.trades[i].proposal, each.result.trades[i].proposal) << "seed " << seed;
    ASSERT_EQ(together.result.trades[i].best_excursion, each.result.trades[i].best_excursion) << "seed " << seed;
    ASSERT_EQ(together.result.trades[i].worst_excursion, each.result.trades[i].worst_excursion) << "seed " << seed;
  }
}

void compare(Market kind, std::uint64_t first, std::uint64_t last) {
  std::uint64_t fills = 0, breakers = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Dataset data = market(kind, 1 + seed % 4, seed);
    const Played each = play(data, kind, seed, Stretches::bar_by_bar, CollectLevel::full);
    // What nobody records may be left out on the way, and nothing else may differ.
    for (const CollectLevel collect : {CollectLevel::full, CollectLevel::digest}) {
      expect_same(play(data, kind, seed, Stretches::together, collect), each, collect, seed);
      if (testing::Test::HasFatalFailure()) return;
    }
    fills += each.result.fills.size();
    breakers += each.breakers;
  }
  EXPECT_GT(fills, 2'000U) << "the markets must trade";
  EXPECT_GT(breakers, 10U) << "and reach limits";
}

TEST(CalmStretches, futures_give_what_playing_each_bar_gives) { compare(Market::futures, 1, 600); }
// Seed 1038 found bands that were made anew between the bars of two instruments, from prices of two instants: they held a price that raised the equity peak.
TEST(CalmStretches, spot_gives_what_playing_each_bar_gives) { compare(Market::spot, 1'001, 1'400); }

}  // namespace
}  // namespace prom
