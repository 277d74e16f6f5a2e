// Texts that toml++ 3.3 does not refuse but ends the program on, found by fuzzing: every reader of TOML asks here first. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace prom {

struct TomlHazard {
  std::uint32_t line = 0;    ///< 1-based
  std::string_view message;  ///< what stands there, for a person
};

/// The first hazard of the text, if there is one: a table header whose name begins with no key character, such as [;x] (fails an assert inside parse_key), or a
/// character beyond ASCII outside quotes and comments (undefined behaviour in its character tables). Some texts that are TOML only by the letter of the
/// standard (a list of lists broken over lines) are refused with them.
std::optional<TomlHazard> toml_hazard(std::string_view text);

}  // namespace prom
