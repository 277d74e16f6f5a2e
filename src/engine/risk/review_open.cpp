// Opening and adding, check by check. Each check compares whole numbers (mantissas at 1e-12, cross-multiplied where the plain form divides) and works out the
// numbers of a denial only where it denies, so that a review that passes stays within tens of nanoseconds. What it reads of an account, a user and a pair
// is packed (state/risk_book.h). review_test.cpp holds every answer against the plain form. Engine thread.
#include "engine/risk/risk_engine.h"

#include <algorithm>

#include "engine/risk/review_amounts.h"
#include "engine/risk/review_close.h"
#include "engine/risk/review_money.h"

namespace prom {
namespace {

using namespace opening;

/// Bounds of one proposal: more rungs or targets than this are refused as malformed.
constexpr std::size_t kMaxLadder = 32, kMaxTargets = 8;

wide::I128 seconds(DurationNs d) { return Decimal::from_units(d.ns / 1'000'000, 3).mantissa(); }

/// Kill switch, trading state, breakers.
[[gnu::cold, gnu::noinline]] Outcome check_user(Denial& denial, const UserState& user) {
  if (user.kill_phase != KillPhase::released) return plain(denial, DenialCode::kill_switch_engaged);
  if (user.trading_state == TradingState::halted) return plain(denial, DenialCode::trading_halted);
  if (user.trading_state == TradingState::reducing) return plain(denial, DenialCode::trading_reducing);
  for (const BreakerTripped& breaker : user.breakers) {
    if (breaker.kind == BreakerKind::errors) [[unlikely]]
      return numbers(denial, DenialCode::error_breaker_open, breaker.limit.mantissa(), breaker.actual.mantissa());
    if (breaker.kind == BreakerKind::data_feed) [[unlikely]]
      return numbers(denial, DenialCode::data_breaker_open, breaker.limit.mantissa(), breaker.actual.mantissa());
    if (user.user.limits.circuit_breaker == Switch::on) [[unlikely]]
      return numbers(denial, DenialCode::circuit_breaker_open, breaker.limit.mantissa(), breaker.actual.mantissa());
  }
  return Outcome::pass;
}

template <Kind kind>
[[gnu::always_inline]] inline Outcome check_standing(const Case& c) {
  const TradeProposal& p = c.proposal;
  if constexpr (kind == Kind::any) {
    const bool readable = p.ladder.size() <= kMaxLadder && p.targets.size() <= kMaxTargets && waits_in_order(p);
    if (!readable) return plain(c.denial, DenialCode::malformed);
  }
  if (p.decision.v != 0 && c.pair.last_decision == p.decision && c.pair.last_intent == p.intent) [[unlikely]]
    return plain(c.denial, DenialCode::duplicate);
  if (p.expires_at <= c.state.now) [[unlikely]]
    return plain(c.denial, DenialCode::expired);
  const std::uint64_t version = c.holding != nullptr ? c.holding->position.version : 0;
  if (p.as_of.time > c.state.now || p.position_version != version) [[unlikely]]
    return plain(c.denial, DenialCode::stale_basis);
  if (!c.book.clear) [[unlikely]]
    if (check_user(c.denial, user_of(c)) == Outcome::deny) return Outcome::deny;
  if (c.book.reconcile_attempts > 0) [[unlikely]]
    return plain(c.denial, DenialCode::reconciling);
  if (c.holding != nullptr && c.holding->quarantined == Switch::on) [[unlikely]]
    return plain(c.denial, DenialCode::instrument_quarantined);
  if (c.pair.gate.state == PairState::paused) [[unlikely]]
    return plain(c.denial, DenialCode::pair_paused);
  if (c.pair.decider_status == DeciderStatus::disabled) [[unlikely]]
    return plain(c.denial, DenialCode::strategy_disabled);
  if (c.state.ledger_reachable == Switch::off) [[unlikely]]
    return plain(c.denial, DenialCode::ledger_away);
  return Outcome::pass;
}

[[gnu::always_inline]] inline Outcome check_data(const Case& c) {
  if (c.market.known == Known::no || c.market.last.v <= 0) [[unlikely]]
    return plain(c.denial, DenialCode::price_unknown);
  const DurationNs age = c.state.now - c.market.updated_at;
  const DurationNs oldest{c.book.max_data_age};
  if (age > oldest) [[unlikely]]
    return numbers(c.denial, DenialCode::market_data_stale, seconds(oldest), seconds(age));
  if (c.exposure.known == Known::no) [[unlikely]]
    return plain(c.denial, DenialCode::equity_unknown);
  if (c.holding != nullptr && (c.holding->coverage.state == CoverageState::failed || c.holding->coverage.state == CoverageState::emergency)) [[unlikely]]
    return plain(c.denial, DenialCode::protection_unavailable);
  return Outcome::pass;
}

[[gnu::always_inline]] inline Outcome check_direction(const Case& c) {
  const TradeProposal& p = c.proposal;
  if (c.instrument.payoff == Payoff::spot && p.side == Side::sell) [[unlikely]]
    return plain(c.denial, DenialCode::wrong_side);
  if (c.book.hedge != (p.leg != PositionLeg::net)) [[unlikely]]
    return plain(c.denial, DenialCode::wrong_side);
  if ((p.leg == PositionLeg::long_leg && p.side != Side::buy) || (p.leg == PositionLeg::short_leg && p.side != Side::sell)) [[unlikely]]
    return plain(c.denial, DenialCode::wrong_side);
  const std::int64_t held = c.holding != nullptr ? c.holding->position.quantity.v : 0;
  if (held != 0 && (held > 0) != (p.side == Side::buy)) [[unlikely]]
    return plain(c.denial, DenialCode::wrong_side);
  if (p.intent == Intent::add && held == 0) [[unlikely]]
    return plain(c.denial, DenialCode::position_unknown);
  // A position gets the stop of the last plan. What waits was reckoned at the stop of its own, so there is one plan until something is held.
  if (held == 0 && c.holding != nullptr && (c.holding->pending_buy.v | c.holding->pending_sell.v) != 0) [[unlikely]]
    return plain(c.denial, DenialCode::entries_waiting);
  return Outcome::pass;
}

[[gnu::always_inline]] inline bool is_on_tick(const Case& c, PriceUnits price) { return price.v > 0 && c.gate.ticks.contain(price.v); }

[[gnu::always_inline]] inline Outcome off_tick(const Case& c, PriceUnits price) {
  return prices(c.denial, DenialCode::price_off_tick, c.instrument, c.instrument.tick, price);
}

/// One stop protects all of it and one order closes it: together with what is held and waits it must fit into one.
[[gnu::always_inline]] inline Outcome check_whole(const Case& c) {
  wide::I128 whole = c.quantity.v;
  if (c.holding != nullptr) whole += wide::I128{std::abs(c.holding->position.quantity.v)} + c.holding->pending_buy.v + c.holding->pending_sell.v;
  if (whole <= c.gate.max_quantity) [[likely]]
    return Outcome::pass;
  const auto shown = static_cast<std::int64_t>(std::min<wide::I128>(whole, INT64_MAX));
  return quantities(c.denial, DenialCode::quantity_above_maximum, c.instrument, c.instrument.max_quantity, {shown});
}

template <Kind kind>
[[gnu::always_inline]] inline Outcome check_grid(const Case& c) {
  const TradeProposal& p = c.proposal;
  if (p.limit && !is_on_tick(c, *p.limit)) [[unlikely]]
    return off_tick(c, *p.limit);
  if (p.stop && !is_on_tick(c, *p.stop)) [[unlikely]]
    return off_tick(c, *p.stop);
  if (p.trailing_distance && !is_on_tick(c, *p.trailing_distance)) [[unlikely]]
    return off_tick(c, *p.trailing_distance);
  if constexpr (kind == Kind::any)
    for (const TargetLevel& target : p.targets)
      if (!is_on_tick(c, target.price)) [[unlikely]]
        return off_tick(c, target.price);
  const std::int64_t q = c.quantity.v;
  std::int64_t each = q;
  if (kind == Kind::any && !p.ladder.empty()) {
    for (const PriceUnits rung : p.ladder)
      if (!is_on_tick(c, rung)) [[unlikely]]
        return off_tick(c, rung);
    const auto rungs = rungs_of(c);
    each = q / rungs;
    if (q % rungs != 0 || !c.gate.steps.contain(q)) [[unlikely]]
      return quantities(c.denial, DenialCode::quantity_off_step, c.instrument, {c.instrument.step.v * rungs}, {q});
  }
  if (!c.gate.steps.contain(each)) [[unlikely]]
    return quantities(c.denial, DenialCode::quantity_off_step, c.instrument, c.instrument.step, {q});
  if (each < c.gate.min_quantity || each <= 0) [[unlikely]]
    return quantities(c.denial, DenialCode::quantity_below_minimum, c.instrument, c.instrument.min_quantity, {each});
  if (each > c.gate.max_quantity) [[unlikely]]
    return quantities(c.denial, DenialCode::quantity_above_maximum, c.instrument, c.instrument.max_quantity, {each});
  return check_whole(c);
}

template <Kind kind>
[[gnu::always_inline]] inline Outcome check_collar(const Case& c) {
  if (!c.proposal.limit) return Outcome::pass;  // at market; only a limit has rungs
  const std::int64_t last = c.market.last.v;
  const wide::I128 collar = limit_of(c, &PackedLimits::price_collar, &RiskLimits::price_collar);
  for (std::int64_t i = 0; i < (kind == Kind::any ? rungs_of(c) : 1); ++i) {
    const std::int64_t distance = std::abs((i == 0 ? *c.proposal.limit : c.proposal.ladder[static_cast<std::size_t>(i - 1)]).v - last);
    if (wide::I128{distance} * Decimal::kScale > wide::I128{last} * collar) [[unlikely]]
      return numbers(c.denial, DenialCode::price_outside_collar, collar, share_of_price(distance, last));
  }
  return Outcome::pass;
}

template <Kind kind>
[[gnu::always_inline]] inline Outcome check_protection(const Case& c) {
  const TradeProposal& p = c.proposal;
  const bool buy = p.side == Side::buy;
  if (!p.stop) {
    const bool has_one = c.holding != nullptr && c.holding->coverage.stop.has_value() && p.intent == Intent::add;
    if (!has_one && c.book.mandatory_stop) [[unlikely]]
      return plain(c.denial, DenialCode::stop_missing);
  } else {
    const PriceUnits stop = *p.stop;
    PriceUnits nearest = c.entry;
    if (buy) {
      nearest = std::min(nearest, c.market.last);
      if constexpr (kind == Kind::any)
        for (const PriceUnits rung : p.ladder) nearest = std::min(nearest, rung);
      if (stop >= nearest) [[unlikely]]
        return prices(c.denial, DenialCode::stop_wrong_side, c.instrument, nearest, stop);
    } else {
      nearest = std::max(nearest, c.market.last);
      if constexpr (kind == Kind::any)
        for (const PriceUnits rung : p.ladder) nearest = std::max(nearest, rung);
      if (stop <= nearest) [[unlikely]]
        return prices(c.denial, DenialCode::stop_wrong_side, c.instrument, nearest, stop);
      // A loss beyond the whole notional: liquidation comes first at any leverage.
      if (stop.v / 2 > nearest.v) [[unlikely]]
        return prices(c.denial, DenialCode::liquidation_before_stop, c.instrument, nearest, stop);
    }
  }
  if (kind == Kind::single || p.targets.empty()) return Outcome::pass;
  Decimal fractions;
  for (const TargetLevel& target : p.targets) {
    if (target.fraction <= Decimal{} || target.fraction > kDecimalOne) [[unlikely]]
      return plain(c.denial, DenialCode::malformed);
    fractions += target.fraction;
    if (buy ? target.price <= c.entry : target.price >= c.entry) [[unlikely]]
      return prices(c.denial, DenialCode::target_wrong_side, c.instrument, c.entry, target.price);
  }
  if (fractions > kDecimalOne) [[unlikely]]
    return plain(c.denial, DenialCode::malformed);
  return Outcome::pass;
}

[[gnu::noinline]] Outcome check_wide_money(const Case& c, wide::I128& risked) {
  Amounts<wide::I128> out{};
  out.equity = c.equity;
  out.value = c.value;
  out.margin = c.exposure.margin;
  out.instrument_after = c.exposure.instrument + c.value;
  out.group_after = c.exposure.group + c.value;
  out.total_after = c.exposure.total + c.value;
  out.leverage = c.pair.gate.leverage != 0 ? wide::I128{c.pair.gate.leverage} : c.pair.pair.leverage.mantissa();
  return check_money<wide::I128, Kind::any>(c, out, risked);
}

/// The same with 64 bits where they are enough.
Outcome check_any_money(const Case& c, wide::I128& risked) {
  Amounts<std::int64_t> narrow;
  const auto fits = [](wide::I128 x) { return x >= 0 && x < INT64_MAX; };
  if (!narrow_value(c, narrow) || !fits(c.exposure.total) || !fits(c.exposure.group) || !fits(c.exposure.instrument)) return check_wide_money(c, risked);
  const Exposures exposures{static_cast<std::int64_t>(c.exposure.total), static_cast<std::int64_t>(c.exposure.group),
                            static_cast<std::int64_t>(c.exposure.instrument)};
  if (!narrow_account(c.equity, exposures, narrow)) return check_wide_money(c, risked);
  return check_money<std::int64_t, Kind::any>(c, narrow, risked);
}

/// The checks between the standing ones and those of money.
template <Kind kind>
[[gnu::always_inline]] inline Outcome check_order(const Case& c, Known equity) {
  if (check_data(c) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  if (equity == Known::no) [[unlikely]]
    return plain(c.denial, DenialCode::equity_unknown);
  if (c.equity <= 0) [[unlikely]]
    return numbers(c.denial, DenialCode::equity_not_positive, 0, c.equity);
  if (check_direction(c) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  if (check_grid<kind>(c) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  // Collar and protection come before a denial can rest on a value: from there on every price is near the market and no product can overflow.
  if (check_collar<kind>(c) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  return check_protection<kind>(c);
}

[[gnu::noinline]] Outcome check_any(Case c, wide::I128& risked) {
  if (check_standing<Kind::any>(c) == Outcome::deny) return Outcome::deny;
  const Known equity = measure_any(c) ? Known::yes : Known::no;
  if (check_order<Kind::any>(c, equity) == Outcome::deny) return Outcome::deny;
  c.value = value_at(c, c.worth, c.quantity.v);
  return check_any_money(c, risked);
}

[[gnu::always_inline]] inline Outcome check(Case& c, wide::I128& risked) {
  if (c.pair.decider_status == DeciderStatus::probation) [[unlikely]] {
    // Half size, kept divisible over the ladder.
    std::int64_t unit = 0;
    const bool fits = !__builtin_mul_overflow(c.instrument.step.v, rungs_of(c), &unit);
    c.quantity.v = fits ? c.quantity.v / 2 / unit * unit : 0;
  }
  c.entry = c.proposal.limit ? *c.proposal.limit : c.market.last;
  c.worth = dearest_entry(c.proposal, c.entry, c.market.last);
  c.stop = stop_at_work(c.proposal, c.holding);
  if (c.book.usual && c.proposal.ladder.empty() && c.proposal.targets.empty()) [[likely]] {
    Amounts<std::int64_t> amounts;
    Exposures exposures;
    if (narrow_value(c, amounts) && measure(c, exposures)) [[likely]] {
      c.equity = sum<wide::I128>(c.book.base, exposures.total);
      if (narrow_account(c.equity, exposures, amounts)) [[likely]] {
        if (check_standing<Kind::single>(c) == Outcome::deny) [[unlikely]]
          return Outcome::deny;
        if (check_order<Kind::single>(c, Known::yes) == Outcome::deny) [[unlikely]]
          return Outcome::deny;
        return check_money<std::int64_t, Kind::single>(c, amounts, risked);
      }
    }
  }
  return check_any(c, risked);
}

[[gnu::always_inline]] inline bool may_have_holding(const RiskBook& book, InstrumentIx ix) { return (book.instruments >> (ix.v % 64) & 1) != 0; }

[[gnu::always_inline]] inline std::expected<Review, Denial> review_opening(const EngineState& state, const TradeProposal& p) {
  const AccountState& account = state.accounts[p.account.v];
  // Asked for at once, so that they arrive together.
  __builtin_prefetch(&account.book.limits);
  __builtin_prefetch(&account.book.weights[8]);
  __builtin_prefetch(&account.book.weights[16]);
  Denial denial;
  Case c{state,
         p,
         state.instruments[p.instrument.v],
         state.gates[p.instrument.v],
         state.market[p.instrument.v],
         account,
         account.book,
         state.pairs[p.pair.v],
         may_have_holding(account.book, p.instrument) ? state.find_holding(p.account, p.instrument, p.leg) : nullptr,
         denial,
         p.quantity};
  wide::I128 risked = 0;
  if (check(c, risked) == Outcome::deny) [[unlikely]]
    return std::unexpected(denial);
  return Review{c.quantity, Decimal::from_mantissa(risked)};
}

/// What is wrong with the ids of a proposal.
[[gnu::cold, gnu::noinline]] DenialCode id_fault(const EngineState& state, const TradeProposal& proposal) {
  if (proposal.account.v >= state.accounts.size()) return DenialCode::account_unknown;
  if (proposal.instrument.v >= state.instruments.size()) return DenialCode::instrument_unknown;
  return DenialCode::malformed;
}

std::unexpected<Denial> deny(DenialCode code) { return std::unexpected(Denial{code, Decimal{}, Decimal{}}); }
}  // namespace

std::expected<Review, Denial> RiskEngine::review(const EngineState& state, const TradeProposal& proposal) {
  // A pair that is registered names an account and an instrument that are.
  if (proposal.pair.v >= state.pairs.size()) [[unlikely]]
    return deny(id_fault(state, proposal));
  const PairGate& pair = state.pairs[proposal.pair.v].gate;
  if (pair.account != proposal.account || pair.instrument != proposal.instrument) [[unlikely]]
    return deny(id_fault(state, proposal));
  if (proposal.quantity.v < 0) [[unlikely]]
    return deny(DenialCode::malformed);
  switch (proposal.intent) {
    case Intent::open:
    case Intent::add: return review_opening(state, proposal);
    case Intent::reduce:
    case Intent::close: return review_closing(state, proposal);
  }
  return deny(DenialCode::malformed);  // a value outside the enum, from outside
}

bool RiskEngine::bars_openings(const EngineState& state, PairIx ix) {
  const PairRecord& pair = state.pairs[ix.v];
  const RiskBook& book = state.accounts[pair.pair.account.v].book;
  Denial denial;
  return (!book.clear && check_user(denial, state.user_of(pair.pair.account)) == Outcome::deny) || book.reconcile_attempts > 0 ||
         pair.gate.state == PairState::paused || pair.decider_status == DeciderStatus::disabled || state.ledger_reachable == Switch::off;
}

}  // namespace prom
