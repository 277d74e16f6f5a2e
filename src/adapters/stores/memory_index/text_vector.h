// Text as a vector without a model: signed feature hashing of words and of their character trigrams, so that the same text gives the same vector everywhere.
// Source: Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace prom {

inline constexpr std::size_t kTextDimensions = 128;
using TextVector = std::array<float, kTextDimensions>;

/// Features: each word (letters and digits, ASCII lower case; other bytes of UTF-8 count as letters) with weight 1, and each trigram of "^word$" with weight
/// 0.35. A feature seen n times counts 1 + ln(n) times its weight, goes to dimension hash mod 128, with the sign of another bit of the hash. The result has
/// length 1, or is all zeros for a text without words.
TextVector text_vector(std::string_view text);

}  // namespace prom
