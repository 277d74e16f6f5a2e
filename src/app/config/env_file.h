// Reads the text of a .env file: KEY=VALUE lines as shells and compose tools write them. Pure; any thread.
#pragma once

#include <cstdint>
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

/// A file as far as it can be read, and everything that is wrong with it.
struct EnvText {
  std::vector<EnvLine> lines;    ///< each key once, ascending by line
  std::vector<EnvFault> faults;  ///< ascending by line; empty: the file is sound
};

inline constexpr std::size_t kMaxEnvText = 1 << 20;

/// Blank lines and lines that begin with # are skipped; `export ` before a key is allowed. Keys are [A-Za-z_][A-Za-z0-9_]*, each at most once.
/// Values: bare (blanks at both ends cut, a # after a blank begins a comment), 'as it stands', or "with \n \t \r \" \\ \$ escapes"; quoted ones may span lines.
/// Nothing is substituted: $ is a character. A key that is set again is a fault and its second value is left out. A line that cannot be read is the last fault: where
/// its value ends nobody knows, so nothing below it is read, and its hint says so.
EnvText parse_env(std::string_view text);

}  // namespace prom
