// Made-up markets for tests of whole runs: seeded noisy waves, so that trend strategies trade. Any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "research/simulation/simulation.h"
#include "runtime/hosts/strategy_host.h"
#include "strategies/trend_following.h"

namespace prom::test_data {

inline Instrument perpetual(std::size_t i) {
  Instrument instrument;
  instrument.ix = InstrumentIx{static_cast<std::uint16_t>(i)};
  instrument.venue = Venue::binance;
  instrument.payoff = Payoff::linear;
  instrument.symbol = "COIN" + std::to_string(i) + "USDT";
  instrument.venue_symbol = instrument.symbol;
  instrument.base = AssetIx{static_cast<std::uint16_t>(i + 1)};
  instrument.quote = instrument.settle = AssetIx{0};
  instrument.price_digits = 2;
  instrument.quantity_digits = 3;
  instrument.tick = {1};
  instrument.step = {1};
  instrument.min_quantity = {1};
  instrument.max_quantity = {1'000'000'000};
  instrument.min_notional = Decimal::from_int(5);
  instrument.contract_value = kDecimalOne;
  instrument.fees = {Decimal::from_units(2, 4), Decimal::from_units(5, 4)};
  instrument.tiers = {{Decimal::from_int(1'000'000'000), Decimal::from_int(50), Decimal::from_units(5, 3)}};
  instrument.funding_interval = DurationNs{8 * 3'600'000'000'000};
  instrument.assumed_funding_rate = Decimal::from_units(1, 4);
  return instrument;
}

/// `n` one-minute bars a series: a slow wave with seeded noise, prices near 100 at two digits.
inline Dataset wave(std::size_t series, std::size_t n, std::uint64_t seed) {
  std::vector<std::string> assets{"USDT"};
  std::vector<InstrumentData> data;
  for (std::size_t s = 0; s < series; ++s) {
    assets.push_back("COIN" + std::to_string(s));
    Xoshiro256pp rng{seed * 1000 + s};
    InstrumentData d;
    d.instrument = perpetual(s);
    d.bars.price_digits = 2;
    d.bars.quantity_digits = 3;
    d.bars.interval = kMinute;
    std::int64_t price = 10'000 + static_cast<std::int64_t>(s) * 1'000;
    std::int64_t drift = 3;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % 400 == 0) drift = rng.range(-4, 4);
      const std::int64_t open = price;
      price = std::max<std::int64_t>(1'000, price + drift + rng.range(-12, 12));
      d.bars.open_time_ns.push_back(1'746'316'800'000'000'000 + static_cast<std::int64_t>(i) * kMinute.ns);
      d.bars.open.push_back(open);
      d.bars.close.push_back(price);
      d.bars.high.push_back(std::max(open, price) + rng.range(0, 8));
      d.bars.low.push_back(std::min(open, price) - rng.range(0, 8));
      d.bars.volume.push_back(rng.range(1'000, 9'000));
    }
    d.bars.make_floats();
    d.sha256 = "made up";
    data.push_back(std::move(d));
  }
  return make_dataset(std::move(assets), std::move(data)).value();
}

/// Every series traded by the EMA cross at its defaults on 5-minute bars.
inline SimulationConfig trend_config(const Dataset& data) {
  SimulationConfig config;
  config.cash = Decimal::from_int(100'000);
  config.user.name = "test";
  config.user.limits = limits_for(RiskLevel::moderate);
  config.venue.slippage = Decimal::from_units(2, 4);
  for (std::size_t s = 0; s < data.series.size(); ++s) {
    SimulatedPair pair;
    pair.series = s;
    pair.decider = "trend_following";
    pair.leverage = Decimal::from_int(2);
    strategies::TrendFollowing::Params params;
    params.timeframe = DurationNs{5 * kMinute.ns};
    StrategyHostConfig host;
    host.pair = PairIx{static_cast<std::uint32_t>(s)};
    host.expected_slippage = config.venue.slippage;
    pair.strategy = std::make_shared<StrategyHost>(std::make_unique<strategies::TrendFollowing>(params), host);
    config.pairs.push_back(std::move(pair));
  }
  return config;
}

}  // namespace prom::test_data
