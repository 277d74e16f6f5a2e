// Walks the parsed tables of promtrade.toml.
#include "app/config/toml_values.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/text.h"

namespace prom {
namespace {

std::uint32_t line_of(const toml::node& node) { return static_cast<std::uint32_t>(node.source().begin.line); }

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto value = node.value_exact<std::string>()) return *value;
  if (const auto value = node.value_exact<std::int64_t>()) return std::to_string(*value);
  if (const auto value = node.value_exact<bool>()) return std::string(*value ? "true" : "false");
  if (const auto value = node.value_exact<double>()) return format_f64(*value);
  return std::nullopt;
}

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

class Walk {
 public:
  std::optional<TomlFault> fault;
  std::vector<TomlValue> values;

  void table(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      if (fault) return;
      const std::string key = prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      if (const auto* inner = node.as_table()) {
        this->table(*inner, key);
      } else if (const auto* list = node.as_array()) {
        array(*list, key);
      } else if (const auto text = scalar_text(node)) {
        values.push_back({key, *text, line_of(node)});
      } else {
        fault = TomlFault{line_of(node), key + " is a date; no setting takes one"};
      }
    }
  }

 private:
  void array(const toml::array& list, const std::string& key) {
    std::string joined;
    for (const toml::node& item : list) {
      const auto text = scalar_text(item);
      if (!text) {
        fault = TomlFault{line_of(item), key + " must be a list of texts or numbers"};
        return;
      }
      if (!joined.empty()) joined += ',';
      joined += *text;
    }
    values.push_back({key, joined, line_of(list)});
  }
};

}  // namespace

std::expected<std::vector<TomlValue>, TomlFault> read_toml(std::string_view text) {
  if (text.size() > kMaxTomlText) return std::unexpected(TomlFault{1, "the file is larger than 1 MiB"});
  if (const auto line = bad_table_header(text)) return std::unexpected(TomlFault{*line, "a table is written [name], of letters, digits, - and _"});
  if (const auto line = bare_non_ascii(text)) return std::unexpected(TomlFault{*line, "a character beyond ASCII stands outside quotes"});
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    std::string message(parsed.error().description());
    constexpr std::string_view kStart = "Error while parsing ";
    if (message.starts_with(kStart)) message = "cannot read the " + message.substr(kStart.size());
    return std::unexpected(TomlFault{std::max<std::uint32_t>(1, static_cast<std::uint32_t>(parsed.error().source().begin.line)), message});
  }
  Walk walk;
  walk.table(parsed.table(), "");
  if (walk.fault) return std::unexpected(*walk.fault);
  std::ranges::sort(walk.values, {}, [](const TomlValue& value) { return std::tie(value.line, value.key); });
  return walk.values;
}

}  // namespace prom
