// promtrade.toml as flat pairs of dotted key and text, each with its line. Pure; any thread. toml++ stays in the .cpp (it is heavy to compile).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace prom {

struct TomlValue {
  std::string key;   ///< "http.port"
  std::string text;  ///< lists joined by commas
  std::uint32_t line = 0;
};
struct TomlFault {
  std::uint32_t line = 0;
  std::string message;  ///< one sentence without the place
};

inline constexpr std::size_t kMaxTomlText = 1 << 20;

/// Every scalar and list of scalars of the file in order of lines. Dates, lists of tables and lists of lists are faults: no setting has one.
std::expected<std::vector<TomlValue>, TomlFault> read_toml(std::string_view text);

}  // namespace prom
