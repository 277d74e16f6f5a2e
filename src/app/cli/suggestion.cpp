// By the distance between words.
#include "app/cli/suggestion.h"

#include "base/text.h"

namespace prom {

std::string suggestion_of(std::string_view word, std::span<const std::string_view> known, std::string_view otherwise) {
  constexpr std::size_t kLongest = 80;  // no name is longer, and looking would take long
  const auto nearest = word.size() > kLongest ? std::nullopt : closest(word, known);
  return (nearest ? "did you mean '" + std::string(*nearest) + "'? " : std::string()) + std::string(otherwise);
}

}  // namespace prom
