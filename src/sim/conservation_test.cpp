// Seeded random trading: cash is never created, positions are the sum of fills, fills stay inside their bar, and the same seed gives the same digest.
#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>

#include "base/hash.h"
#include "base/prng.h"
#include "sim/oracle/account_oracle.h"
#include "sim/test_support.h"

namespace prom::sim_test {
namespace {

struct Outcome {
  std::uint64_t digest = 0;
  std::uint64_t fills_digest = 0;
  std::size_t fills = 0;
  std::size_t liquidations = 0;
};

OrderSpec random_order(Trader& trader, Xoshiro256pp& rng, const std::array<std::int64_t, 4>& prices) {
  const InstrumentIx ix{static_cast<std::uint16_t>(rng.below(4))};
  const Side side = rng.chance(1, 2) ? Side::buy : Side::sell;
  OrderSpec spec = trader.order(ix, side, rng.range(1, ix == kInverse ? 300 : 4000), static_cast<OrderType>(rng.below(6)));
  const std::int64_t price = prices[ix.v];
  const std::int64_t near = price + rng.range(-1500, 1500);
  if (spec.type == OrderType::limit || spec.type == OrderType::stop_limit) spec.limit = PriceUnits{near};
  if (spec.type != OrderType::limit && spec.type != OrderType::market) spec.trigger = PriceUnits{price + rng.range(-1500, 1500)};
  if (spec.type == OrderType::trailing_stop) spec.trailing_distance = PriceUnits{rng.range(1, 1500)};
  if (rng.chance(1, 6)) spec.effect = Effect::reduce_only;
  if (rng.chance(1, 4)) spec.oco_group = rng.below(5);
  spec.time_in_force = static_cast<TimeInForce>(rng.chance(1, 2) ? 0 : rng.below(4));
  return spec;
}

using Bars = std::map<std::pair<std::uint16_t, std::int64_t>, Bar>;

// Looks at everything that the venue said: trade ids dense, fills inside their bars and never more than ordered.
Outcome judge(const World& w, const SimVenueConfig& config, const Bars& bar_of, const std::vector<OrderSpec>& placed) {
  BlockHash hash;
  BlockHash fills_hash;
  Outcome outcome;
  std::uint64_t last_trade = 0;
  std::map<std::uint64_t, std::int64_t> filled;
  for (const Input& in : w.heard) {
    hash.update_words(static_cast<std::uint64_t>(in.available_at.ns), in.source_seq, in.body.index(), 0);
    const auto* body = std::get_if<VenueFilled>(&in.body);
    if (body == nullptr) continue;
    const Fill& f = body->fill;
    hash.update_words(f.trade.v, static_cast<std::uint64_t>(f.price.v), static_cast<std::uint64_t>(f.quantity.v), static_cast<std::uint64_t>(f.time.ns));
    fills_hash.update_words(f.trade.v, static_cast<std::uint64_t>(f.price.v), static_cast<std::uint64_t>(f.quantity.v), f.order.v);
    ++outcome.fills;
    if (f.source == FillSource::liquidation) ++outcome.liquidations;
    EXPECT_GT(f.trade.v, 0U);
    last_trade = std::max(last_trade, f.trade.v);
    filled[f.order.v] += f.quantity.v;
    EXPECT_GE(in.available_at, f.time + config.latency_to_engine);
    if (f.source == FillSource::liquidation) continue;  // others may be closed at their last known price
    const auto inside = bar_of.find({f.instrument.v, f.time.ns - f.time.ns % kBarLength.ns});
    if (inside == bar_of.end()) {
      ADD_FAILURE() << "a fill outside any bar";
      continue;
    }
    EXPECT_LE(f.price.v, inside->second.high.v);
    EXPECT_GE(f.price.v, inside->second.low.v);
  }
  EXPECT_EQ(last_trade, outcome.fills);  // dense, each once
  for (const OrderSpec& spec : placed) EXPECT_LE(filled[spec.id.v], std::max<std::int64_t>(spec.quantity.v, 2000));
  outcome.digest = hash.digest();
  outcome.fills_digest = fills_hash.digest();
  return outcome;
}

/// A venue with a file is thrown away and loaded again every `kRestart` bars.
constexpr int kRestart = 7;
enum class Latency : std::uint8_t { none, random };

Outcome trade(std::uint64_t seed, int bars, Latency latency = Latency::random, const std::string& file = {}) {
  Xoshiro256pp rng(seed);
  SimVenueConfig config;
  config.slippage = "0.0007"_dec;
  config.latency_to_venue = DurationNs{static_cast<std::int64_t>(rng.below(3)) * 7'000'000'000};
  config.latency_to_engine = DurationNs{static_cast<std::int64_t>(rng.below(3)) * 1'000'000'000};
  if (rng.chance(1, 2)) config.participation = "0.01"_dec;
  if (rng.chance(1, 2)) config.fee_asset = FeeAsset::received;
  if (latency == Latency::none) config.latency_to_venue = config.latency_to_engine = {};
  config.file = file;
  World w(config);
  const auto list = instruments();
  oracle::AccountOracle witness(list);
  for (const Money& money : {Money{kUsdt, "5000"_dec}, Money{kBtc, "0.5"_dec}}) {
    w.venue->transfer(kAccount, money, TimeNs{0});
    witness.transfer(kAccount, money);
  }
  for (const InstrumentIx ix : {kPerp, kInverse, kEthPerp})
    w.venue->set_leverage(RiskEngine::mint(LeverageSpec{kAccount, ix, "20"_dec, MarginMode::cross}), TimeNs{0});
  std::vector<OrderSpec> placed;
  Bars bar_of;
  std::array<std::int64_t, 4> price{100000, 100000, 100000, 100000};
  for (int n = 1; n <= bars; ++n) {
    for (std::uint64_t k = rng.below(4); k-- > 0;) placed.push_back(w.place(random_order(w.trader, rng, price), at_bar(n)));
    if (!placed.empty() && rng.chance(1, 3)) w.cancel(placed[rng.below(placed.size())], at_bar(n));
    if (!placed.empty() && rng.chance(1, 4)) {
      const OrderSpec& old = placed[rng.below(placed.size())];
      w.venue->amend(RiskEngine::mint(AmendSpec{old.id, old.client_id, old.instrument, {rng.range(1, 2000)}, {}, {}}), at_bar(n));
    }
    for (std::uint16_t i = 0; i < 4; ++i) {
      const std::int64_t open = std::max<std::int64_t>(price[i] + rng.range(-300, 300), 50000);
      const std::int64_t close = std::max<std::int64_t>(open + rng.range(-2500, 2500), 50000);
      const Bar b = bar(n, open, std::max(open, close) + rng.range(0, 400), std::min(open, close) - rng.range(0, 400), close, rng.range(0, 200'000));
      price[i] = close;
      bar_of[{i, b.open_time.ns}] = b;
      w.venue->on_bar_open(InstrumentIx{i}, b, kBarLength);
      if (rng.chance(1, 3)) placed.push_back(w.place(random_order(w.trader, rng, price), at_bar(n) + kSecond));
      w.venue->on_bar_range(InstrumentIx{i}, b, kBarLength);
      if (n % 40 == 0) w.venue->on_funding(InstrumentIx{i}, at_bar(n + 1), rng.chance(1, 2) ? std::optional("0.0004"_dec) : std::nullopt, {close});
    }
    w.listen(at_bar(n + 1));
    if (!file.empty() && n % kRestart == 0) {
      w.listen();
      w.venue.reset();
      auto again = SimVenue::create(config, list, assets());
      if (!again) {
        ADD_FAILURE() << again.error();
        return {};
      }
      w.venue = std::move(*again);
    }
  }
  w.listen();
  for (const Input& in : w.heard) {
    if (const auto* funded = std::get_if<VenueFunding>(&in.body)) witness.funding(*funded);
    if (const auto* filled = std::get_if<VenueFilled>(&in.body)) witness.fill(filled->fill);
  }
  const auto state = witness.state();
  for (const AssetIx asset : {kUsdt, kBtc, kEth}) EXPECT_EQ(w.balance(asset), state.balance(kAccount, asset)) << "seed " << seed;
  for (const auto& [key, held] : state.positions) EXPECT_EQ(w.position(InstrumentIx{std::get<1>(key)}), held.quantity) << "seed " << seed;
  return judge(w, config, bar_of, placed);
}

TEST(Conservation, RandomTradingAgreesWithTheOracleToTheLastDigit) {
  std::size_t fills = 0;
  std::size_t liquidations = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Outcome outcome = trade(seed, 400);
    fills += outcome.fills;
    liquidations += outcome.liquidations;
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
  EXPECT_GT(fills, 2000U);
  EXPECT_GT(liquidations, 5U);
}

TEST(Conservation, TheSameSeedGivesTheSameDigest) {
  EXPECT_EQ(trade(7, 300).digest, trade(7, 300).digest);
  EXPECT_NE(trade(7, 300).digest, trade(8, 300).digest);
}

TEST(Conservation, AVenueLoadedAgainAndAgainTradesAsIfItHadNeverStopped) {
  const auto folder = std::filesystem::temp_directory_path() / ("prom_sim_restart_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Outcome kept = trade(seed, 150, Latency::none);
    const Outcome restarted = trade(seed, 150, Latency::none, (folder / std::to_string(seed)).string());
    EXPECT_GT(kept.fills, 20U);
    EXPECT_EQ(kept.fills_digest, restarted.fills_digest) << "seed " << seed;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace prom::sim_test
