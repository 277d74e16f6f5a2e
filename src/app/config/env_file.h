// Reads the text of a .env file: KEY=VALUE lines as shells and compose tools write them. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace prom {

struct EnvLine {
  std::string key;
  std::string value;
  std::uint32_t line = 0;  ///< 1-based, where the key stands
};
struct EnvFault {
  std::uint32_t line = 0;
  std::string message;  ///< one sentence without the place; never repeats a value, which may be secret
  std::string hint;
};

inline constexpr std::size_t kMaxEnvText = 1 << 20;

/// Blank lines and lines that begin with # are skipped; `export ` before a key is allowed. Keys are [A-Za-z_][A-Za-z0-9_]*, each at most once.
/// Values: bare (blanks at both ends cut, a # after a blank begins a comment), 'as it stands', or "with \n \t \r \" \\ \$ escapes"; quoted ones may span lines.
/// Nothing is substituted: $ is a character. The first fault ends the reading.
std::expected<std::vector<EnvLine>, EnvFault> parse_env(std::string_view text);

}  // namespace prom
