// The walk over an account's packed holdings (state/risk_book.h): exact sums of value * 1e12, at the last prices. Engine thread; reads only.
#pragma once

#include <bit>

#include "engine/state/state.h"

namespace prom::book_walk {

inline const std::int64_t& price_of(const EngineState& state, std::size_t row) { return reinterpret_cast<const std::int64_t*>(state.market.data())[row]; }

inline wide::I128 value_of(const EngineState& state, const RiskBook& book, std::size_t i) {
  return wide::I128{price_of(state, book.rows[i])} * book.weights[i];
}

/// The entries of a group beyond those with a mask of their own.
[[gnu::noinline]] inline std::uint32_t find_group(const EngineState& state, const RiskBook& book, std::uint16_t group_slot) {
  std::uint32_t mask = 0;
  for (std::size_t i = 0; i < book.count; ++i)
    if (state.gates[book.rows[i] / RiskBook::kRow].group_slot == group_slot) mask |= 1U << i;
  return mask;
}

/// The entries of a correlation group.
[[gnu::always_inline]] inline std::uint32_t group_of(const EngineState& state, const RiskBook& book, std::uint16_t group_slot) {
  if (group_slot < RiskBook::kGroups) [[likely]]
    return book.groups[group_slot];
  return find_group(state, book, group_slot);
}

/// Values of the entries in `mask`.
inline wide::I128 sum_of(const EngineState& state, const RiskBook& book, std::uint32_t mask) {
  wide::I128 sum = 0;
  for (; mask != 0; mask &= mask - 1) sum += value_of(state, book, static_cast<std::size_t>(std::countr_zero(mask)));
  return sum;
}

/// Value of all entries.
[[gnu::always_inline]] inline wide::I128 total_of(const EngineState& state, const RiskBook& book) {
  wide::I128 total = 0;
#pragma clang loop unroll_count(4)
  for (std::size_t i = 0; i < book.count; ++i) wide::add_product(total, book.weights[i], price_of(state, book.rows[i]));
  return total;
}

/// Signed value of the positions alone: shorts count against, and orders in flight not at all.
inline wide::I128 held_of(const EngineState& state, const AccountState& account, wide::I128 total) {
  const RiskBook& book = account.book;
  wide::I128 held = total;
  if (book.shorts != 0) held -= 2 * sum_of(state, book, book.shorts);
  for (std::uint32_t mask = book.pending; mask != 0; mask &= mask - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(mask));
    const HotHolding& hot = account.hot[book.holdings[i]];
    const wide::I128 price = state.market[hot.instrument].last.v;
    const bool is_short = (book.shorts >> i & 1U) != 0;
    held += price * (hot.quantity * state.math[hot.instrument].mul) - (is_short ? -1 : 1) * price * book.weights[i];
  }
  return held;
}

/// total * ppm / 1e6, rounded towards zero. Where the total fits 63 bits the compiler turns both divisions into multiplications.
[[gnu::always_inline]] inline wide::I128 share_of(wide::I128 total, std::uint32_t ppm) {
  if (static_cast<std::int64_t>(total) == total && total >= 0) [[likely]] {
    const auto n = static_cast<std::uint64_t>(total);
    return wide::I128{static_cast<std::int64_t>(n / 1'000'000)} * ppm + static_cast<std::int64_t>(n % 1'000'000 * ppm / 1'000'000);
  }
  return total * ppm / 1'000'000;
}

/// Initial margin in use.
inline wide::I128 margin_of(const EngineState& state, const AccountState& account, wide::I128 total) {
  const RiskBook& book = account.book;
  if (book.one_margin) return share_of(total, book.margin_ppm);
  wide::I128 sum = 0;
  for (std::size_t i = 0; i < book.count; ++i) sum += value_of(state, book, i) * account.hot[book.holdings[i]].margin_ppm;
  return sum / 1'000'000;
}

}  // namespace prom::book_walk
