// Made-up states and proposals for tests of the review: spot, linear and inverse, one-way and hedge, several accounts a user, orders in flight, odd limits and
// switches, from ordinary sizes to the edge of the arithmetic. Everything follows from the seed. One thread.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/prng.h"
#include "engine/state/apply.h"
#include "engine/state/state.h"

namespace prom::review_states {

inline constexpr TimeNs kNow{1'746'316'800'000'000'000};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : rng(seed) {}

  Xoshiro256pp rng;

  bool one_in(std::uint64_t n) { return rng.below(n) == 0; }
  /// Every magnitude from 1 to 10^digits is as likely as any other.
  std::int64_t sized(int digits) {
    const std::int64_t top = detail::kPow10[rng.range(0, digits)];
    return rng.range(std::max<std::int64_t>(1, top / 10), top);
  }
  template <class T>
  T pick(std::initializer_list<T> of) {
    return of.begin()[rng.below(of.size())];
  }

  Instrument instrument(std::uint16_t ix, Payoff payoff) {
    Instrument out;
    out.ix = InstrumentIx{ix};
    out.payoff = payoff;
    out.symbol = "C" + std::to_string(ix);
    out.base = AssetIx{static_cast<std::uint16_t>(ix + 1)};
    out.quote = AssetIx{0};
    out.settle = payoff == Payoff::inverse ? out.base : out.quote;
    out.price_digits = static_cast<std::uint8_t>(one_in(12) ? rng.range(0, 9) : rng.range(0, 4));
    out.quantity_digits = static_cast<std::uint8_t>(one_in(12) ? rng.range(4, 8) : rng.range(0, 4));
    out.tick = {pick<std::int64_t>({1, 1, 5, 10, 25})};
    out.step = {pick<std::int64_t>({1, 1, 1, 10, 100})};
    out.min_quantity = {out.step.v * (one_in(4) ? rng.range(1, 5) : 1)};
    out.max_quantity = {out.step.v * sized(one_in(3) ? 6 : 11)};
    if (out.max_quantity < out.min_quantity) out.max_quantity = out.min_quantity;
    out.min_notional = one_in(3) ? Decimal{} : Decimal::from_units(sized(6), 2);
    out.contract_value = payoff == Payoff::spot ? kDecimalOne : pick<Decimal>({kDecimalOne, kDecimalOne, Decimal::from_units(1, 3), Decimal::from_int(100)});
    out.fees = {Decimal{},
                pick<Decimal>({Decimal::from_units(5, 4), Decimal::from_units(5, 4), Decimal{}, Decimal::from_units(-1, 4), Decimal::from_units(123'457, 9)})};
    if (payoff != Payoff::spot) {
      Decimal cap;
      for (std::int64_t t = rng.range(0, 3); t > 0; --t) {
        cap += Decimal::from_units(sized(12), 2);
        out.tiers.push_back(
            {cap, pick<Decimal>({Decimal::from_int(50), Decimal::from_int(10), Decimal::from_units(25, 1)}), Decimal::from_units(rng.range(0, 40), 3)});
      }
    }
    out.group = one_in(20) ? std::uint16_t{65'535} : static_cast<std::uint16_t>(rng.range(0, one_in(3) ? 20 : 4));
    return out;
  }

  /// Of moderate size most of the time, so that proposals pass; each limit is at times what decides.
  RiskLimits limits() {
    RiskLimits out = limits_for(pick<RiskLevel>({RiskLevel::conservative, RiskLevel::moderate, RiskLevel::aggressive}));
    out.max_positions = static_cast<std::uint32_t>(one_in(4) ? rng.range(0, 8) : rng.range(20, 300));
    out.max_leverage = Decimal::from_int(one_in(4) ? rng.range(1, 5) : 60);
    if (!one_in(4)) out.risk_per_trade = Decimal::from_int(10);
    for (Decimal* fraction : {&out.max_position, &out.max_instrument_exposure, &out.max_group_exposure, &out.max_total_exposure}) {
      if (one_in(2)) *fraction = Decimal::from_int(50);
      if (one_in(40)) *fraction = Decimal::from_mantissa(rng.range(0, INT64_MAX));
      if (one_in(60)) *fraction = Decimal::from_mantissa(wide::I128{rng.range(0, INT64_MAX)} * 1'000);
      if (one_in(60)) *fraction = Decimal::from_mantissa(-sized(13));
    }
    if (one_in(20)) out.price_collar = Decimal::from_mantissa(sized(15) - 1);
    if (one_in(10)) out.min_liquidation_distance = Decimal::from_mantissa(sized(12) - 1);
    out.max_data_age = one_in(10) ? DurationNs{sized(18)} : kMinute;
    if (one_in(8)) out.mandatory_stop = Switch::off;
    if (one_in(4)) out.circuit_breaker = Switch::off;
    return out;
  }

  void add_user(EngineState& state) {
    UserState user;
    user.user.ix = UserIx{static_cast<std::uint32_t>(state.users.size())};
    user.user.limits = limits();
    if (one_in(40)) user.kill_phase = pick<KillPhase>({KillPhase::cancelling, KillPhase::flattening, KillPhase::flat});
    if (one_in(40)) user.trading_state = pick<TradingState>({TradingState::halted, TradingState::reducing});
    for (std::int64_t b = one_in(12) ? rng.range(1, 3) : 0; b > 0; --b) {
      BreakerTripped breaker;
      breaker.kind = static_cast<BreakerKind>(rng.range(0, 5));
      breaker.limit = Decimal::from_mantissa(sized(15));
      breaker.actual = Decimal::from_mantissa(sized(15));
      user.breakers.push_back(breaker);
    }
    state.users.push_back(std::move(user));
  }

  void add_account(EngineState& state, UserIx user) {
    AccountState account;
    account.account.ix = AccountIx{static_cast<std::uint32_t>(state.accounts.size())};
    account.account.user = user;
    account.account.position_mode = one_in(3) ? PositionMode::hedge : PositionMode::one_way;
    if (one_in(15)) account.account.reporting_asset = AssetIx{static_cast<std::uint16_t>(rng.range(0, 2))};
    account.balances.push_back(
        {AssetIx{0}, one_in(30) ? Decimal::from_units(-sized(8), 2) : Decimal::from_units(sized(5) * 100'000 + rng.range(0, 99'999), 5)});
    if (one_in(8)) account.balances[0].amount = Decimal::from_mantissa(wide::I128{sized(18)} * sized(7));
    for (std::int64_t b = one_in(5) ? rng.range(1, 2) : 0; b > 0; --b)
      account.balances.push_back(
          {AssetIx{static_cast<std::uint16_t>(rng.range(1, static_cast<std::int64_t>(state.assets.size()) - 1))}, Decimal::from_mantissa(sized(16))});
    if (one_in(30)) account.balances.clear();
    account.order_times.assign(static_cast<std::size_t>(rng.range(1, 4)), TimeNs{INT64_MIN / 2});
    if (one_in(15)) account.order_times[0] = kNow - DurationNs{sized(12)};
    if (one_in(50)) account.reconcile_attempts = 2;
    state.users[user.v].accounts.push_back(account.account.ix);
    state.accounts.push_back(std::move(account));
  }

  /// An amount of the instrument that is worth a share of what the account has.
  std::int64_t quantity(const EngineState& state, const AccountState& account, std::uint16_t ix) {
    const Instrument& instrument = state.instruments[ix];
    const wide::I128 one = std::max<wide::I128>(1, notional_in_quote(instrument, {std::max<std::int64_t>(1, state.market[ix].last.v)}, {1}).mantissa());
    const wide::I128 cash = account.balances.empty() ? wide::I128{1'000'000'000'000} : account.balances[0].amount.abs().mantissa();
    const wide::I128 share = cash / pick<std::int64_t>({1, 5, 20, 100, 1'000}) / one;
    const auto most = static_cast<std::int64_t>(std::clamp<wide::I128>(share, 1, instrument.max_quantity.v));
    return std::max<std::int64_t>(1, rng.range(1, most) / instrument.step.v) * instrument.step.v;
  }

  void add_holding(EngineState& state, AccountIx account, std::uint16_t ix, PositionLeg leg) {
    const std::int64_t size = quantity(state, state.accounts[account.v], ix);
    Holding& holding = holding_for(state, account, InstrumentIx{ix}, leg);
    const bool is_short = leg == PositionLeg::short_leg || (leg == PositionLeg::net && state.instruments[ix].payoff != Payoff::spot && one_in(3));
    if (!one_in(4)) holding.position.quantity = {is_short ? -size : size};
    if (one_in(5)) holding.pending_buy = {quantity(state, state.accounts[account.v], ix)};
    if (one_in(5)) holding.pending_sell = {quantity(state, state.accounts[account.v], ix)};
    const Decimal value = state.math[ix].value_decimal({std::max<std::int64_t>(1, state.market[ix].last.v)}, holding.position.quantity);
    holding.position.cost = value - Decimal::from_mantissa(value.mantissa() / 100 * rng.range(-20, 20));
    holding.position.version = rng.below(2);
    if (one_in(20)) holding.quarantined = Switch::on;
    if (one_in(20)) holding.coverage.state = pick<CoverageState>({CoverageState::failed, CoverageState::emergency, CoverageState::placing});
    const std::int64_t behind = rng.range(0, std::max<std::int64_t>(1, state.market[ix].last.v / 40));
    if (one_in(2)) holding.coverage.stop = PriceUnits{std::max<std::int64_t>(1, state.market[ix].last.v + (is_short ? behind : -behind))};
    if (one_in(2)) {
      holding.plan.emplace();
      for (const PairRecord& record : state.pairs)
        if (record.pair.account == account && record.pair.instrument.v == ix) holding.plan->pair = record.pair.ix;
      if (one_in(3)) holding.plan->stop = PriceUnits{std::max<std::int64_t>(1, state.market[ix].last.v + (is_short ? 2 * behind : -2 * behind))};
    }
  }

  void add_pair(EngineState& state, AccountIx account, std::uint16_t ix, PositionLeg leg) {
    PairRecord record;
    record.pair.ix = PairIx{static_cast<std::uint32_t>(state.pairs.size())};
    record.pair.account = account;
    record.pair.instrument = InstrumentIx{ix};
    record.pair.leg = leg;
    record.pair.leverage = state.instruments[ix].payoff == Payoff::spot && !one_in(10)
                               ? kDecimalOne
                               : pick<Decimal>({kDecimalOne, Decimal::from_int(2), Decimal::from_int(3), Decimal::from_units(15, 1), Decimal::from_int(7)});
    if (one_in(6)) record.pair.budget = Decimal::from_units(sized(9), 2);
    if (one_in(40)) record.pair.state = PairState::paused;
    if (one_in(15)) record.decider_status = pick<DeciderStatus>({DeciderStatus::probation, DeciderStatus::disabled});
    if (one_in(20)) record.last_decision = DecisionId{1};
    state.pairs.push_back(std::move(record));
  }

  EngineState state() {
    EngineState out;
    out.now = kNow;
    if (one_in(60)) out.ledger_reachable = Switch::off;
    const auto kind = rng.below(5);
    const std::int64_t instruments = one_in(40) ? rng.range(60, 80) : rng.range(2, 9);
    out.assets.resize(static_cast<std::size_t>(instruments) + 1);
    for (std::int64_t i = 0; i < instruments; ++i) {
      const Payoff mixed = pick<Payoff>({Payoff::linear, Payoff::linear, Payoff::spot, Payoff::inverse});
      out.instruments.push_back(instrument(static_cast<std::uint16_t>(i), kind == 0 ? Payoff::spot : kind == 1 ? mixed : Payoff::linear));
      out.math.push_back(InstrumentMath::of(out.instruments.back()));
      MarketState market;
      market.last = {std::max<std::int64_t>(1, sized(one_in(10) ? 9 : 6) / out.instruments.back().tick.v) * out.instruments.back().tick.v};
      market.updated_at = kNow - DurationNs{one_in(40) ? sized(13) : sized(10)};
      market.known = one_in(300) ? Known::no : Known::yes;
      if (market.known == Known::no && one_in(2)) market.last = {};
      out.market.push_back(market);
    }
    for (std::int64_t i = 0; i < instruments; ++i)  // what a coin is worth, so that accounts that hold it have an equity
      if (!one_in(20)) {
        out.conversions.push_back({AssetIx{static_cast<std::uint16_t>(i + 1)}, AssetIx{0}, Decimal::from_mantissa(sized(16))});
        out.conversion_times.push_back(kNow - DurationNs{one_in(40) ? sized(13) : sized(10)});
      }
    out.holders.resize(out.instruments.size());
    for (std::int64_t u = rng.range(1, 2); u > 0; --u) add_user(out);
    for (std::uint32_t u = 0; u < out.users.size(); ++u)
      for (std::int64_t a = one_in(3) ? rng.range(2, 3) : 1; a > 0; --a) add_account(out, UserIx{u});
    const bool crowded = one_in(2);
    for (std::uint32_t a = 0; a < out.accounts.size(); ++a) {
      const bool hedge = out.accounts[a].account.position_mode == PositionMode::hedge;
      for (std::uint16_t i = 0; i < out.instruments.size(); ++i) {
        add_pair(out, AccountIx{a}, i, PositionLeg::net);
        const std::int64_t legs = !crowded && one_in(2) ? 0 : hedge ? rng.range(1, 2) : 1;
        for (std::int64_t l = 0; l < legs; ++l)
          add_holding(out, AccountIx{a}, i, !hedge ? PositionLeg::net : l == 0 ? PositionLeg::long_leg : PositionLeg::short_leg);
      }
    }
    rebuild_derived(out);
    return out;
  }

  PriceUnits near(const Instrument& instrument, std::int64_t price, std::int64_t thousandths) {
    const std::int64_t moved = price + static_cast<std::int64_t>(wide::I128{price} * thousandths / 1'000);
    return {std::max<std::int64_t>(1, moved / instrument.tick.v) * instrument.tick.v + (one_in(60) ? rng.range(-1, 1) : 0)};
  }

  /// A proposal that would mostly pass, with now and then something wrong.
  TradeProposal proposal(const EngineState& state) {
    TradeProposal p;
    const PairRecord& record = state.pairs[rng.below(state.pairs.size())];
    p.pair = record.pair.ix;
    p.account = record.pair.account;
    p.instrument = record.pair.instrument;
    const AccountState& account = state.accounts[p.account.v];
    const Instrument& instrument = state.instruments[p.instrument.v];
    const std::int64_t last = std::max<std::int64_t>(1, state.market[p.instrument.v].last.v);
    p.side = instrument.payoff == Payoff::spot ? (one_in(40) ? Side::sell : Side::buy) : pick<Side>({Side::buy, Side::sell});
    if (account.account.position_mode == PositionMode::hedge) p.leg = (p.side == Side::buy) != one_in(40) ? PositionLeg::long_leg : PositionLeg::short_leg;
    const Holding* holding = state.find_holding(p.account, p.instrument, p.leg);
    const std::int64_t held = holding != nullptr ? holding->position.quantity.v : 0;
    if (held != 0 && !one_in(30)) p.side = held > 0 ? Side::buy : Side::sell;
    p.intent = one_in(8) ? pick<Intent>({Intent::reduce, Intent::close}) : held != 0 || one_in(30) ? pick<Intent>({Intent::open, Intent::add}) : Intent::open;
    if ((p.intent == Intent::reduce || p.intent == Intent::close) && !one_in(10)) p.side = opposite(p.side);
    p.position_version = (holding != nullptr ? holding->position.version : 0) + (one_in(60) ? 1 : 0);
    p.decision = DecisionId{rng.below(3)};
    p.as_of.time = kNow - DurationNs{one_in(60) ? -1 : 1};
    p.expires_at = kNow + DurationNs{one_in(60) ? 0 : 1};
    p.quantity = {quantity(state, account, p.instrument.v) + (one_in(40) ? rng.range(-1, 1) : 0)};
    const std::int64_t sign = p.side == Side::buy ? 1 : -1;
    if (one_in(2)) p.limit = near(instrument, last, rng.range(-60, 60));
    if (p.limit && one_in(4))
      for (std::int64_t r = one_in(30) ? 33 : rng.range(1, 3); r > 0; --r) p.ladder.push_back(near(instrument, last, rng.range(-50, 50)));
    if (!one_in(8)) std::sort(p.ladder.begin(), p.ladder.end(), [sign](PriceUnits a, PriceUnits b) { return sign * a.v > sign * b.v; });
    if (!p.ladder.empty() && !one_in(4)) p.limit = PriceUnits{p.ladder.front().v + sign * instrument.tick.v};
    if (!p.ladder.empty() && !one_in(10)) p.quantity.v *= static_cast<std::int64_t>(p.ladder.size()) + 1;
    if (!one_in(12)) p.stop = near(instrument, last, one_in(20) ? rng.range(-900, 4'000) : -sign * rng.range(61, 200));
    if (one_in(6)) p.trailing_distance = near(instrument, last, rng.range(-900, -800));
    if (one_in(4))
      for (std::int64_t t = one_in(30) ? 9 : rng.range(1, 3); t > 0; --t)
        p.targets.push_back({near(instrument, last, sign * rng.range(one_in(20) ? -61 : 61, 200)),
                             Decimal::from_units(one_in(30) ? rng.range(-10, 1'100) : rng.range(50, 330), 3)});
    spoil(state, p);
    return p;
  }

 private:
  void spoil(const EngineState& state, TradeProposal& p) {
    if (!one_in(60)) return;
    switch (rng.below(6)) {
      case 0: p.account.v = static_cast<std::uint32_t>(rng.below(state.accounts.size() + 2)); break;
      case 1: p.instrument.v = static_cast<std::uint16_t>(rng.below(state.instruments.size() + 2)); break;
      case 2: p.pair.v = static_cast<std::uint32_t>(rng.below(state.pairs.size() + 2)); break;
      case 3: p.quantity.v = pick<std::int64_t>({-1, 0, 1, INT64_MAX, INT64_MIN}); break;
      case 4: p.intent = static_cast<Intent>(9); break;
      default: p.stop = pick<std::optional<PriceUnits>>({PriceUnits{0}, PriceUnits{-1}, PriceUnits{INT64_MAX}, PriceUnits{INT64_MIN}, std::nullopt}); break;
    }
  }
};

}  // namespace prom::review_states
