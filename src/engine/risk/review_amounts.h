// What an opening proposal is worth and what its account has at risk already: in 64 bits where that is enough. Part of review_open.cpp; engine thread.
#pragma once

#include <bit>
#include <cstdlib>
#include <optional>

#include "engine/risk/book_walk.h"
#include "engine/risk/review_case.h"
#include "engine/risk/review_money.h"

namespace prom::opening {

/// An account's exposure in 64 bits: all of it, that of the proposal's group, that of its instrument.
struct Exposures {
  std::int64_t total = 0, group = 0, instrument = 0;
};

/// Exposure of an account whose book is `usual`: 64-bit products and sums, each watched for overflow. False where one does not fit.
[[gnu::always_inline]] inline bool measure(const Case& c, Exposures& out) {
  const RiskBook& book = c.book;
  std::int64_t total = 0;
#pragma clang loop unroll_count(4)
  for (std::size_t i = 0; i < book.count; ++i) {
    std::int64_t value = 0;
    if (__builtin_mul_overflow(book.weights[i], book_walk::price_of(c.state, book.rows[i]), &value) || __builtin_add_overflow(total, value, &total))
        [[unlikely]]
      return false;
  }
  out.total = total;
  const std::size_t row = c.proposal.instrument.v * RiskBook::kRow;
  for (std::uint32_t mask = book_walk::group_of(c.state, book, c.gate.group_slot); mask != 0; mask &= mask - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(mask));
    const std::int64_t value = book.weights[i] * book_walk::price_of(c.state, book.rows[i]);
    const std::int64_t of_instrument = book.rows[i] == row ? value : 0;
    if (__builtin_add_overflow(out.group, value, &out.group) || __builtin_add_overflow(out.instrument, of_instrument, &out.instrument)) [[unlikely]]
      return false;
  }
  return true;
}

/// Exposure and equity of any account. False where the equity is not known.
[[gnu::always_inline]] inline bool measure_any(Case& c) {
  c.exposure = exposure_of(c.state, c.account, c.proposal.instrument.v, c.instrument.group);
  if (c.exposure.plain == Known::yes && c.book.one_balance) {
    c.equity = sum<wide::I128>(c.account.balances[0].amount.mantissa(), c.exposure.unrealised);
    return true;
  }
  const auto equity = rests_on_old_price(c.state, c.proposal.account) ? std::nullopt : equity_of(c.state, c.proposal.account);
  if (equity) c.equity = equity->mantissa();
  return equity.has_value();
}

/// The amounts in 64 bits, where they are not negative and small enough that no sum of two overflows: value and value at the stop, and therefore fees and
/// risk, stay below 2^61 (2.3 million), equity and exposure below 2^62 (4.6 million). First the proposal's own, then the account's.
[[gnu::always_inline]] inline bool narrow_value(const Case& c, Amounts<std::int64_t>& out) {
  if (!c.book.narrow || !c.pair.gate.narrow) return false;
  const auto value_in_64 = [&c](PriceUnits price, std::int64_t& value) {
    return !__builtin_mul_overflow(price.v, c.quantity.v, &value) && !__builtin_mul_overflow(value, c.gate.factor, &value);
  };
  if (!value_in_64(c.worth, out.value)) [[unlikely]]
    return false;
  std::int64_t at_entry = out.value;
  if (c.worth != c.entry && !value_in_64(c.entry, at_entry)) [[unlikely]]
    return false;
  std::int64_t at_stop = at_entry;
  if (c.stop && !value_in_64(*c.stop, at_stop)) [[unlikely]]
    return false;
  if (((out.value | at_entry | at_stop) >> 61) != 0) [[unlikely]]
    return false;
  out.leverage = c.pair.gate.leverage;
  out.move_to_stop = std::abs(at_entry - at_stop);
  out.fees = mul_up<std::int64_t>(out.value + out.value, c.gate.taker);
  return true;
}
[[gnu::always_inline]] inline bool narrow_account(wide::I128 equity, const Exposures& exposures, Amounts<std::int64_t>& out) {
  const auto equity_64 = static_cast<std::int64_t>(equity);
  if (equity_64 != equity || ((equity_64 | exposures.total | exposures.group | exposures.instrument) >> 62) != 0) [[unlikely]]
    return false;
  out.equity = equity_64;
  out.margin = exposures.total;
  out.instrument_after = exposures.instrument + out.value;
  out.group_after = exposures.group + out.value;
  out.total_after = exposures.total + out.value;
  return true;
}

}  // namespace prom::opening
