// A small house for scenario tests: one user, one paper account, a few instruments, and the engine stepped by hand or against the simulated venue. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/risk/equity.h"
#include "engine/state/snapshot.h"
#include "ports/execution.h"
#include "research/simulation/test_data.h"
#include "runtime/shard/shard.h"
#include "sim/sim_venue.h"

namespace prom::scenario {

inline constexpr TimeNs kStart{1'746'316'800'000'000'000};

/// Swallows what the engine sends, and keeps it: the test itself plays the venue.
class SilentVenue final : public ExecutionPort {
 public:
  void place(const Approved<OrderSpec>& order, TimeNs) override { placed.push_back(order.value()); }
  void amend(const Approved<AmendSpec>& amend, TimeNs) override { amended.push_back(amend.value()); }
  void cancel(const Approved<CancelSpec>& cancel, TimeNs) override { cancelled.push_back(cancel.value()); }
  void set_leverage(const Approved<LeverageSpec>& leverage, TimeNs) override { leverages.push_back(leverage.value()); }
  void query(const QueryOrder& query, TimeNs) override { queried.push_back(query.order); }
  void query_snapshot(const QuerySnapshot&, TimeNs) override { ++snapshots; }

  std::vector<OrderSpec> placed;
  std::vector<AmendSpec> amended;
  std::vector<CancelSpec> cancelled;
  std::vector<LeverageSpec> leverages;
  std::vector<OrderId> queried;
  int snapshots = 0;
};

/// Registers assets, `instruments` perpetuals (or one spot market), a moderate user with 100,000 USDT, and one pair an instrument.
class House {
 public:
  explicit House(std::size_t instruments = 1, Payoff payoff = Payoff::linear) : shard(EngineOptions{}, venue, nullptr) {
    shard.set_observer([this](const Frame& frame) { events.insert(events.end(), frame.events.begin(), frame.events.end()); });
    shard.set_alert_sink([this](const Alert& alert, TimeNs) { alerts.push_back(alert); });
    take(AssetRegistered{AssetIx{0}, "USDT"});
    for (std::size_t i = 0; i < instruments; ++i) take(AssetRegistered{AssetIx{static_cast<std::uint16_t>(i + 1)}, "COIN" + std::to_string(i)});
    for (std::size_t i = 0; i < instruments; ++i) {
      Instrument instrument = test_data::perpetual(i);
      instrument.payoff = payoff;
      if (payoff == Payoff::spot) {
        instrument.tiers.clear();
        instrument.funding_interval = DurationNs{};
      }
      take(InstrumentRegistered{instrument});
    }
    User user;
    user.limits = limits_for(RiskLevel::moderate);
    take(UserRegistered{user});
    Account account;
    take(AccountRegistered{account});
    for (std::size_t i = 0; i < instruments; ++i) {
      TradingPair pair;
      pair.ix = PairIx{static_cast<std::uint32_t>(i)};
      pair.instrument = InstrumentIx{static_cast<std::uint16_t>(i)};
      pair.decider = "agents";
      pair.leverage = payoff == Payoff::spot ? kDecimalOne : Decimal::from_int(2);
      take(PairRegistered{pair});
    }
    take(TransferBooked{AccountIx{0}, Money{AssetIx{0}, Decimal::from_int(100'000)}});
    take(EpochStarted{1});
    for (std::size_t i = 0; i < instruments; ++i) price(10'000, i);
  }

  void take(InputBody body) { EXPECT_TRUE(shard.take(Input{now, ++sequence, std::move(body)}).has_value()); }
  void wait(DurationNs time) {
    now = now + time;
    take(TimePassed{});
  }
  /// A bar closed at this price (units of 0.01) a minute later.
  void price(std::int64_t close, std::size_t instrument = 0) { bar(close, close, close, instrument); }
  void bar(std::int64_t high, std::int64_t low, std::int64_t close, std::size_t instrument = 0) {
    now = now + kMinute;
    take(BarClosed{InstrumentIx{static_cast<std::uint16_t>(instrument)}, kMinute, Bar{now - kMinute, {close}, {high}, {low}, {close}, {1}}});
  }
  /// A proposal that passes every check at price 100.00: one coin, stop at 98.00.
  TradeProposal opening(std::int64_t quantity = 1'000, std::int64_t stop = 9'800, std::size_t instrument = 0) const {
    TradeProposal proposal;
    proposal.as_of = {state().seq, now};
    proposal.expires_at = now + kMinute;
    proposal.pair = PairIx{static_cast<std::uint32_t>(instrument)};
    proposal.instrument = InstrumentIx{static_cast<std::uint16_t>(instrument)};
    proposal.side = Side::buy;
    proposal.quantity = {quantity};
    proposal.stop = PriceUnits{stop};
    if (const Holding* h = holding(instrument)) proposal.position_version = h->position.version;
    return proposal;
  }
  TradeProposal closing(std::size_t instrument = 0) const {
    TradeProposal proposal = opening(0, 1, instrument);
    proposal.intent = Intent::close;
    proposal.stop.reset();
    const Holding* h = holding(instrument);
    proposal.side = h != nullptr && h->position.quantity.v < 0 ? Side::buy : Side::sell;
    return proposal;
  }
  Fill fill(OrderId order, std::int64_t quantity, std::int64_t at) {
    const Order* known = state().find_order(order);
    Fill f;
    f.trade = VenueTradeId{++trades};
    f.order = order;
    f.instrument = known != nullptr ? known->spec.instrument : InstrumentIx{0};
    f.side = known != nullptr ? known->spec.side : Side::buy;
    f.quantity = {quantity};
    f.price = {at};
    f.fee = {AssetIx{0}, mul(notional(state().instruments[0], f.price, f.quantity), Decimal::from_units(5, 4), Round::up)};
    f.time = now;
    return f;
  }
  /// Posts a proposal and fills its entry wholly at `at`.
  OrderId open(std::int64_t quantity = 1'000, std::int64_t at = 10'000, std::size_t instrument = 0) {
    take(ProposalPosted{opening(quantity, at * 98 / 100, instrument)});
    const OrderId entry = venue.placed.back().id;
    take(VenueAccepted{entry});
    take(VenueFilled{fill(entry, quantity, at)});
    return entry;
  }

  const EngineState& state() const { return shard.state(); }
  const Holding* holding(std::size_t instrument = 0) const {
    return state().find_holding(AccountIx{0}, InstrumentIx{static_cast<std::uint16_t>(instrument)}, PositionLeg::net);
  }
  const UserState& user() const { return state().users[0]; }
  std::optional<Denial> last_denial() const {
    for (auto it = events.rbegin(); it != events.rend(); ++it)
      if (const auto* denied = std::get_if<ProposalDenied>(&*it)) return denied->denial;
    return std::nullopt;
  }
  template <class E>
  std::size_t count() const {
    std::size_t n = 0;
    for (const Event& event : events) n += std::holds_alternative<E>(event) ? 1U : 0U;
    return n;
  }

  SilentVenue venue;
  Shard shard;
  std::vector<Event> events;
  std::vector<Alert> alerts;
  TimeNs now = kStart;
  std::uint64_t sequence = 0;
  std::uint64_t trades = 0;
};

}  // namespace prom::scenario
