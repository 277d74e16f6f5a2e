// Bench markets. One thread.
#include "engine_bench_setup.h"

#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "adapters/feeds/archive/import.h"
#include "engine/state/apply.h"
#include "research/simulation/test_data.h"

namespace prom::bench_setup {
namespace {

std::vector<std::string> files_in(const std::string& dir, const std::string& prefix, std::size_t most) {
  std::vector<std::string> out;
  if (!std::filesystem::is_directory(dir)) return out;
  for (const auto& entry : std::filesystem::directory_iterator(dir))
    if (entry.path().filename().string().starts_with(prefix)) out.push_back(entry.path().string());
  std::sort(out.begin(), out.end());
  if (out.size() > most) out.resize(most);
  return out;
}

BarColumns read_all(const std::vector<std::string>& files) {
  std::vector<BarColumns> parts;
  for (const std::string& file : files) {
    ImportRequest request;
    request.path = file;
    request.options.interval = kMinute;
    auto bars = read_bars(request, {});
    if (!bars) {
      std::fprintf(stderr, "%s\n", describe(bars.error()).c_str());
      std::exit(3);
    }
    parts.push_back(std::move(bars->bars));
  }
  auto joined = join_bars(parts);
  if (!joined) {
    std::fprintf(stderr, "%s\n", describe(joined.error()).c_str());
    std::exit(3);
  }
  return std::move(*joined);
}

/// The same months again, later in time, until `n` bars.
void repeat_to(BarColumns& bars, std::size_t n) {
  const std::size_t once = bars.size();
  const std::int64_t span = bars.open_time_ns.back() - bars.open_time_ns.front() + bars.interval.ns;
  for (std::size_t i = 0; bars.size() < n; ++i) {
    const std::size_t from = i % once;
    bars.open_time_ns.push_back(bars.open_time_ns[from] + span * static_cast<std::int64_t>(1 + i / once));
    for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close, &bars.volume}) column->push_back((*column)[from]);
  }
  bars.taker_buy_volume.clear();
  bars.make_floats();
}

Dataset make_two_years() {
  const char* dir = std::getenv("PROM_BTC_1M_DIR");
  const std::string shared = std::string(PROM_SOURCE_DIR) + "/../shared/data/candles/binance-spot-1m";
  std::vector<std::string> files = files_in(dir != nullptr ? dir : shared, "BTCUSDT-1m-202", 24);
  BarColumns bars;
  if (files.empty()) {
    std::fprintf(stderr, "the two years of BTC bars are not here: the bundled months are repeated to the same length\n");
    bars = read_all(files_in(std::string(PROM_SOURCE_DIR) + "/assets/data", "binance-spot-BTCUSDT-1m", 24));
    repeat_to(bars, 1'048'000);
  } else {
    bars = read_all(files);
  }
  InstrumentData series;
  series.instrument = test_data::perpetual(0);
  series.instrument.price_digits = static_cast<std::uint8_t>(bars.price_digits);
  series.instrument.quantity_digits = static_cast<std::uint8_t>(bars.quantity_digits);
  series.instrument.max_quantity = {1'000'000'000'000};
  series.bars = std::move(bars);
  std::vector<InstrumentData> all;
  all.push_back(std::move(series));
  return make_dataset({"USDT", "BTC"}, std::move(all)).value();
}

}  // namespace

const Dataset& two_years_of_btc() {
  static const Dataset data = make_two_years();
  return data;
}

const Dataset& twenty_instruments() {
  static const Dataset data = test_data::wave(20, 100'000, 20);
  return data;
}

SimulationConfig trend(const Dataset& data, const TrendSetup& setup) {
  SimulationConfig config = test_data::trend_config(data);
  config.collect = CollectLevel::digest;
  config.cash = Decimal::from_int(10'000'000);
  config.user.limits.circuit_breaker = setup.breakers;
  for (std::size_t p = 0; p < config.pairs.size(); ++p) {
    strategies::TrendFollowing::Params params;
    params.timeframe = setup.timeframe == 0 ? data.interval : DurationNs{setup.timeframe};
    params.fast = setup.fast;
    params.slow = setup.slow;
    StrategyHostConfig host;
    host.pair = PairIx{static_cast<std::uint32_t>(p)};
    host.expected_slippage = config.venue.slippage;
    host.reasons = Reasons::omitted;
    config.pairs[p].strategy = std::make_shared<StrategyHost>(std::make_unique<strategies::TrendFollowing>(params), host);
  }
  return config;
}

void Crowd::move_price(std::uint64_t n) {
  const auto instruments = engine.state().instruments.size();
  const InstrumentIx ix{static_cast<std::uint16_t>(n % instruments)};
  MarketState& market = const_cast<MarketState&>(engine.state().market[ix.v]);
  market.last.v += n % 2 == 0 ? 1 : -1;
}

Crowd make_crowd(std::uint32_t users, std::uint32_t positions) {
  Crowd crowd;
  std::uint64_t seq = 0;
  TimeNs now{1'746'316'800'000'000'000};
  const auto take = [&](InputBody body) { crowd.engine.step(Input{now, ++seq, std::move(body)}, crowd.frame); };
  take(AssetRegistered{AssetIx{0}, "USDT"});
  for (std::uint32_t i = 0; i <= positions; ++i) take(AssetRegistered{AssetIx{static_cast<std::uint16_t>(i + 1)}, "COIN" + std::to_string(i)});
  for (std::uint32_t i = 0; i <= positions; ++i) {
    Instrument instrument = test_data::perpetual(i);
    instrument.group = static_cast<std::uint16_t>(i % 5);
    take(InstrumentRegistered{instrument});
    take(BarClosed{instrument.ix, kMinute, Bar{now - kMinute, {10'000}, {10'010}, {9'990}, {10'000}, {1}}});
  }
  std::uint64_t trade = 0;
  for (std::uint32_t u = 0; u < users; ++u) {
    User user;
    user.ix = UserIx{u};
    user.limits = limits_for(RiskLevel::moderate);
    user.limits.max_positions = positions + 1;
    take(UserRegistered{user});
    Account account;
    account.ix = AccountIx{u};
    account.user = UserIx{u};
    take(AccountRegistered{account});
    take(TransferBooked{AccountIx{u}, Money{AssetIx{0}, Decimal::from_int(1'000'000)}});
    for (std::uint32_t i = 0; i <= positions; ++i) {
      TradingPair pair;
      pair.ix = PairIx{u * (positions + 1) + i};
      pair.account = AccountIx{u};
      pair.instrument = InstrumentIx{static_cast<std::uint16_t>(i)};
      pair.decider = "agents";
      pair.leverage = Decimal::from_int(2);
      take(PairRegistered{pair});
      if (i == positions) continue;
      Fill fill;
      fill.trade = VenueTradeId{++trade};
      fill.account = AccountIx{u};
      fill.instrument = pair.instrument;
      fill.price = {10'000};
      fill.quantity = {10'000};
      fill.fee = {AssetIx{0}, Decimal::from_units(1, 2)};
      fill.source = FillSource::liquidation;  // booked without an order of ours
      fill.time = now;
      take(VenueFilled{fill});
    }
    TradeProposal proposal;
    proposal.as_of = {0, now};
    proposal.expires_at = now + kMinute;
    proposal.account = AccountIx{u};
    proposal.pair = PairIx{u * (positions + 1) + positions};
    proposal.instrument = InstrumentIx{static_cast<std::uint16_t>(positions)};
    proposal.side = Side::buy;
    proposal.quantity = {10'000};
    proposal.stop = PriceUnits{9'800};
    crowd.proposals.push_back(proposal);
  }
  return crowd;
}

double ns_per_tick() {
  const auto start = std::chrono::steady_clock::now();
  unsigned aux = 0;
  const std::uint64_t a = __rdtscp(&aux);
  while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(50)) {
  }
  const std::uint64_t b = __rdtscp(&aux);
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count();
  return static_cast<double>(ns) / static_cast<double>(b - a);
}

}  // namespace prom::bench_setup
