// A text as its words: runs of ASCII letters, digits, apostrophes and hyphens. Internal to this folder; pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace prom::sentiment {

inline constexpr std::size_t kMostWords = 400;

struct Word {
  std::string_view text;
  bool dollar = false;  ///< a $ stands directly before
  bool breaks = false;  ///< a full stop, semicolon, colon, question or exclamation mark stands between the word before and this one
};

inline std::vector<Word> words_of(std::string_view text) {
  const auto inside = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '\'' || c == '-'; };
  std::vector<Word> out;
  bool breaks = false;
  for (std::size_t i = 0; i < text.size() && out.size() < kMostWords;) {
    if (!inside(text[i])) {
      breaks = breaks || std::string_view(".;:?!").find(text[i]) != std::string_view::npos;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && inside(text[end])) ++end;
    out.push_back({text.substr(i, end - i), i > 0 && text[i - 1] == '$', breaks});
    breaks = false;
    i = end;
  }
  return out;
}

}  // namespace prom::sentiment
