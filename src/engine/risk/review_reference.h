// The review as it was before it was made fast, check by check, with optional denials and every division written out. For tests alone: the property test of
// risk_engine.h requires the same answer to the last digit from both; do not improve it. Any thread.
#pragma once

#include <algorithm>
#include <expected>

#include "engine/risk/equity_reference.h"
#include "engine/risk/risk_engine.h"

namespace prom::reference {

using Verdict = std::optional<Denial>;

inline Denial plain(DenialCode code) { return {code, Decimal{}, Decimal{}}; }
inline Denial numbers(DenialCode code, Decimal limit, Decimal actual) { return {code, limit, actual}; }
/// Bounds of one proposal: more rungs or targets than this are refused as malformed.
constexpr std::size_t kMaxLadder = 32;
constexpr std::size_t kMaxTargets = 8;

inline Decimal seconds(DurationNs d) { return Decimal::from_units(d.ns / 1'000'000, 3); }

/// The proposal with everything the checks look up once.
struct Case {
  const EngineState& state;
  const TradeProposal& proposal;
  const Instrument& instrument;
  const InstrumentMath& math;
  const MarketState& market;
  const AccountState& account;
  const UserState& user;
  const PairRecord& pair;
  const Holding* holding;  ///< null before first use
  QuantityUnits quantity{};
  PriceUnits entry{};  ///< the price that risk is reckoned at
  PriceUnits worth{};  ///< the dearest that the entry may get
  std::optional<PriceUnits> stop;
  Decimal equity;
  Exposure exposure;
  wide::I128 value = 0;  ///< notional of the proposal in quote
};

inline Verdict check_standing(const Case& c) {
  const TradeProposal& p = c.proposal;
  if (p.ladder.size() > kMaxLadder || p.targets.size() > kMaxTargets) return plain(DenialCode::malformed);
  if (!p.limit && !p.ladder.empty()) return plain(DenialCode::malformed);
  std::optional<PriceUnits> before = p.limit;
  for (const PriceUnits rung : p.ladder) {
    if (p.side == Side::buy ? rung >= *before : rung <= *before) return plain(DenialCode::malformed);
    before = rung;
  }
  if (p.decision.v != 0 && c.pair.last_decision == p.decision && c.pair.last_intent == p.intent) return plain(DenialCode::duplicate);
  if (p.expires_at <= c.state.now) return plain(DenialCode::expired);
  const std::uint64_t version = c.holding != nullptr ? c.holding->position.version : 0;
  if (p.as_of.time > c.state.now || p.position_version != version) return plain(DenialCode::stale_basis);
  if (c.user.kill_phase != KillPhase::released) return plain(DenialCode::kill_switch_engaged);
  if (c.user.trading_state == TradingState::halted) return plain(DenialCode::trading_halted);
  if (c.user.trading_state == TradingState::reducing) return plain(DenialCode::trading_reducing);
  for (const BreakerTripped& breaker : c.user.breakers) {
    if (breaker.kind == BreakerKind::errors) return numbers(DenialCode::error_breaker_open, breaker.limit, breaker.actual);
    if (breaker.kind == BreakerKind::data_feed) return numbers(DenialCode::data_breaker_open, breaker.limit, breaker.actual);
    if (c.user.user.limits.circuit_breaker == Switch::on) return numbers(DenialCode::circuit_breaker_open, breaker.limit, breaker.actual);
  }
  if (c.account.reconcile_attempts > 0) return plain(DenialCode::reconciling);
  if (c.holding != nullptr && c.holding->quarantined == Switch::on) return plain(DenialCode::instrument_quarantined);
  if (c.pair.pair.state == PairState::paused) return plain(DenialCode::pair_paused);
  if (c.pair.decider_status == DeciderStatus::disabled) return plain(DenialCode::strategy_disabled);
  if (c.state.ledger_reachable == Switch::off) return plain(DenialCode::ledger_away);
  return std::nullopt;
}

inline Verdict check_data(const Case& c) {
  if (c.market.known == Known::no || c.market.last.v <= 0) return plain(DenialCode::price_unknown);
  const DurationNs age = c.state.now - c.market.updated_at;
  const DurationNs oldest = c.user.user.limits.max_data_age;
  if (age > oldest) return numbers(DenialCode::market_data_stale, seconds(oldest), seconds(age));
  if (c.exposure.known == Known::no) return plain(DenialCode::equity_unknown);
  if (c.holding != nullptr && (c.holding->coverage.state == CoverageState::failed || c.holding->coverage.state == CoverageState::emergency))
    return plain(DenialCode::protection_unavailable);
  return std::nullopt;
}

inline Verdict check_direction(const Case& c) {
  const TradeProposal& p = c.proposal;
  if (c.instrument.payoff == Payoff::spot && p.side == Side::sell) return plain(DenialCode::wrong_side);
  const bool hedge = c.account.account.position_mode == PositionMode::hedge;
  if (hedge != (p.leg != PositionLeg::net)) return plain(DenialCode::wrong_side);
  if ((p.leg == PositionLeg::long_leg && p.side != Side::buy) || (p.leg == PositionLeg::short_leg && p.side != Side::sell))
    return plain(DenialCode::wrong_side);
  const std::int64_t held = c.holding != nullptr ? c.holding->position.quantity.v : 0;
  if (held != 0 && (held > 0) != (p.side == Side::buy)) return plain(DenialCode::wrong_side);
  if (p.intent == Intent::add && held == 0) return plain(DenialCode::position_unknown);
  if (held == 0 && c.holding != nullptr && (c.holding->pending_buy.v != 0 || c.holding->pending_sell.v != 0)) return plain(DenialCode::entries_waiting);
  return std::nullopt;
}

inline Verdict off_tick(const Case& c, PriceUnits price) {
  if (price.v > 0 && price.v % c.instrument.tick.v == 0) return std::nullopt;
  return numbers(DenialCode::price_off_tick, to_decimal(c.instrument, c.instrument.tick), to_decimal(c.instrument, price));
}

inline Verdict check_grid(const Case& c) {
  const TradeProposal& p = c.proposal;
  for (const auto& price : {p.limit, p.stop})
    if (price)
      if (auto denial = off_tick(c, *price)) return denial;
  if (p.trailing_distance)
    if (auto denial = off_tick(c, *p.trailing_distance)) return denial;
  for (const TargetLevel& target : p.targets)
    if (auto denial = off_tick(c, target.price)) return denial;
  for (const PriceUnits rung : p.ladder)
    if (auto denial = off_tick(c, rung)) return denial;
  const std::int64_t q = c.quantity.v;
  const auto rungs = static_cast<std::int64_t>(p.ladder.size()) + 1;
  if (q % rungs != 0 || q % c.instrument.step.v != 0)
    return numbers(DenialCode::quantity_off_step, to_decimal(c.instrument, QuantityUnits{c.instrument.step.v * rungs}), to_decimal(c.instrument, c.quantity));
  if ((q / rungs) % c.instrument.step.v != 0)
    return numbers(DenialCode::quantity_off_step, to_decimal(c.instrument, c.instrument.step), to_decimal(c.instrument, c.quantity));
  const std::int64_t each = q / rungs;
  if (each < c.instrument.min_quantity.v || each <= 0)
    return numbers(DenialCode::quantity_below_minimum, to_decimal(c.instrument, c.instrument.min_quantity), to_decimal(c.instrument, QuantityUnits{each}));
  if (each > c.instrument.max_quantity.v)
    return numbers(DenialCode::quantity_above_maximum, to_decimal(c.instrument, c.instrument.max_quantity), to_decimal(c.instrument, QuantityUnits{each}));
  wide::I128 whole = q;  // one stop and one close are for all of it
  if (c.holding != nullptr) {
    const Holding& h = *c.holding;
    whole += wide::I128{std::abs(h.position.quantity.v)} + h.pending_buy.v + h.pending_sell.v;
  }
  if (whole > c.instrument.max_quantity.v) {
    const QuantityUnits shown{static_cast<std::int64_t>(std::min<wide::I128>(whole, INT64_MAX))};
    return numbers(DenialCode::quantity_above_maximum, to_decimal(c.instrument, c.instrument.max_quantity), to_decimal(c.instrument, shown));
  }
  return std::nullopt;
}

inline wide::I128 value_at(const Case& c, PriceUnits price, std::int64_t quantity) {
  if (c.math.is_inverse()) return notional_in_quote(c.instrument, price, {quantity}).mantissa();
  return c.math.value(price, {quantity});
}

/// The entry, and on spot every planned exit, must be large enough to be accepted (P12). The stop is the lowest price a long is sold at.
inline Verdict check_minimums(const Case& c) {
  const TradeProposal& p = c.proposal;
  const wide::I128 least = c.instrument.min_notional.mantissa();
  const auto rungs = static_cast<std::int64_t>(p.ladder.size()) + 1;
  const auto too_small = [&](DenialCode code, wide::I128 value) { return numbers(code, c.instrument.min_notional, Decimal::from_mantissa(value)); };
  PriceUnits lowest = c.entry;
  for (const PriceUnits rung : p.ladder) lowest = std::min(lowest, rung);
  if (const wide::I128 value = value_at(c, lowest, c.quantity.v / rungs); value < least) return too_small(DenialCode::notional_below_minimum, value);
  const PriceUnits worst_exit = p.stop && *p.stop < lowest ? *p.stop : lowest;
  if (c.instrument.payoff == Payoff::spot)
    if (const wide::I128 value = value_at(c, worst_exit, c.quantity.v / rungs); value < least) return too_small(DenialCode::exit_below_minimum, value);
  for (const TargetLevel& target : p.targets) {
    const Decimal part = mul(to_decimal(c.instrument, c.quantity), target.fraction, Round::down);
    const QuantityUnits quantity = quantity_to_step(c.instrument, part);
    if (quantity.v < c.instrument.min_quantity.v || quantity.v <= 0)
      return numbers(DenialCode::exit_below_minimum, to_decimal(c.instrument, c.instrument.min_quantity), part);
    if (c.instrument.payoff != Payoff::spot) continue;  // reduce-only exits are exempt from min notional on derivatives
    if (const wide::I128 value = value_at(c, worst_exit, quantity.v); value < least) return too_small(DenialCode::exit_below_minimum, value);
  }
  return std::nullopt;
}

inline Verdict check_collar(const Case& c) {
  const Decimal collar = c.user.user.limits.price_collar;
  const auto outside = [&](PriceUnits price) -> Verdict {
    const wide::I128 distance = wide::I128{std::abs(price.v - c.market.last.v)} * Decimal::kScale;
    if (distance <= wide::I128{c.market.last.v} * collar.mantissa()) return std::nullopt;
    return numbers(DenialCode::price_outside_collar, collar,
                   div(Decimal::from_int(std::abs(price.v - c.market.last.v)), Decimal::from_int(c.market.last.v), Round::up));
  };
  if (c.proposal.limit)
    if (auto denial = outside(*c.proposal.limit)) return denial;
  for (const PriceUnits rung : c.proposal.ladder)
    if (auto denial = outside(rung)) return denial;
  return std::nullopt;
}

inline Verdict check_protection(const Case& c) {
  const TradeProposal& p = c.proposal;
  const bool buy = p.side == Side::buy;
  if (!p.stop) {
    const bool has_one = c.holding != nullptr && c.holding->coverage.stop.has_value() && p.intent == Intent::add;
    if (!has_one && c.user.user.limits.mandatory_stop == Switch::on) return plain(DenialCode::stop_missing);
  } else {
    PriceUnits nearest = buy ? std::min(c.entry, c.market.last) : std::max(c.entry, c.market.last);
    for (const PriceUnits rung : p.ladder) nearest = buy ? std::min(nearest, rung) : std::max(nearest, rung);
    if (buy ? *p.stop >= nearest : *p.stop <= nearest)
      return numbers(DenialCode::stop_wrong_side, to_decimal(c.instrument, nearest), to_decimal(c.instrument, *p.stop));
    if (!buy && p.stop->v / 2 > nearest.v)  // a loss beyond the whole notional: liquidation comes first at any leverage
      return numbers(DenialCode::liquidation_before_stop, to_decimal(c.instrument, nearest), to_decimal(c.instrument, *p.stop));
  }
  Decimal fractions;
  for (const TargetLevel& target : p.targets) {
    if (target.fraction <= Decimal{} || target.fraction > kDecimalOne) return plain(DenialCode::malformed);
    fractions += target.fraction;
    if (buy ? target.price <= c.entry : target.price >= c.entry)
      return numbers(DenialCode::target_wrong_side, to_decimal(c.instrument, c.entry), to_decimal(c.instrument, target.price));
  }
  if (fractions > kDecimalOne) return plain(DenialCode::malformed);
  return std::nullopt;
}

/// Leverage within the user's and the venue's tiers, and an isolated position of that leverage must meet its stop before its liquidation.
inline Verdict check_leverage(const Case& c) {
  const Decimal leverage = c.pair.pair.leverage;
  const RiskLimits& limits = c.user.user.limits;
  if (leverage < kDecimalOne) return plain(DenialCode::malformed);
  if (c.instrument.payoff == Payoff::spot) {
    if (leverage > kDecimalOne) return numbers(DenialCode::leverage_above_limit, kDecimalOne, leverage);
    return std::nullopt;
  }
  if (leverage > limits.max_leverage) return numbers(DenialCode::leverage_above_limit, limits.max_leverage, leverage);
  const LeverageTier* tier = tier_for(c.instrument, Decimal::from_mantissa(c.value + c.exposure.instrument));
  if (tier == nullptr) return std::nullopt;
  if (leverage > tier->max_leverage) return numbers(DenialCode::leverage_above_limit, tier->max_leverage, leverage);
  if (!c.stop) return std::nullopt;
  const Decimal room = div(kDecimalOne, leverage, Round::down) - tier->maintenance_rate - limits.min_liquidation_distance;
  const Decimal distance = div(Decimal::from_int(std::abs(c.entry.v - c.stop->v)), Decimal::from_int(c.entry.v), Round::up);
  if (distance > room) return numbers(DenialCode::liquidation_before_stop, room, distance);
  return std::nullopt;
}

inline Decimal fees_both_ways(const Case& c) { return mul(Decimal::from_mantissa(c.value + c.value), c.instrument.fees.taker, Round::up); }

inline Verdict check_funds(const Case& c) {
  const Decimal fees = fees_both_ways(c);
  if (c.instrument.payoff == Payoff::spot) {
    Decimal reserved;
    for (const HotHolding& hot : c.account.hot) {
      if (hot.pending_buy == 0 || hot.payoff != Payoff::spot) continue;
      reserved += c.state.math[hot.instrument].value_decimal(c.state.market[hot.instrument].last, {hot.pending_buy});
    }
    const Decimal needed = Decimal::from_mantissa(c.value) + fees;
    const Decimal free = reference::balance_of(c.account, c.instrument.quote) - reserved;
    if (needed > free) return numbers(DenialCode::insufficient_balance, free, needed);
    return std::nullopt;
  }
  const Decimal needed = div(Decimal::from_mantissa(c.value), c.pair.pair.leverage, Round::up) + fees;
  const Decimal free = c.equity - Decimal::from_mantissa(c.exposure.margin);
  if (needed > free) return numbers(DenialCode::insufficient_margin, free, needed);
  return std::nullopt;
}

inline Decimal risk_at_stop(const Case& c) {
  if (!c.stop) return Decimal{};
  const wide::I128 at_entry = value_at(c, c.entry, c.quantity.v);
  const wide::I128 at_stop = value_at(c, *c.stop, c.quantity.v);
  const wide::I128 loss = c.math.is_inverse() ? mul(Decimal::from_mantissa(c.value),
                                                    div(Decimal::from_int(std::abs(c.entry.v - c.stop->v)), Decimal::from_int(c.stop->v), Round::up), Round::up)
                                                    .mantissa()
                                              : (at_entry > at_stop ? at_entry - at_stop : at_stop - at_entry);
  return Decimal::from_mantissa(loss) + fees_both_ways(c);
}

inline Verdict above(DenialCode code, Decimal equity, Decimal fraction, wide::I128 actual) {
  const Decimal limit = mul(equity, fraction, Round::down);
  if (actual <= limit.mantissa()) return std::nullopt;
  return numbers(code, limit, Decimal::from_mantissa(actual));
}

inline Verdict check_limits(const Case& c, Decimal risked) {
  const RiskLimits& limits = c.user.user.limits;
  const wide::I128 instrument_after = c.exposure.instrument + c.value;
  if (auto d = above(DenialCode::trade_risk_above_limit, c.equity, limits.risk_per_trade, risked.mantissa())) return d;
  if (auto d = above(DenialCode::position_above_limit, c.equity, limits.max_position, instrument_after)) return d;
  if (c.pair.pair.budget > Decimal{} && instrument_after > c.pair.pair.budget.mantissa())
    return numbers(DenialCode::budget_exceeded, c.pair.pair.budget, Decimal::from_mantissa(instrument_after));
  const bool fresh = c.holding == nullptr || (c.holding->position.is_flat() && c.holding->pending_buy.v == 0 && c.holding->pending_sell.v == 0);
  if (fresh) {
    std::uint32_t in_use = 0;  // limits are the user's: all of his accounts count
    for (const AccountIx ix : c.user.accounts)
      for (const HotHolding& hot : c.state.accounts[ix.v].hot) in_use += (hot.quantity | hot.pending_buy | hot.pending_sell) != 0 ? 1U : 0U;
    if (in_use >= limits.max_positions)
      return numbers(DenialCode::open_positions_above_limit, Decimal::from_int(limits.max_positions), Decimal::from_int(in_use + 1));
  }
  if (auto d = above(DenialCode::instrument_exposure_above_limit, c.equity, limits.max_instrument_exposure, instrument_after)) return d;
  if (auto d = above(DenialCode::group_exposure_above_limit, c.equity, limits.max_group_exposure, c.exposure.group + c.value)) return d;
  if (auto d = above(DenialCode::total_exposure_above_limit, c.equity, limits.max_total_exposure, c.exposure.total + c.value)) return d;
  const AccountState& a = c.account;
  // The newest of those that the proposal's orders replace must be older than a minute.
  const std::size_t orders = c.proposal.ladder.size() + 1, most = a.order_times.size();
  if (most > 0 && (orders > most || c.state.now - a.order_times[(a.order_times_next + orders - 1) % most] < kMinute))
    return numbers(DenialCode::order_rate_exceeded, Decimal::from_int(limits.max_orders_per_minute), Decimal::from_int(limits.max_orders_per_minute + 1));
  return std::nullopt;
}

inline std::expected<Review, Denial> review_opening(const EngineState& state, const TradeProposal& p) {
  const AccountState& account = state.accounts[p.account.v];
  const PairRecord& pair = state.pairs[p.pair.v];
  const Instrument& instrument = state.instruments[p.instrument.v];
  Case c{state,
         p,
         instrument,
         state.math[p.instrument.v],
         state.market[p.instrument.v],
         account,
         state.users[account.account.user.v],
         pair,
         state.find_holding(p.account, p.instrument, p.leg),
         p.quantity,
         {},
         {},
         p.stop,
         {},
         {},
         0};
  if (c.holding != nullptr && !c.holding->position.is_flat()) {
    const auto& plan = c.holding->plan;
    const auto held = c.holding->coverage.stop ? c.holding->coverage.stop : plan ? plan->stop : std::nullopt;
    if (held && (!p.stop || (p.side == Side::buy ? *held < *p.stop : *held > *p.stop))) c.stop = held;  // adding leaves the stop where it is
  }
  if (auto denial = check_standing(c)) return std::unexpected(*denial);
  c.exposure = reference::exposure_of(state, account, p.instrument.v, instrument.group);
  if (auto denial = check_data(c)) return std::unexpected(*denial);
  if (c.exposure.plain == Known::yes && account.balances.size() == 1 && account.balances[0].asset == account.account.reporting_asset) {
    c.equity = account.balances[0].amount + Decimal::from_mantissa(c.exposure.unrealised);
  } else {
    const auto equity = reference::equity_of(state, p.account);
    if (!equity || reference::rests_on_old_price(state, p.account, c.user.user.limits.max_data_age)) return std::unexpected(plain(DenialCode::equity_unknown));
    c.equity = *equity;
  }
  if (c.equity <= Decimal{}) return std::unexpected(numbers(DenialCode::equity_not_positive, Decimal{}, c.equity));
  if (auto denial = check_direction(c)) return std::unexpected(*denial);
  if (pair.decider_status == DeciderStatus::probation) {
    // Half size, kept divisible over the ladder.
    const std::int64_t unit = instrument.step.v * (static_cast<std::int64_t>(p.ladder.size()) + 1);
    c.quantity.v = c.quantity.v / 2 / unit * unit;
  }
  c.entry = p.limit ? *p.limit : c.market.last;
  c.worth = c.entry;
  if (p.side == Side::sell) {
    c.worth = std::max(c.worth, c.market.last);
    for (const PriceUnits rung : p.ladder) c.worth = std::max(c.worth, rung);
  }
  if (auto denial = check_grid(c)) return std::unexpected(*denial);
  // Collar and protection come before any value is computed: from here on every price is near the market and no product can overflow.
  if (auto denial = check_collar(c)) return std::unexpected(*denial);
  if (auto denial = check_protection(c)) return std::unexpected(*denial);
  c.value = value_at(c, c.worth, c.quantity.v);
  if (auto denial = check_minimums(c)) return std::unexpected(*denial);
  if (auto denial = check_leverage(c)) return std::unexpected(*denial);
  if (auto denial = check_funds(c)) return std::unexpected(*denial);
  const Decimal risked = risk_at_stop(c);
  if (auto denial = check_limits(c, risked)) return std::unexpected(*denial);
  return Review{c.quantity, risked};
}

inline std::unexpected<Denial> deny(DenialCode code) { return std::unexpected(Denial{code, Decimal{}, Decimal{}}); }

inline Decimal units(const Instrument& instrument, std::int64_t quantity) { return to_decimal(instrument, QuantityUnits{quantity}); }

/// Closing and reducing: possible at all, and no more than what is held and not already being closed.
inline std::expected<Review, Denial> review_closing(const EngineState& state, const TradeProposal& proposal) {
  const Instrument& instrument = state.instruments[proposal.instrument.v];
  const Holding* holding = state.find_holding(proposal.account, proposal.instrument, proposal.leg);
  if (holding == nullptr || holding->position.is_flat()) return deny(DenialCode::nothing_to_close);
  const std::int64_t held = holding->position.quantity.v;
  if ((held > 0) != (proposal.side == Side::sell)) return deny(DenialCode::wrong_side);
  std::int64_t closing = 0;
  for (const OrderId id : holding->working) {
    const Order* order = state.find_order(id);
    if (order == nullptr || order->state == OrderState::in_doubt) continue;  // an exit in doubt counts as absent
    if (order->spec.purpose == OrderPurpose::close || order->spec.purpose == OrderPurpose::flatten) closing += order->remaining().v;
  }
  const std::int64_t open = std::abs(held) - closing;
  if (open <= 0) return deny(DenialCode::nothing_to_close);
  const std::int64_t asked = proposal.intent == Intent::close && proposal.quantity.v == 0 ? open : proposal.quantity.v;
  if (asked <= 0) return std::unexpected(Denial{DenialCode::quantity_below_minimum, units(instrument, instrument.min_quantity.v), units(instrument, asked)});
  std::int64_t quantity = std::min(asked, open);
  // A remainder off the step (a fee taken in coins) can only go with the rest: the step binds partial exits alone.
  if (quantity < open) quantity -= quantity % instrument.step.v;
  if (instrument.payoff == Payoff::spot) quantity -= quantity % instrument.step.v;
  if (quantity <= 0) return std::unexpected(Denial{DenialCode::quantity_below_minimum, units(instrument, instrument.min_quantity.v), units(instrument, asked)});
  if (proposal.limit && (proposal.limit->v <= 0 || proposal.limit->v % instrument.tick.v != 0))
    return std::unexpected(Denial{DenialCode::price_off_tick, to_decimal(instrument, instrument.tick), to_decimal(instrument, *proposal.limit)});
  return Review{{quantity}, Decimal{}};
}

inline std::expected<Review, Denial> review(const EngineState& state, const TradeProposal& proposal) {
  if (proposal.account.v >= state.accounts.size()) return deny(DenialCode::account_unknown);
  if (proposal.instrument.v >= state.instruments.size()) return deny(DenialCode::instrument_unknown);
  if (proposal.pair.v >= state.pairs.size()) return deny(DenialCode::malformed);
  const TradingPair& pair = state.pairs[proposal.pair.v].pair;
  if (pair.account != proposal.account || pair.instrument != proposal.instrument) return deny(DenialCode::malformed);
  if (proposal.quantity.v < 0) return deny(DenialCode::malformed);
  switch (proposal.intent) {
    case Intent::open:
    case Intent::add: return reference::review_opening(state, proposal);
    case Intent::reduce:
    case Intent::close: return reference::review_closing(state, proposal);
  }
  return deny(DenialCode::malformed);  // a value outside the enum, from outside
}

}  // namespace prom::reference
