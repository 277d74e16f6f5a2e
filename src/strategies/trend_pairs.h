// Two doubles side by side: one instruction steps both, and each has the bits that it would have alone. Internal to strategies/.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "domain/bar.h"

namespace prom::strategies {

using Pair = double __attribute__((vector_size(16)));
using PairBits = std::int64_t __attribute__((vector_size(16)));

inline Pair two_from(const double* from) {
  Pair pair;
  std::memcpy(&pair, from, sizeof pair);
  return pair;
}
inline Pair without_sign(Pair x) { return std::bit_cast<Pair>(std::bit_cast<PairBits>(x) & INT64_MAX); }
inline Pair larger(Pair a, Pair b) { return a < b ? b : a; }
/// First less second of either.
inline Pair spreads(Pair a, Pair b) { return __builtin_shufflevector(a, b, 0, 2) - __builtin_shufflevector(a, b, 1, 3); }
/// A spread on the other side than `side` has its sign set after exclusive or with this; equal averages have a sign too.
inline PairBits flip_of(std::int64_t side) { return PairBits{} + (side > 0 ? 0 : INT64_MIN); }

/// True ranges of bars k and k + 1, k > 0.
inline Pair true_ranges(const double* high, const double* low, const double* close, std::size_t k) {
  const Pair top = two_from(high + k), bottom = two_from(low + k), previous = two_from(close + k - 1);
  return larger(top - bottom, larger(without_sign(top - previous), without_sign(bottom - previous)));
}

}  // namespace prom::strategies
