// TOML hazards. Any thread.
#include "base/toml_hazard.h"

#include <algorithm>

#include "base/text.h"

namespace prom {
namespace {

/// The line of a header such as [;x], if there is one: toml++ 3.3 does not report it but fails its own assert in parse_key (our fuzzer found it). Lines that begin
/// so inside a list or a text of several lines are no settings either.
std::optional<std::uint32_t> bad_table_header(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  std::uint32_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    for (int brackets = 0; brackets < 2; ++brackets) {
      line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
      if (!line.starts_with('[')) break;
      line.remove_prefix(1);
      line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
      const char c = line.empty() ? '\n' : line.front();
      const bool begins_key = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '"' || c == '\'';
      if (!begins_key && c != ']' && (c != '[' || brackets == 1)) return number;
    }
  }
  return std::nullopt;
}

/// The line of a character beyond ASCII outside quotes and comments, if there is one: toml++ 3.3 runs into undefined behaviour there (found likewise).
std::optional<std::uint32_t> bare_non_ascii(std::string_view text) {
  std::uint32_t line = 1;
  std::string_view closing;  // of the text or comment that we are in; empty = in neither
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (text[i] == '\n') ++line;
    if (closing.empty()) {
      if ((static_cast<unsigned char>(text[i]) & 0x80U) != 0) return line;
      for (const std::string_view quote : {"\"\"\"", "'''", "\"", "'"}) {
        if (!closing.empty() || !rest.starts_with(quote)) continue;
        closing = quote;
        i += quote.size() - 1;
      }
      if (text[i] == '#') closing = "\n";
    } else if (text[i] == '\\' && closing.front() == '"') {
      ++i;
    } else if (rest.starts_with(closing) || (closing.size() == 1 && text[i] == '\n')) {
      i += closing.size() - 1;
      closing = {};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<TomlHazard> toml_hazard(std::string_view text) {
  if (const auto line = bad_table_header(text)) return TomlHazard{*line, "a table is written [name], of letters, digits, - and _"};
  if (const auto line = bare_non_ascii(text)) return TomlHazard{*line, "a character beyond ASCII stands outside quotes"};
  return std::nullopt;
}

}  // namespace prom
