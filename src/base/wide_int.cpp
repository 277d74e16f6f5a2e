// The 256-bit cases, taken only when an operand does not fit 64 bits.
#include "base/wide_int.h"

#include <array>
#include <bit>
#include <cstddef>

#include "base/assert.h"

namespace prom::wide {
namespace {

using Limbs = std::array<std::uint64_t, 5>;  // least significant first

Quotient256 divide_by_one_limb(U256 n, std::uint64_t divisor) {
  if (n.hi == 0) {
    const Quotient128 q = divide_by_64(n.lo, divisor);
    return {{0, q.quotient}, q.remainder};
  }
  const std::uint64_t limbs[4] = {high64(n.hi), low64(n.hi), high64(n.lo), low64(n.lo)};
  std::uint64_t quotient[4] = {};
  std::uint64_t remainder = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    if (remainder == 0 && limbs[i] < divisor) {  // a leading digit is often zero, and this costs no divq
      remainder = limbs[i];
      continue;
    }
    const Quotient64 step = divide_128_by_64(remainder, limbs[i], divisor);
    quotient[i] = step.quotient;
    remainder = step.remainder;
  }
  return {{join(quotient[0], quotient[1]), join(quotient[2], quotient[3])}, remainder};
}

// One digit of algorithm D for a divisor of two limbs with its top bit set: takes (u[j+2], u[j+1], u[j]) < divisor * 2^64 modulo the
// divisor in place and returns the digit. With two limbs the usual test sees the whole divisor, so the estimate ends exact.
std::uint64_t divide_step(Limbs& u, std::size_t j, U128 divisor) {
  const std::uint64_t d1 = high64(divisor);
  const std::uint64_t d0 = low64(divisor);
  std::uint64_t digit = UINT64_MAX;
  U128 rest = U128{u[j + 1]} + d1;  // of (u[j+2], u[j+1]) by d1, for the largest digit
  if (u[j + 2] < d1) {
    const Quotient64 estimate = divide_128_by_64(u[j + 2], u[j + 1], d1);
    digit = estimate.quotient;
    rest = estimate.remainder;
  }
  while (high64(rest) == 0 && multiply_64(digit, d0) > join(low64(rest), u[j])) {
    --digit;
    rest += d1;
  }
  // What is left is below the divisor, so 128 bits and wrap-around arithmetic suffice.
  const U128 left = join(u[j + 1], u[j]) - divisor * digit;
  u[j + 2] = 0;
  u[j + 1] = high64(left);
  u[j] = low64(left);
  return digit;
}

}  // namespace

U256 multiply_128(U128 a, U128 b) {
  const U128 low = multiply_64(low64(a), low64(b));
  const U128 cross1 = multiply_64(high64(a), low64(b));
  const U128 cross2 = multiply_64(low64(a), high64(b));
  const U128 high = multiply_64(high64(a), high64(b));
  const U128 middle = U128{high64(low)} + low64(cross1) + low64(cross2);
  return {high + high64(cross1) + high64(cross2) + high64(middle), join(low64(middle), low64(low))};
}

Quotient256 divide_256(U256 n, U128 divisor) {
  PROM_ASSERT(divisor != 0, "division by zero");
  if (high64(divisor) == 0) return divide_by_one_limb(n, low64(divisor));
  const int shift = std::countl_zero(high64(divisor));
  const U128 normal = divisor << shift;
  const std::uint64_t in[4] = {low64(n.lo), high64(n.lo), low64(n.hi), high64(n.hi)};
  Limbs u{};
  for (std::size_t i = 0; i < 4; ++i) {
    const U128 wide = U128{in[i]} << shift;
    u[i] |= low64(wide);
    u[i + 1] = high64(wide);
  }
  const std::uint64_t q2 = divide_step(u, 2, normal);
  const std::uint64_t q1 = divide_step(u, 1, normal);
  const std::uint64_t q0 = divide_step(u, 0, normal);
  return {{q2, join(q1, q0)}, join(u[1], u[0]) >> shift};
}

}  // namespace prom::wide
