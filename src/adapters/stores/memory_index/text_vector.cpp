// Feature hashing of words and trigrams. Pure; any thread.
#include "adapters/stores/memory_index/text_vector.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/detmath.h"
#include "base/hash.h"

namespace prom {
namespace {

constexpr double kWordWeight = 1.0;
constexpr double kTrigramWeight = 0.35;
// Different seeds keep a three-letter word and the same trigram apart.
constexpr std::uint64_t kWordSeed = 1;
constexpr std::uint64_t kTrigramSeed = 2;

struct Feature {
  std::uint64_t hash = 0;
  double weight = 0;
};
using Features = std::vector<Feature>;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

void add(Features& features, std::string_view piece, std::uint64_t seed, double weight) { features.push_back({hash_bytes(piece, seed), weight}); }

void add_word(Features& features, const std::string& word) {
  add(features, word, kWordSeed, kWordWeight);
  const std::string marked = "^" + word + "$";
  for (std::size_t i = 0; i + 3 <= marked.size(); ++i) add(features, std::string_view(marked).substr(i, 3), kTrigramSeed, kTrigramWeight);
}

}  // namespace

TextVector text_vector(std::string_view text) {
  Features features;
  std::string word;
  for (const char raw : text) {
    const char c = raw >= 'A' && raw <= 'Z' ? static_cast<char>(raw - 'A' + 'a') : raw;
    if (is_letter(c)) {
      word += c;
    } else if (!word.empty()) {
      add_word(features, word);
      word.clear();
    }
  }
  if (!word.empty()) add_word(features, word);
  std::array<double, kTextDimensions> sums{};
  std::ranges::sort(features, {}, &Feature::hash);  // equal ones side by side, and one order of additions whatever the order of words
  for (std::size_t i = 0, next = 0; i < features.size(); i = next) {
    const auto [hash, weight] = features[i];
    while (next < features.size() && features[next].hash == hash) ++next;
    const double value = next - i == 1 ? weight : weight * (1.0 + detmath::log(static_cast<double>(next - i)));
    sums[hash % kTextDimensions] += (hash >> 63) != 0 ? -value : value;
  }
  double square = 0;
  for (const double s : sums) square += s * s;
  TextVector out{};
  if (square <= 0) return out;
  const double scale = 1.0 / std::sqrt(square);
  for (std::size_t i = 0; i < kTextDimensions; ++i) out[i] = static_cast<float>(sums[i] * scale);
  return out;
}

}  // namespace prom
