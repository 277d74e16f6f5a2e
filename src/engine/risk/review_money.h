// The checks of an opening proposal that compare money: minimums, leverage, funds and the user's limits. Written once for 64 and for 128 bits: an ordinary
// account's amounts fit 64, and half the instructions do. Divisions that only serve a comparison are multiplied across. Part of review_open.cpp; engine thread.
#pragma once

#include <algorithm>
#include <type_traits>

#include "engine/risk/book_walk.h"
#include "engine/risk/review_case.h"

namespace prom::opening {

template <class M>
inline constexpr bool kNarrow = sizeof(M) == sizeof(std::int64_t);
inline constexpr std::int64_t kOne = Decimal::kScale;

template <class M>
[[gnu::always_inline]] inline M sum(M a, M b) {
  M out = 0;
  PROM_ASSERT(!__builtin_add_overflow(a, b, &out), "a sum of money is beyond its range");
  return out;
}
template <class M>
[[gnu::always_inline]] inline M difference(M a, M b) {
  M out = 0;
  PROM_ASSERT(!__builtin_sub_overflow(a, b, &out), "a difference of money is beyond its range");
  return out;
}

/// a - b where narrow amounts cannot overflow: see Amounts.
template <class M>
[[gnu::always_inline]] inline M rest(M a, M b) {
  if constexpr (kNarrow<M>) return a - b;
  return difference<M>(a, b);
}

/// a * b / 1e12 and a * 1e12 / b, rounded up. Narrow: nothing is negative and b is at most 1.
template <class M>
[[gnu::always_inline]] inline M mul_up(M a, M b) {
  if constexpr (kNarrow<M>) {
    const wide::U128 n = wide::multiply_64(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b));
    const wide::Quotient64 q = wide::divide_128_by_64(wide::high64(n), wide::low64(n), static_cast<std::uint64_t>(kOne));
    return static_cast<M>(q.quotient + (q.remainder != 0 ? 1 : 0));
  } else {
    return mul(Decimal::from_mantissa(a), Decimal::from_mantissa(b), Round::up).mantissa();
  }
}
inline wide::I128 div_up(wide::I128 a, wide::I128 b) { return div(Decimal::from_mantissa(a), Decimal::from_mantissa(b), Round::up).mantissa(); }

/// The entry, and on spot every planned exit, must be large enough to be accepted (P12). The stop is the lowest price a long is sold at.
template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_minimums(const Case& c, const Amounts<M>& a) {
  const TradeProposal& p = c.proposal;
  if constexpr (kNarrow<M> && kind == Kind::single)
    if (c.worth == c.entry && a.value >= c.gate.min_notional) [[likely]]
      return Outcome::pass;
  const wide::I128 least = c.instrument.min_notional.mantissa();
  PriceUnits lowest = c.entry;
  std::int64_t each = c.quantity.v;
  if (kind == Kind::any && !p.ladder.empty()) {
    for (const PriceUnits rung : p.ladder) lowest = std::min(lowest, rung);
    each /= rungs_of(c);
  }
  const wide::I128 smallest = value_at(c, lowest, each);
  if (smallest < least) [[unlikely]]
    return numbers(c.denial, DenialCode::notional_below_minimum, least, smallest);
  const bool spot = c.instrument.payoff == Payoff::spot;
  if (!spot && p.targets.empty()) return Outcome::pass;
  const PriceUnits worst_exit = p.stop && *p.stop < lowest ? *p.stop : lowest;
  if (spot)
    if (const wide::I128 value = value_at(c, worst_exit, each); value < least) [[unlikely]]
      return numbers(c.denial, DenialCode::exit_below_minimum, least, value);
  for (const TargetLevel& target : p.targets) {
    const Decimal part = mul(to_decimal(c.instrument, c.quantity), target.fraction, Round::down);
    const QuantityUnits quantity = quantity_to_step(c.instrument, part);
    if (quantity.v < c.instrument.min_quantity.v || quantity.v <= 0) [[unlikely]]
      return numbers(c.denial, DenialCode::exit_below_minimum, to_decimal(c.instrument, c.instrument.min_quantity).mantissa(), part.mantissa());
    if (!spot) continue;  // reduce-only exits are exempt from min notional on derivatives
    if (const wide::I128 value = value_at(c, worst_exit, quantity.v); value < least) [[unlikely]]
      return numbers(c.denial, DenialCode::exit_below_minimum, least, value);
  }
  return Outcome::pass;
}

/// distance / entry, rounded up to 1e-12, above `room`. For whole numbers that is distance * 1e12 > room * entry.
template <class T>
[[gnu::always_inline]] inline bool is_beyond(std::int64_t distance, std::int64_t entry, T room) {
  if (room < 0) [[unlikely]]
    return true;  // no distance is negative
  if (room > INT64_MAX) [[unlikely]]
    return share_of_price(distance, entry) > room;
  return wide::multiply_64(static_cast<std::uint64_t>(distance), static_cast<std::uint64_t>(kOne)) >
         wide::multiply_64(static_cast<std::uint64_t>(room), static_cast<std::uint64_t>(entry));
}

/// Leverage within the tier, and an isolated position of that leverage must meet its stop before its liquidation.
template <class M, class T>
[[gnu::always_inline]] inline Outcome check_tier(const Case& c, const Amounts<M>& a, T most, T maintenance) {
  if (a.leverage > most) [[unlikely]]
    return numbers(c.denial, DenialCode::leverage_above_limit, most, a.leverage);
  if (!c.stop) return Outcome::pass;
  T inverse = c.pair.gate.inverse_leverage;
  if constexpr (!kNarrow<M>)
    if (c.pair.gate.leverage == 0) inverse = div(kDecimalOne, Decimal::from_mantissa(a.leverage), Round::down).mantissa();
  const T kept = limit_of<T>(c, &PackedLimits::min_liquidation_distance, &RiskLimits::min_liquidation_distance);
  const T room = rest<T>(rest<T>(inverse, maintenance), kept);
  const std::int64_t distance = std::abs(c.entry.v - c.stop->v);
  if (is_beyond(distance, c.entry.v, room)) [[unlikely]]
    return numbers(c.denial, DenialCode::liquidation_before_stop, room, share_of_price(distance, c.entry.v));
  return Outcome::pass;
}

/// Leverage within the user's and the venue's tiers.
template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_leverage(const Case& c, const Amounts<M>& a) {
  using enum DenialCode;
  if constexpr (!kNarrow<M>) {
    if (a.leverage < kOne) [[unlikely]]
      return plain(c.denial, malformed);
    if (c.instrument.payoff == Payoff::spot) return a.leverage > kOne ? numbers(c.denial, leverage_above_limit, kOne, a.leverage) : Outcome::pass;
  }
  const M most = limit_of<M>(c, &PackedLimits::max_leverage, &RiskLimits::max_leverage);
  if (a.leverage > most) [[unlikely]]
    return numbers(c.denial, leverage_above_limit, most, a.leverage);
  if (!c.gate.tiered) return Outcome::pass;
  if constexpr (kNarrow<M>)
    if (a.instrument_after <= c.gate.tier_cap) [[likely]] {
      // The gate's leverage is clipped; a leverage that is above a clipped one does not exist in 64 bits.
      return check_tier<M, M>(c, a, c.gate.tier_leverage, c.gate.tier_maintenance);
    }
  const LeverageTier& tier = *tier_for(c.instrument, Decimal::from_mantissa(a.instrument_after));
  return check_tier<M, wide::I128>(c, a, tier.max_leverage.mantissa(), tier.maintenance_rate.mantissa());
}

template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_funds(const Case& c, const Amounts<M>& a, M fees) {
  if (!kNarrow<M> && c.instrument.payoff == Payoff::spot) {
    const RiskBook& book = c.book;
    const wide::I128 reserved = book.packed && book.pending == 0 ? 0 : reserved_for_spot_entries(c.state, c.account).mantissa();
    const wide::I128 needed = sum<wide::I128>(a.value, fees);
    const wide::I128 free = difference<wide::I128>(balance_of(c.account, c.instrument.quote).mantissa(), reserved);
    return needed > free ? numbers(c.denial, DenialCode::insufficient_balance, free, needed) : Outcome::pass;
  }
  if constexpr (kNarrow<M>) {
    // value / leverage rounded up <= left, for whole numbers: value * 1e12 <= left * leverage. The bound of the margin first: it is enough where an account
    // owes less than it owns.
    const wide::U128 needed = wide::multiply_64(static_cast<std::uint64_t>(a.value), static_cast<std::uint64_t>(kOne));
    const auto covers = [needed, &a](M left) {
      return left >= 0 && needed <= wide::multiply_64(static_cast<std::uint64_t>(left), static_cast<std::uint64_t>(a.leverage));
    };
    if (covers(a.equity - a.margin - fees)) [[likely]]
      return Outcome::pass;
    const M free = a.equity - static_cast<M>(kind == Kind::single ? book_walk::share_of(a.margin, c.book.margin_ppm) : c.exposure.margin);
    if (covers(free - fees)) return Outcome::pass;
    return numbers(c.denial, DenialCode::insufficient_margin, free, div_up(a.value, a.leverage) + fees);
  } else {
    const M needed = sum<M>(div_up(a.value, a.leverage), fees);
    const M free = difference<M>(a.equity, a.margin);
    return needed > free ? numbers(c.denial, DenialCode::insufficient_margin, free, needed) : Outcome::pass;
  }
}

[[gnu::noinline]] inline wide::I128 loss_of_inverse(wide::I128 value, PriceUnits entry, PriceUnits stop) {
  const Decimal move = Decimal::from_mantissa(share_of_price(std::abs(entry.v - stop.v), stop.v));
  return mul(Decimal::from_mantissa(value), move, Round::up).mantissa();
}

/// What the proposal loses at its stop, fees included; nothing where it has no stop.
template <class M>
[[gnu::always_inline]] inline M risk_at_stop(const Case& c, const Amounts<M>& a, M fees) {
  if (!c.stop) return 0;
  if constexpr (kNarrow<M>) return a.move_to_stop + fees;
  if (c.instrument.payoff == Payoff::inverse) return sum<M>(static_cast<M>(loss_of_inverse(a.value, c.entry, *c.stop)), fees);
  const auto at_entry = static_cast<M>(value_at(c, c.entry, c.quantity.v));
  const auto at_stop = static_cast<M>(value_at(c, *c.stop, c.quantity.v));
  return sum<M>(at_entry > at_stop ? at_entry - at_stop : at_stop - at_entry, fees);
}

/// a * b of two numbers that are not negative, as 192 bits.
struct Wide192 {
  wide::U128 high;
  std::uint64_t low;
  friend auto operator<=>(const Wide192&, const Wide192&) = default;
};
inline Wide192 product(wide::U128 a, std::uint64_t b) {
  const wide::U128 low = wide::U128{wide::low64(a)} * b;
  return {wide::U128{wide::high64(a)} * b + wide::high64(low), wide::low64(low)};
}

/// Whether `actual` is above equity * fraction, rounded down. For whole numbers that is actual * 1e12 > equity * fraction.
template <class M>
[[gnu::always_inline]] inline bool is_above(const Case& c, M equity, M actual, std::int64_t PackedLimits::* packed, Decimal RiskLimits::* full) {
  const auto fraction = static_cast<std::uint64_t>(c.book.limits.*packed);
  if constexpr (kNarrow<M>) {
    return wide::U128{static_cast<std::uint64_t>(actual)} * static_cast<std::uint64_t>(kOne) > wide::U128{static_cast<std::uint64_t>(equity)} * fraction;
  } else {
    if (c.book.narrow && actual >= 0)
      return product(static_cast<wide::U128>(actual), static_cast<std::uint64_t>(kOne)) > product(static_cast<wide::U128>(equity), fraction);
    return actual > mul(Decimal::from_mantissa(equity), user_of(c).user.limits.*full, Round::down).mantissa();
  }
}

[[gnu::cold, gnu::noinline]] inline Outcome over_limit(Denial& denial, DenialCode code, wide::I128 equity, Decimal fraction, wide::I128 actual) {
  return numbers(denial, code, mul(Decimal::from_mantissa(equity), fraction, Round::down).mantissa(), actual);
}

/// Limits are the user's: all of his accounts count.
[[gnu::always_inline]] inline std::uint32_t holdings_in_use(const Case& c) {
  if (c.book.only_one) [[likely]]
    return c.book.in_use;
  std::uint32_t in_use = 0;
  for (const AccountIx ix : user_of(c).accounts) in_use += c.state.accounts[ix.v].book.in_use;
  return in_use;
}

/// The pair's budget and the number of positions.
template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_number(const Case& c, const Amounts<M>& a) {
  if (c.pair.gate.budgeted && a.instrument_after > c.pair.pair.budget.mantissa()) [[unlikely]]
    return numbers(c.denial, DenialCode::budget_exceeded, c.pair.pair.budget.mantissa(), a.instrument_after);
  const bool fresh = c.holding == nullptr || (c.holding->position.is_flat() && c.holding->pending_buy.v == 0 && c.holding->pending_sell.v == 0);
  if (!fresh) return Outcome::pass;
  const std::uint32_t in_use = holdings_in_use(c);
  if (in_use < c.book.max_positions) [[likely]]
    return Outcome::pass;
  return numbers(c.denial, DenialCode::open_positions_above_limit, Decimal::from_int(c.book.max_positions).mantissa(),
                 Decimal::from_int(in_use + 1).mantissa());
}

/// Each order replaces the oldest of the last minute's; those of a ladder as many.
template <Kind kind>
[[gnu::always_inline]] inline Outcome check_order_rate(const Case& c) {
  std::int64_t replaced = c.book.oldest_order;
  if constexpr (kind == Kind::any) {
    const std::vector<TimeNs>& times = c.account.order_times;
    const auto rungs = static_cast<std::size_t>(rungs_of(c));
    if (rungs > times.size())
      replaced = times.empty() ? replaced : c.state.now.ns;
    else if (rungs > 1)
      replaced = times[(c.account.order_times_next + rungs - 1) % times.size()].ns;
  }
  if (c.state.now.ns - replaced >= kMinute.ns) [[likely]]
    return Outcome::pass;
  const std::uint32_t most = user_of(c).user.limits.max_orders_per_minute;
  return numbers(c.denial, DenialCode::order_rate_exceeded, Decimal::from_int(most).mantissa(), Decimal::from_int(most + 1).mantissa());
}

template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_limits(const Case& c, const Amounts<M>& a, M risked) {
  using enum DenialCode;
  const auto exceeds = [&c, &a](std::int64_t PackedLimits::* packed, Decimal RiskLimits::* full, M actual) {
    return is_above<M>(c, a.equity, actual, packed, full);
  };
  if (exceeds(&PackedLimits::risk_per_trade, &RiskLimits::risk_per_trade, risked)) [[unlikely]]
    return over_limit(c.denial, trade_risk_above_limit, a.equity, user_of(c).user.limits.risk_per_trade, risked);
  if constexpr (kNarrow<M>) {
    // Far from every limit on exposure: the largest of the three against the smallest of the four.
    const M largest = std::max({a.instrument_after, a.group_after, a.total_after});
    if (!exceeds(&PackedLimits::smallest, nullptr, largest)) [[likely]]
      return check_number<M, kind>(c, a) == Outcome::deny ? Outcome::deny : check_order_rate<kind>(c);
  }
  if (exceeds(&PackedLimits::max_position, &RiskLimits::max_position, a.instrument_after)) [[unlikely]]
    return over_limit(c.denial, position_above_limit, a.equity, user_of(c).user.limits.max_position, a.instrument_after);
  if (check_number<M, kind>(c, a) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  if (exceeds(&PackedLimits::max_instrument, &RiskLimits::max_instrument_exposure, a.instrument_after)) [[unlikely]]
    return over_limit(c.denial, instrument_exposure_above_limit, a.equity, user_of(c).user.limits.max_instrument_exposure, a.instrument_after);
  if (exceeds(&PackedLimits::max_group, &RiskLimits::max_group_exposure, a.group_after)) [[unlikely]]
    return over_limit(c.denial, group_exposure_above_limit, a.equity, user_of(c).user.limits.max_group_exposure, a.group_after);
  if (exceeds(&PackedLimits::max_total, &RiskLimits::max_total_exposure, a.total_after)) [[unlikely]]
    return over_limit(c.denial, total_exposure_above_limit, a.equity, user_of(c).user.limits.max_total_exposure, a.total_after);
  return check_order_rate<kind>(c);
}

/// Every check that compares money, in order; `risked` is what the proposal loses at its stop.
template <class M, Kind kind>
[[gnu::always_inline]] inline Outcome check_money(const Case& c, const Amounts<M>& a, wide::I128& risked) {
  if (check_minimums<M, kind>(c, a) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  if (check_leverage<M, kind>(c, a) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  M fees = 0;
  if constexpr (kNarrow<M>) {
    fees = a.fees;
  } else {
    fees = mul_up<M>(a.value + a.value, c.instrument.fees.taker.mantissa());
  }
  if (check_funds<M, kind>(c, a, fees) == Outcome::deny) [[unlikely]]
    return Outcome::deny;
  const M risk = risk_at_stop<M>(c, a, fees);
  risked = risk;
  return check_limits<M, kind>(c, a, risk);
}

}  // namespace prom::opening
