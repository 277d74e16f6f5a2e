// Reads the numbers of market files exactly: a decimal mantissa and its fraction digits, never through a double. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace prom::archive {

/// mantissa * 10^-digits, trailing zeros of the fraction removed. Digits beyond the 18th significant one are cut and remembered.
struct Number {
  enum class Rest : std::uint8_t { none, below_half, half_or_more };  ///< what was cut, in units of the last kept digit
  std::uint64_t mantissa = 0;
  int digits = 0;  ///< 0..18 and more for tiny numbers, at most 40
  bool negative = false;
  Rest rest = Rest::none;
  bool is_zero() const { return mantissa == 0 && rest == Rest::none; }
};

/// [+-] digits [. digits] [e [+-] digits], the whole text. nullopt for anything else ("nan", "inf", "1,5", "") and for 1e18 and above.
std::optional<Number> parse_number(std::string_view text);

enum class Cut : std::uint8_t { nearest, down };  ///< how digits beyond the scale are dropped
struct Scaled {
  std::int64_t units;
  bool exact;
};
/// The number in units of 10^-digits (0..18); nullopt when it does not fit 4e18 (half the range of int64: room for sums).
std::optional<Scaled> to_scale(const Number& number, int digits, Cut cut);

inline constexpr std::int64_t kUnitLimit = 4'000'000'000'000'000'000;
inline constexpr std::int64_t kPowersOfTen[19] = {1LL,
                                                  10LL,
                                                  100LL,
                                                  1'000LL,
                                                  10'000LL,
                                                  100'000LL,
                                                  1'000'000LL,
                                                  10'000'000LL,
                                                  100'000'000LL,
                                                  1'000'000'000LL,
                                                  10'000'000'000LL,
                                                  100'000'000'000LL,
                                                  1'000'000'000'000LL,
                                                  10'000'000'000'000LL,
                                                  100'000'000'000'000LL,
                                                  1'000'000'000'000'000LL,
                                                  10'000'000'000'000'000LL,
                                                  100'000'000'000'000'000LL,
                                                  1'000'000'000'000'000'000LL};

}  // namespace prom::archive
