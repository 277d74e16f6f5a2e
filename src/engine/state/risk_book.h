// What a risk review reads of an account, a user and a pair, packed into few cache lines. All of it is derived from the tables of state.h, kept by apply() and
// made anew by rebuild_derived(); no snapshot or digest holds it. Prices are not in here: a review multiplies them in, so that no price can be an old one.
// Engine thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/wide_int.h"
#include "domain/account.h"
#include "domain/ids.h"
#include "domain/instrument_math.h"

namespace prom {

struct EngineState;
struct AccountState;
struct UserState;
struct PairRecord;

/// Limits of a user, as 64-bit mantissas at 1e-12.
struct PackedLimits {
  std::int64_t risk_per_trade = 0, max_position = 0, max_instrument = 0, max_group = 0, max_total = 0;
  std::int64_t smallest = 0;  ///< of the four exposures before
  std::int64_t max_leverage = 0, min_liquidation_distance = 0;
  std::int64_t price_collar = 0;  ///< last, on a line of its own: at market it is not read
  friend bool operator==(const PackedLimits&, const PackedLimits&) = default;
};

/// An account's holdings in use as two arrays, so that its exposure is one multiplication and one addition a holding: price * weight is the value in mantissas
/// at 1e-12. With 20 holdings a review reads eight lines of 64 bytes of an account, and none of its user.
struct alignas(64) RiskBook {
  static constexpr std::size_t kMost = 32;   ///< entries; an account with more holdings in use is walked over holding by holding
  static constexpr std::size_t kRow = 5;     ///< MarketState is five words, its first the last price: rows[i] is that word's index in the table of markets
  static constexpr std::size_t kGroups = 8;  ///< group slots (InstrumentGate::group_slot) with a mask of their own; entries of others are searched for

  wide::I128 cost = 0;                        ///< of the linear holdings in use
  wide::I128 base = 0;                        ///< the balance less `cost`, where there is one balance, in the reporting asset (`one_balance`)
  std::int64_t oldest_order = INT64_MIN / 2;  ///< time (ns) of the entry order that the next one replaces in the ring of order times
  std::uint32_t shorts = 0;                   ///< entries whose position is short: bit i is entry i
  std::uint32_t pending = 0;                  ///< entries with orders in flight: weight and position differ
  std::uint32_t margin_ppm = 1'000'000;       ///< of every entry (`one_margin`)
  std::uint32_t in_use = 0;                   ///< holdings with a position or orders in flight
  std::uint8_t count = 0;                     ///< entries
  bool packed = true;                         ///< every holding in use has an entry; else the arrays say nothing
  bool linear = true;                         ///< every holding in use is linear: equity is cash and unrealised profit
  bool one_balance = false;
  bool one_margin = true;
  bool hedge = false;
  bool usual = false;  ///< packed, linear, one balance, one margin, no shorts, nothing pending: equity is base + the value of the entries

  std::uint32_t groups[kGroups] = {};  ///< by group slot: the entries of that group
  std::uint64_t instruments = 0;       ///< bit instrument % 64: the account may have a holding of such an instrument, flat ones too
  UserIx user{};
  std::uint32_t reconcile_attempts = 0;
  // Of the account's user:
  std::int64_t max_data_age = 0;  ///< ns
  std::uint32_t max_positions = 0;
  bool narrow = false;  ///< every fraction of `limits` is in 0..2^62; else the decimals of RiskLimits count
  bool mandatory_stop = true;
  bool clear = false;     ///< kill switch released, trading active, no breaker tripped
  bool only_one = false;  ///< the user has no other account
  PackedLimits limits;
  std::uint16_t rows[kMost] = {};      ///< instrument * kRow
  std::int64_t weights[kMost] = {};    ///< worst size in units (orders in flight filled on the side that makes it larger) * InstrumentMath::mul
  std::uint16_t holdings[kMost] = {};  ///< index in AccountState::hot

  friend bool operator==(const RiskBook&, const RiskBook&) = default;
};

/// Whether a number is a multiple of a fixed one, by one multiplication (Warren, Hacker's Delight, 10-17): the product of n with the inverse of the divisor's odd
/// part modulo 2^64, turned right by its twos, is n / divisor where n is a multiple and larger than any quotient where it is not.
class Multiples {
 public:
  constexpr Multiples() = default;
  /// `of` > 0.
  explicit constexpr Multiples(std::int64_t of) : shift_(std::countr_zero(static_cast<std::uint64_t>(of))), most_(UINT64_MAX / static_cast<std::uint64_t>(of)) {
    const std::uint64_t odd = static_cast<std::uint64_t>(of) >> shift_;
    for (int i = 0; i < 6; ++i) inverse_ *= 2 - odd * inverse_;  // Newton: each step doubles the bits that are right
  }
  /// `n` >= 0.
  constexpr bool contain(std::int64_t n) const { return std::rotr(static_cast<std::uint64_t>(n) * inverse_, shift_) <= most_; }
  friend bool operator==(const Multiples&, const Multiples&) = default;

 private:
  std::uint64_t inverse_ = 1;
  int shift_ = 0;
  std::uint64_t most_ = UINT64_MAX;
};

/// An instrument's rules as 64-bit numbers.
struct InstrumentGate {
  Multiples ticks, steps;
  std::int64_t min_quantity = 0, max_quantity = 0;
  std::int64_t factor = 0;  ///< InstrumentMath::mul: price * quantity * factor is the value
  std::int64_t min_notional = 0, taker = 0;
  std::int64_t tier_cap = 0, tier_leverage = 0, tier_maintenance = 0;  ///< of the first tier; the cap is clipped to 2^63-1
  std::uint16_t group_slot = 0;
  bool tiered = false;
  bool narrow = false;  ///< linear, whole values, and every amount above in its range; else the amounts are 0 and Instrument counts
  friend bool operator==(const InstrumentGate&, const InstrumentGate&) = default;
};

/// A pair's settings; beside the rest of PairRecord that reviews read.
struct PairGate {
  std::int64_t leverage = 0;          ///< mantissa, from 1; 0 where it is less or does not fit
  std::int64_t inverse_leverage = 0;  ///< 1 / leverage, rounded down
  AccountIx account{};
  InstrumentIx instrument{};
  PairState state = PairState::active;
  bool budgeted = false;
  bool narrow = false;  ///< leverage fits and the instrument's gate is narrow
  friend bool operator==(const PairGate&, const PairGate&) = default;
};

namespace risk_book {

/// After holding `index` of the account changed; `cost_before` is HotHolding::cost before it did.
void note_holding(const EngineState& state, AccountState& account, std::size_t index, wide::I128 cost_before);
/// Everything of an account anew.
void rebuild(const EngineState& state, AccountState& account);
/// Account settings, balance and order times alone.
void note_settings(AccountState& account);
void note_balance(AccountState& account);
void note_order_times(AccountState& account);
/// What reviews read of the user, after any of it or his list of accounts changed.
void note_user(EngineState& state, UserIx user);
InstrumentGate gate_of(const Instrument& instrument, const InstrumentMath& math, std::uint16_t group_slot);
/// Initial margin of a leverage in millionths of notional, rounded up.
std::uint32_t margin_ppm(Decimal leverage);
/// After the instrument's first price.
void note_first_price(EngineState& state, InstrumentIx instrument);
void note_pair(const EngineState& state, PairRecord& pair);

}  // namespace risk_book

}  // namespace prom
