// Asks for hazards first, then parses.
#include "base/toml_document.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/toml_hazard.h"

namespace prom {
namespace {

std::optional<toml::parse_result> try_parse(std::string_view text, std::string_view origin) {
  try {
    return toml::parse(text, origin);
  } catch (const TomlBroken&) {
    return std::nullopt;
  }
}

/// toml++ does not say where it broke: the line by which the shortest breaking beginning of the text ends. It reads from front to back, so every longer
/// beginning breaks too, and halving finds it.
std::uint32_t broken_line(std::string_view text) {
  std::vector<std::size_t> ends;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', end + 1)) ends.push_back(end);
  const auto breaks = [text](std::size_t end) { return !try_parse(text.substr(0, end), {}); };
  const auto first = std::ranges::partition_point(ends, [&](std::size_t end) { return !breaks(end); });
  return static_cast<std::uint32_t>(first - ends.begin()) + 1;
}

}  // namespace

std::expected<toml::table, TomlRefusal> parse_toml_text(std::string_view text, std::string_view origin) {
  if (const auto hazard = toml_hazard(text)) return std::unexpected(TomlRefusal{hazard->line, std::string(hazard->message)});
  std::optional<toml::parse_result> parsed = try_parse(text, origin);
  if (!parsed) return std::unexpected(TomlRefusal{broken_line(text), "a value or a closing bracket stands where TOML has no place for it"});
  if (*parsed) return std::move(*parsed).table();
  std::string message(parsed->error().description());
  constexpr std::string_view kStart = "Error while parsing ";
  if (message.starts_with(kStart)) message = "cannot read the " + message.substr(kStart.size());
  return std::unexpected(TomlRefusal{std::max<std::uint32_t>(1, static_cast<std::uint32_t>(parsed->error().source().begin.line)), std::move(message)});
}

}  // namespace prom
