// A small world for the desk's tests: seeded hourly bars, a paper account, one pair. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agents/desk.h"
#include "base/prng.h"
#include "ports/column_market_view.h"

namespace prom::testing {

using namespace literals;

inline constexpr TimeNs kWorldStart{1'700'006'400'000'000'000};  // 2023-11-15T00:00:00Z

inline Instrument linear(std::uint16_t ix, std::string symbol) {
  Instrument x;
  x.ix = InstrumentIx(ix);
  x.venue = Venue::binance;
  x.payoff = Payoff::linear;
  x.symbol = x.venue_symbol = std::move(symbol);
  x.base = AssetIx(static_cast<std::uint16_t>(ix + 1));
  x.quote = x.settle = AssetIx(0);
  x.price_digits = 2;
  x.quantity_digits = 3;
  x.tick = {10};
  x.contract_value = kDecimalOne;
  x.min_notional = "5"_dec;
  x.fees = {"0.0002"_dec, "0.0005"_dec};
  x.funding_interval = kHour * 8;
  x.assumed_funding_rate = "0.0001"_dec;
  return x;
}

enum class Taker : std::uint8_t { absent, present };
/// `drift` and `noise` in millionths a bar. Whole units only, so that the same seed gives the same bars everywhere.
struct WalkSpec {
  std::uint64_t seed = 1;
  std::int64_t drift = 0, noise = 3000;
  std::size_t bars = 1500;
  std::int64_t first = 5'000'000;
  Taker taker = Taker::absent;
};
inline std::shared_ptr<BarColumns> walk(const WalkSpec& spec) {
  Xoshiro256pp random(spec.seed);
  auto c = std::make_shared<BarColumns>();
  c->price_digits = 2;
  c->quantity_digits = 3;
  c->interval = kHour;
  std::int64_t price = spec.first;
  for (std::size_t i = 0; i < spec.bars; ++i) {
    const std::int64_t open = price;
    price = std::max<std::int64_t>(1000, price + price * (spec.drift + random.range(-spec.noise, spec.noise)) / 1'000'000);
    const std::int64_t wick = price * spec.noise / 2'000'000;
    c->open_time_ns.push_back(kWorldStart.ns + static_cast<std::int64_t>(i) * kHour.ns);
    c->open.push_back(open);
    c->close.push_back(price);
    c->high.push_back(std::max(open, price) + random.range(0, wick));
    c->low.push_back(std::min(open, price) - random.range(0, wick));
    c->volume.push_back(random.range(50'000, 150'000));
    if (spec.taker == Taker::present) c->taker_buy_volume.push_back(c->volume.back() * (price > open ? 6 : 4) / 10);
  }
  c->make_floats();
  return c;
}

inline ColumnMarketView market_of(const std::vector<std::pair<Instrument, std::shared_ptr<BarColumns>>>& list) {
  std::vector<ColumnMarketSource> sources;
  for (const auto& [instrument, bars] : list) sources.push_back({instrument, bars, {}, "test walk"});
  auto view = ColumnMarketView::make(std::move(sources));
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

inline AccountView paper_account(Decimal equity) {
  AccountView view;
  view.account.label = "paper";
  view.account.reporting_asset = AssetIx(0);
  view.limits = limits_for(RiskLevel::moderate);
  view.balances = {{AssetIx(0), equity}};
  view.equity = equity;
  view.available = view.day_start_equity = view.peak_equity = equity;
  return view;
}

inline TradingPair pair_of(const Instrument& instrument, std::uint32_t ix = 0) {
  TradingPair pair;
  pair.ix = PairIx(ix);
  pair.instrument = instrument.ix;
  pair.decider = "agents";
  pair.leverage = kDecimalOne;
  return pair;
}

inline TimeNs after_bars(std::size_t n) { return kWorldStart + kHour * static_cast<std::int64_t>(n); }

/// One pair on one market with an account that the test may edit.
struct World {
  explicit World(const WalkSpec& spec, Instrument what = linear(0, "BTCUSDT"), Decimal equity = "100000"_dec)
      : instrument(what), market(market_of({{what, walk(spec)}})), account(paper_account(equity)), pair(pair_of(what)) {}

  DecisionRequest request(std::size_t bars, std::uint64_t id = 1) {
    account.as_of = {id, after_bars(bars)};
    DecisionRequest q;
    q.id = DecisionId(id);
    q.as_of = account.as_of;
    q.pair = pair.ix;
    q.trading_pair = &pair;
    q.market = &market;
    q.account = &account;
    q.history = history;
    q.memory = memory;
    return q;
  }

  Instrument instrument;
  ColumnMarketView market;
  AccountView account;
  TradingPair pair;
  TradeHistory history;
  const MemoryView* memory = nullptr;
};

template <class T>
const T* find_input(const DecisionOutcome& outcome) {
  for (const InputBody& body : outcome.inputs) {
    if (const T* found = std::get_if<T>(&body)) return found;
  }
  return nullptr;
}
inline const DecisionRecord& record_of(const DecisionOutcome& outcome) { return std::get<DecisionRecorded>(outcome.inputs.front()).record; }
inline const Verdict& verdict_of(const DecisionRecord& record, AgentRole role) { return record.verdicts[static_cast<std::size_t>(role)]; }

/// A long or short of `quantity` units, entered at `entry`, with a stop.
inline PositionView open_position(const World& world, std::int64_t quantity, PriceUnits entry, PriceUnits mark, PriceUnits stop) {
  PositionView view;
  view.position.instrument = world.instrument.ix;
  view.position.quantity = {quantity};
  const Decimal value = notional(world.instrument, entry, {quantity < 0 ? -quantity : quantity});
  view.position.cost = quantity < 0 ? -value : value;
  view.position.version = 7;
  view.mark = mark;
  view.stop = stop;
  view.coverage = CoverageState::covered;
  return view;
}

inline JournalEntry closed_trade(std::uint64_t id, TimeNs closed_at, Decimal net, std::string exit_reason = "stop_loss", Side side = Side::buy) {
  JournalEntry entry;
  entry.trade = RoundTripId(id);
  entry.side = side;
  entry.decider = "agents";
  entry.opened_at = closed_at - kHour * 5;
  entry.closed_at = closed_at;
  entry.quantity = {100};
  entry.entry_price = "50000"_dec;
  entry.exit_price = "49000"_dec;
  entry.net = net;
  entry.risked = "100"_dec;
  entry.exit_reason = std::move(exit_reason);
  return entry;
}

inline constexpr WalkSpec kUp{.seed = 3, .drift = 600, .noise = 3000};
inline constexpr WalkSpec kDown{.seed = 4, .drift = -500, .noise = 3000};

inline RuleDesk new_desk() { return RuleDesk(built_in_profiles()); }

/// The first decision of a kind while walking through a world, hour by hour.
template <class Wanted>
std::optional<DecisionOutcome> first_where(RuleDesk& desk, World& world, Wanted wanted, std::size_t from = 400, std::size_t to = 1500) {
  for (std::size_t bar = from; bar < to; ++bar) {
    DecisionOutcome outcome = desk.decide(world.request(bar, bar));
    if (wanted(outcome)) return outcome;
  }
  return std::nullopt;
}
inline bool opens(const DecisionOutcome& outcome) { return find_input<ProposalPosted>(outcome) != nullptr; }

}  // namespace prom::testing
