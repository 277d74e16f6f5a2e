// What the tests of the simulated venue share: a minting double of the risk engine, a small world of instruments, and short ways to trade. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/sim_venue.h"

namespace prom {

/// Stands in for the engine's: Approved<T> befriends the name, so a test can mint what it needs.
class RiskEngine {
 public:
  template <class T>
  static Approved<T> mint(T value, TimeNs expires_at = TimeNs{INT64_MAX}) {
    return Approved<T>(std::move(value), expires_at, 0);
  }
};

}  // namespace prom

namespace prom::sim_test {

using namespace prom::literals;

inline constexpr AssetIx kUsdt{0}, kBtc{1}, kEth{2};
inline constexpr InstrumentIx kSpot{0}, kPerp{1}, kInverse{2}, kEthPerp{3};
inline constexpr AccountIx kAccount{0};
inline constexpr DurationNs kBarLength{60'000'000'000};

inline std::vector<std::string> assets() { return {"USDT", "BTC", "ETH"}; }

/// Price unit 0.1, quantity unit 0.001 (inverse: one contract of 100 quote). Maker 0.02 %, taker 0.05 %.
inline Instrument make(InstrumentIx ix, Payoff payoff) {
  Instrument inst;
  inst.ix = ix;
  inst.payoff = payoff;
  inst.symbol = payoff == Payoff::inverse ? "BTCUSD" : "BTCUSDT";
  inst.venue_symbol = inst.symbol;
  inst.base = kBtc;
  inst.quote = kUsdt;
  inst.settle = payoff == Payoff::inverse ? kBtc : kUsdt;
  inst.price_digits = 1;
  inst.quantity_digits = payoff == Payoff::inverse ? 0 : 3;
  inst.quantity_kind = payoff == Payoff::inverse ? QuantityKind::contracts : QuantityKind::base;
  inst.max_quantity = {1'000'000'000};
  inst.min_notional = "5"_dec;
  inst.contract_value = payoff == Payoff::inverse ? "100"_dec : "1"_dec;
  inst.fees = {"0.0002"_dec, "0.0005"_dec};
  if (payoff != Payoff::spot) {
    inst.tiers = {{"100000"_dec, "20"_dec, "0.01"_dec}, {"1000000"_dec, "10"_dec, "0.025"_dec}};
    inst.funding_interval = DurationNs{8 * 3600 * 1'000'000'000LL};
    inst.assumed_funding_rate = "0.0001"_dec;
  }
  return inst;
}

inline std::vector<Instrument> instruments() {
  std::vector<Instrument> all{make(kSpot, Payoff::spot), make(kPerp, Payoff::linear), make(kInverse, Payoff::inverse), make(kEthPerp, Payoff::linear)};
  all[3].symbol = all[3].venue_symbol = "ETHUSDT";
  all[3].base = kEth;
  return all;
}

inline TimeNs at_bar(std::int64_t n) { return TimeNs{n * kBarLength.ns}; }
inline Bar bar(std::int64_t n, std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close, std::int64_t volume = 1'000'000) {
  return {at_bar(n), {open}, {high}, {low}, {close}, {volume}};
}

/// An order of the account with the next free id.
struct Trader {
  std::uint64_t next = 1;
  AccountIx account = kAccount;
  OrderSpec order(InstrumentIx ix, Side side, std::int64_t quantity, OrderType type = OrderType::market) {
    OrderSpec spec;
    spec.id = OrderId{next};
    spec.client_id = {account, 1, OrderId{next++}};
    spec.account = account;
    spec.instrument = ix;
    spec.side = side;
    spec.type = type;
    spec.quantity = {quantity};
    return spec;
  }
  OrderSpec limit(InstrumentIx ix, Side side, std::int64_t quantity, std::int64_t price) {
    OrderSpec spec = order(ix, side, quantity, OrderType::limit);
    spec.limit = PriceUnits{price};
    return spec;
  }
  OrderSpec exit(InstrumentIx ix, Side side, std::int64_t quantity, OrderType type, std::int64_t price) {
    OrderSpec spec = order(ix, side, quantity, type);
    spec.effect = Effect::reduce_only;
    (type == OrderType::limit ? spec.limit : spec.trigger) = PriceUnits{price};
    return spec;
  }
};

/// A venue with its replies taken off as they come.
struct World {
  std::unique_ptr<SimVenue> venue;
  Trader trader;
  std::vector<Input> heard;

  explicit World(SimVenueConfig config = {}) {
    auto made = SimVenue::create(config, instruments(), assets());
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error());
    venue = std::move(*made);
  }
  static World funded(SimVenueConfig config = {}) {
    World world(std::move(config));
    world.venue->transfer(kAccount, {kUsdt, "100000"_dec}, TimeNs{0});
    world.venue->transfer(kAccount, {kBtc, "10"_dec}, TimeNs{0});
    return world;
  }
  OrderSpec place(OrderSpec spec, TimeNs now) {
    venue->place(RiskEngine::mint(spec), now);
    return spec;
  }
  void cancel(const OrderSpec& spec, TimeNs now) { venue->cancel(RiskEngine::mint(CancelSpec{spec.id, spec.client_id, spec.instrument}), now); }
  void play(InstrumentIx ix, const Bar& b) {
    venue->on_bar_open(ix, b, kBarLength);
    venue->on_bar_range(ix, b, kBarLength);
  }
  /// Everything said until now, added to `heard`.
  void listen(TimeNs until = TimeNs{INT64_MAX - 1}) {
    Input in;
    while (venue->poll(until, in)) heard.push_back(in);
  }
  template <class T>
  std::vector<T> all() {
    listen();
    std::vector<T> out;
    for (const Input& in : heard) {
      if (const T* body = std::get_if<T>(&in.body)) out.push_back(*body);
    }
    return out;
  }
  std::vector<Fill> fills() {
    std::vector<Fill> out;
    for (const VenueFilled& filled : all<VenueFilled>()) out.push_back(filled.fill);
    return out;
  }
  std::int64_t position(InstrumentIx ix) const {
    for (const SimPosition& p : venue->positions(kAccount)) {
      if (p.instrument == ix) return p.quantity.v;
    }
    return 0;
  }
  Decimal balance(AssetIx asset) const {
    for (const Money& money : venue->balances(kAccount)) {
      if (money.asset == asset) return money.amount;
    }
    return {};
  }
};

}  // namespace prom::sim_test
