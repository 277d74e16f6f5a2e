// toml++ as every reader of this project uses it: what that library would end the program on becomes a refusal. Include only in .cpp files (toml++ is heavy).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace prom {

/// Thrown where toml++ 3.3 states an assumption about the text that the text does not meet: `a = [7,}` and `[;x]` fail asserts of its parser, found by fuzzing.
struct TomlBroken {};

}  // namespace prom

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// With NDEBUG the asserts would become assumptions of the optimiser, and a broken text undefined behaviour; toml++ takes TOML_ASSERT only without it.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : throw ::prom::TomlBroken{})
#include <toml++/toml.h>  // tidy-ok(heavy_headers): the one place of it
#pragma pop_macro("NDEBUG")

namespace prom {

struct TomlRefusal {
  std::uint32_t line = 1;  ///< 1-based
  std::string message;     ///< what stands there, for a person; begins in lower case
};

/// The table of a TOML text, or the place and reason of the first thing that is not TOML. `origin` names the text in the nodes' sources. Refuses what toml_hazard
/// refuses. Any thread.
std::expected<toml::table, TomlRefusal> parse_toml_text(std::string_view text, std::string_view origin = {});

}  // namespace prom
