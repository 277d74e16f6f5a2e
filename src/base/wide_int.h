// 128- and 256-bit unsigned steps that Decimal is built from. Internal to base: not for use elsewhere.
// Any thread; pure functions.
#pragma once
#include <cstdint>

namespace prom::wide {

__extension__ using U128 = unsigned __int128;
__extension__ using I128 = __int128;

struct Quotient64 {
  std::uint64_t quotient;
  std::uint64_t remainder;
};
struct Quotient128 {
  U128 quotient;
  U128 remainder;
};
// Value = hi * 2^128 + lo.
struct U256 {
  U128 hi;
  U128 lo;
};

constexpr std::uint64_t high64(U128 x) { return static_cast<std::uint64_t>(x >> 64); }
constexpr std::uint64_t low64(U128 x) { return static_cast<std::uint64_t>(x); }
constexpr U128 join(std::uint64_t hi, std::uint64_t lo) { return (U128{hi} << 64) | lo; }

// |x| as unsigned; right for the smallest value too.
constexpr U128 magnitude(I128 x) { return x < 0 ? U128{0} - static_cast<U128>(x) : static_cast<U128>(x); }

// (hi * 2^64 + lo) / divisor. Requires hi < divisor, so that the quotient fits 64 bits. The compiler would call __udivti3, which does not
// know that and takes twice the time; one divq does.
constexpr Quotient64 divide_128_by_64(std::uint64_t hi, std::uint64_t lo, std::uint64_t divisor) {
#if defined(__x86_64__)
  if (!__builtin_is_constant_evaluated()) {
    std::uint64_t quotient = 0;
    std::uint64_t remainder = 0;
    __asm__("divq %[divisor]" : "=a"(quotient), "=d"(remainder) : "a"(lo), "d"(hi), [divisor] "r"(divisor) : "cc");
    return {quotient, remainder};
  }
#endif
  const U128 n = join(hi, lo);
  return {static_cast<std::uint64_t>(n / divisor), static_cast<std::uint64_t>(n % divisor)};
}

// n / divisor with a 64-bit divisor != 0: one divq when the quotient is small, else two.
constexpr Quotient128 divide_by_64(U128 n, std::uint64_t divisor) {
  const std::uint64_t hi = high64(n);
  if (hi < divisor) [[likely]] {
    const Quotient64 only = divide_128_by_64(hi, low64(n), divisor);
    return {only.quotient, only.remainder};
  }
  const std::uint64_t top = hi / divisor;
  const Quotient64 rest = divide_128_by_64(hi % divisor, low64(n), divisor);
  return {join(top, rest.quotient), rest.remainder};
}

// a * b in full: one mulq. In C++ the compiler may carry the operands' upper halves along as two more multiplications.
constexpr U128 multiply_64(std::uint64_t a, std::uint64_t b) {
#if defined(__x86_64__)
  if (!__builtin_is_constant_evaluated()) {
    std::uint64_t lo = 0;
    std::uint64_t hi = 0;
    __asm__("mulq %[b]" : "=a"(lo), "=d"(hi) : "a"(a), [b] "r"(b) : "cc");
    return join(hi, lo);
  }
#endif
  return U128{a} * b;
}

// sum += a * b in full: one imulq and two additions. In C++ the compiler moves the sum about for every product.
constexpr void add_product(I128& sum, std::int64_t a, const std::int64_t& b) {
#if defined(__x86_64__)
  if (!__builtin_is_constant_evaluated()) {
    auto lo = static_cast<std::uint64_t>(sum);
    auto hi = static_cast<std::uint64_t>(sum >> 64);
    __asm__("imulq %[b]\n\taddq %%rax, %[lo]\n\tadcq %%rdx, %[hi]" : [lo] "+&r"(lo), [hi] "+&r"(hi), "+&a"(a) : [b] "m"(b) : "rdx", "cc");
    sum = static_cast<I128>(join(hi, lo));
    return;
  }
#endif
  sum += I128{a} * b;
}

// Full 128 x 128 -> 256 bit product.
U256 multiply_128(U128 a, U128 b);

struct Quotient256 {
  U256 quotient;
  U128 remainder;
};
// n / divisor, divisor != 0, by schoolbook long division (Knuth, TAOCP vol. 2, 4.3.1, algorithm D).
Quotient256 divide_256(U256 n, U128 divisor);

}  // namespace prom::wide
