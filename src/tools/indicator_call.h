// What technicians expect beside the 108 tools, by name, for people at the command line: `tools call indicator`. No agent can ask for it. Pure over its context;
// any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/spec.h"

namespace prom {

/// The name under which the command line offers it. It is not in the registry.
inline constexpr std::string_view kIndicatorCall = "indicator";

/// Every indicator as a tool would be declared, by category, then name; `results` are its columns.
std::span<const ToolSpec> indicator_specs();

/// The parts of indicator_specs(), one a source file.
std::span<const ToolSpec> price_indicators();
std::span<const ToolSpec> bar_indicators();

/// What is wrong with {"name": ..., arguments of that indicator}; nothing when it can be called. Needs no market, so a misspelt name waits for no file.
std::optional<ToolError> check_indicator_call(const Value& object);
/// Runs it over all closed bars at the context's instant: the newest value of each column (null where it is still warming up), and the series when asked for.
ToolResult call_indicator(const ToolContext& context, const ToolArguments& arguments);

/// [{"name","category","description","arguments":{name: what it may be},"outputs":[...]}]
Value indicator_list();
/// The section of docs/tools.md.
std::string indicators_markdown();

}  // namespace prom
