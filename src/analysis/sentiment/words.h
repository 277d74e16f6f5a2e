// A text as its words: runs of ASCII letters, digits, apostrophes (typographic ones too) and hyphens. Internal to this folder; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prom::sentiment {

inline constexpr std::size_t kMostWords = 400;

struct Word {
  std::string text;     ///< every apostrophe as ', none at either end: there it is a quotation mark
  bool dollar = false;  ///< a $ stands directly before
  bool breaks = false;  ///< the end of a sentence, a semicolon or a colon stands between the word before and this one
};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of an apostrophe that begins here: ' or, as typesetting has it, U+2018 or U+2019. 0 where none does.
inline std::size_t apostrophe_bytes(std::string_view text, std::size_t at) {
  if (text[at] == '\'') return 1;
  const std::string_view three = text.substr(at, 3);
  return three == "\xE2\x80\x98" || three == "\xE2\x80\x99" ? 3 : 0;
}

/// Whether a sentence, or a part that stands for itself, ends at this byte. A point between two letters or digits ("3.5%", "coinbase.com") ends none, nor does
/// the last one of an abbreviation ("U.S."), behind which a sentence more often goes on than ends.
inline bool ends_part(std::string_view text, std::size_t at) {
  if (text[at] != '.') return std::string_view(";:?!").find(text[at]) != std::string_view::npos;
  const auto inner = [&](std::size_t i) { return i < text.size() && (is_letter(text[i]) || is_digit(text[i])); };
  if (at == 0 || !inner(at - 1)) return true;
  const bool abbreviation = at >= 2 && is_letter(text[at - 1]) && text[at - 2] == '.';
  return !inner(at + 1) && !abbreviation;
}

inline std::vector<Word> words_of(std::string_view text) {
  std::vector<Word> out;
  bool breaks = false;
  for (std::size_t i = 0; i < text.size() && out.size() < kMostWords;) {
    std::string word;
    std::size_t end = i;
    while (end < text.size()) {
      if (const std::size_t bytes = apostrophe_bytes(text, end); bytes > 0) {
        word.push_back('\'');
        end += bytes;
        continue;
      }
      const char c = text[end];
      // "3.5" is one word: as two it would push a negation out of reach.
      const bool point = c == '.' && end > i && is_digit(text[end - 1]) && end + 1 < text.size() && is_digit(text[end + 1]);
      if (!is_letter(c) && !is_digit(c) && c != '-' && !point) break;
      word.push_back(c);
      ++end;
    }
    if (end == i) {
      breaks = breaks || ends_part(text, i);
      ++i;
      continue;
    }
    const bool dollar = i > 0 && text[i - 1] == '$';
    i = end;
    const std::size_t first = word.find_first_not_of('\'');
    if (first == std::string::npos) continue;
    word = word.substr(first, word.find_last_not_of('\'') + 1 - first);
    out.push_back({std::move(word), dollar, breaks});
    breaks = false;
  }
  return out;
}

}  // namespace prom::sentiment
