// What the checks of an opening proposal share: the proposal with everything they look up once, and the ways to deny. Part of review_open.cpp; engine thread.
#pragma once

#include <algorithm>
#include <optional>

#include "engine/risk/equity.h"
#include "engine/risk/risk_engine.h"

namespace prom::opening {

enum class Outcome : std::uint8_t { pass, deny };

/// `single`: a proposal without ladder and targets, of an account whose book is `usual`: what most are. The checks are written once for both; what cannot
/// happen to a single one is left out by the compiler.
enum class Kind : std::uint8_t { single, any };

/// Lives in registers: functions that are not inlined get its parts or a copy, never the whole.
struct Case {
  const EngineState& state;
  const TradeProposal& proposal;
  const Instrument& instrument;
  const InstrumentGate& gate;  ///< of the instrument
  const MarketState& market;
  const AccountState& account;
  const RiskBook& book;
  const PairRecord& pair;
  const Holding* holding;  ///< null before first use
  Denial& denial;          ///< written where a check denies
  QuantityUnits quantity{};
  PriceUnits entry{};                             ///< the price that risk is reckoned at
  PriceUnits worth{};                             ///< the price that exposure is reckoned at: a sale may come at a better price than its limit
  std::optional<PriceUnits> stop = std::nullopt;  ///< where risk ends, see stop_at_work()
  wide::I128 equity = 0;
  Exposure exposure{};   ///< what RiskBook has no form of is in here as exposure_of() gives it
  wide::I128 value = 0;  ///< notional of the proposal in quote
};

/// The amounts that the checks on money compare, as mantissas at 1e-12. `M` is 64 bits wide where all of them fit and no sum of two can overflow (see
/// narrow_amounts()), else 128 bits; the checks are the same.
template <class M>
struct Amounts {
  M equity, value;
  M margin;                                      ///< where narrow, an upper bound: the whole exposure
  M instrument_after, group_after, total_after;  ///< exposure with the proposal
  M leverage;
  M move_to_stop;  ///< |value - value at the stop|, where narrow
  M fees;          ///< of entering and leaving at `value`, where narrow
};

// Denials are rare: their numbers are put together out of the way of what passes.
[[gnu::cold, gnu::noinline]] inline Outcome numbers(Denial& denial, DenialCode code, wide::I128 limit, wide::I128 actual) {
  denial = {code, Decimal::from_mantissa(limit), Decimal::from_mantissa(actual)};
  return Outcome::deny;
}
[[gnu::cold, gnu::noinline]] inline Outcome plain(Denial& denial, DenialCode code) {
  denial = {code, Decimal{}, Decimal{}};
  return Outcome::deny;
}
[[gnu::cold, gnu::noinline]] inline Outcome prices(Denial& denial, DenialCode code, const Instrument& instrument, PriceUnits limit, PriceUnits actual) {
  denial = {code, to_decimal(instrument, limit), to_decimal(instrument, actual)};
  return Outcome::deny;
}
[[gnu::cold, gnu::noinline]] inline Outcome quantities(Denial& denial, DenialCode code, const Instrument& instrument, QuantityUnits limit,
                                                       QuantityUnits actual) {
  denial = {code, to_decimal(instrument, limit), to_decimal(instrument, actual)};
  return Outcome::deny;
}

/// The limit is the rung that risks most: each further one waits for a better price.
inline bool waits_in_order(const TradeProposal& p) {
  std::optional<PriceUnits> before = p.limit;
  for (const PriceUnits rung : p.ladder) {
    if (!before || (p.side == Side::buy ? rung >= *before : rung <= *before)) return false;
    before = rung;
  }
  return true;
}

/// Where the quantity would be sold at a loss. Adding leaves the stop of what is held where it is, so the farther one of both counts.
[[gnu::always_inline]] inline std::optional<PriceUnits> stop_at_work(const TradeProposal& p, const Holding* holding) {
  if (holding == nullptr || holding->position.is_flat()) [[likely]]
    return p.stop;
  std::optional<PriceUnits> held = holding->coverage.stop;
  if (!held && holding->plan) held = holding->plan->stop;
  if (!held || !p.stop) return held ? held : p.stop;
  return p.side == Side::buy ? std::min(*held, *p.stop) : std::max(*held, *p.stop);
}

/// distance / price, rounded up, as a mantissa.
[[gnu::noinline]] inline wide::I128 share_of_price(std::int64_t distance, std::int64_t price) {
  return div(Decimal::from_int(distance), Decimal::from_int(price), Round::up).mantissa();
}

/// The dearest price that the entry may get. A buy gets no more than its limit; a sale is worth more at the market or at a rung than at a limit below.
[[gnu::always_inline]] inline PriceUnits dearest_entry(const TradeProposal& p, PriceUnits entry, PriceUnits last) {
  if (p.side == Side::buy) return entry;
  PriceUnits dearest = std::max(entry, last);
  for (const PriceUnits rung : p.ladder) dearest = std::max(dearest, rung);
  return dearest;
}

/// What is not in RiskBook; for denials and what is rare.
inline const UserState& user_of(const Case& c) { return c.state.users[c.book.user.v]; }

/// Orders that the quantity is split over: one and those of the ladder.
inline std::int64_t rungs_of(const Case& c) { return static_cast<std::int64_t>(c.proposal.ladder.size()) + 1; }

/// A fraction of the user's limits as a mantissa: packed where it fits.
template <class M = wide::I128>
[[gnu::always_inline]] inline M limit_of(const Case& c, std::int64_t PackedLimits::* packed, Decimal RiskLimits::* full) {
  if constexpr (sizeof(M) == sizeof(std::int64_t)) return c.book.limits.*packed;
  if (c.book.narrow) [[likely]]
    return c.book.limits.*packed;
  return static_cast<M>((user_of(c).user.limits.*full).mantissa());
}

[[gnu::noinline]] inline wide::I128 value_in_general(const EngineState& state, InstrumentIx ix, PriceUnits price, std::int64_t quantity) {
  if (state.math[ix.v].is_inverse()) return notional_in_quote(state.instruments[ix.v], price, {quantity}).mantissa();
  return state.math[ix.v].value(price, {quantity});
}

/// Value in quote of `quantity` at `price`.
[[gnu::always_inline]] inline wide::I128 value_at(const Case& c, PriceUnits price, std::int64_t quantity) {
  std::int64_t units = 0;
  if (c.gate.narrow && !__builtin_mul_overflow(price.v, quantity, &units)) [[likely]]
    return wide::I128{units} * c.gate.factor;
  return value_in_general(c.state, c.proposal.instrument, price, quantity);
}

}  // namespace prom::opening
