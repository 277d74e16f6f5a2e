// The reference page of all tools, made from the registry. Pure; any thread.
#include <fmt/format.h>

#include <cmath>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "tools/indicator_call.h"
#include "tools/spec.h"

namespace prom {

namespace {

std::string number(double x) { return x == std::floor(x) && std::abs(x) < 1e15 ? fmt::format("{}", static_cast<std::int64_t>(x)) : format_f64(x); }

std::string_view type_name(ResultType type) {
  switch (type) {
    case ResultType::number: return "number";
    case ResultType::integer: return "integer";
    case ResultType::text: return "text";
    case ResultType::amount: return "decimal text";
    case ResultType::time: return "RFC 3339 time";
    case ResultType::flag: return "true or false";
    case ResultType::list: return "list";
    case ResultType::object: return "object";
  }
  PROM_UNREACHABLE();
}

void append_tool(std::string& out, const ToolSpec& spec) {
  out += fmt::format("### {}\n\n{}{}\n\n", spec.name, spec.description, spec.access == ToolAccess::proposing ? " Proposes; the risk engine decides." : "");
  if (!spec.feed.series.empty()) out += fmt::format("Needs {}{}.\n\n", spec.feed.series.starts_with("run.") ? "" : "a feed: ", spec.feed.served_by);
  if (!spec.unavailable.empty()) out += fmt::format("Unavailable: {}.\n\n", spec.unavailable);
  if (!spec.arguments.empty()) {
    out += fmt::format("Example: `{}`\n\n", example_of(spec));
    out += "| argument | what | values | default |\n|---|---|---|---|\n";
    for (const ArgSpec& arg : spec.arguments) {
      const std::string fallback = arg.need == ArgNeed::required ? "required"
                                   : arg.default_number          ? number(*arg.default_number)
                                                                 : std::string(arg.default_text);
      out += fmt::format("| `{}` | {} | {} | {} |\n", arg.name, arg.description, domain_of(arg), fallback);
    }
    out += '\n';
  }
  if (!spec.results.empty()) {
    out += "| result | type | what |\n|---|---|---|\n";
    for (const ResultField& field : spec.results) {
      out += fmt::format("| `{}` | {}{} | {} |\n", field.name, type_name(field.type), field.presence == ResultPresence::may_be_null ? " or null" : "",
                         field.description);
    }
    out += '\n';
  }
}

}  // namespace

std::string domain_of(const ArgSpec& arg) {
  switch (arg.type) {
    case ArgType::text: return fmt::format("text, at most {} characters", number(arg.maximum));
    case ArgType::choice: return fmt::format("{}", fmt::join(arg.choices.begin(), arg.choices.end(), ", "));
    case ArgType::integer: return fmt::format("integer {}..{}", number(arg.minimum), number(arg.maximum));
    case ArgType::number: return fmt::format("number {}..{}", number(arg.minimum), number(arg.maximum));
    case ArgType::amount: return "positive number or decimal text";
    case ArgType::time: return "RFC 3339 time";
    case ArgType::integer_list: return fmt::format("1 to {} integers {}..{}", arg.max_items, number(arg.minimum), number(arg.maximum));
    case ArgType::amount_list: return fmt::format("1 to {} positive numbers", arg.max_items);
    case ArgType::object_list: {
      std::string fields;
      for (const ArgSpec& field : arg.fields) fields += fmt::format("{}{} ({})", fields.empty() ? "" : ", ", field.name, domain_of(field));
      return fmt::format("1 to {} of {{{}}}", arg.max_items, fields);
    }
  }
  PROM_UNREACHABLE();
}

std::string tools_markdown() {
  std::size_t alone = 0, fed = 0, in_a_run = 0;
  for (const ToolSpec& spec : all_tool_specs()) {
    if (!spec.unavailable.empty()) continue;
    const bool run = spec.access == ToolAccess::proposing || spec.feed.series.starts_with("run.");
    ++(run ? in_a_run : spec.feed.series.empty() ? alone : fed);
  }
  std::string out = fmt::format(
      "# Tools\n\nMade from the registry by `promtrade tools docs`. {} tools. On the command line {} of them answer from bars and a paper account alone,\n"
      "{} more once their feed, recording or market is at hand, and {} only answer agents in a run: they propose, or need its trades or memory. The\n"
      "others say which source would serve them. `promtrade tools list` says what works in an installation. Every number carries its source and time\n"
      "(`sources`), and nothing later than the instant of the call is seen.\n",
      all_tool_specs().size(), alone, fed, in_a_run);
  const ToolSpec* before = nullptr;
  for (const ToolSpec& spec : all_tool_specs()) {
    if (before == nullptr || before->category != spec.category) out += fmt::format("\n## {}\n\n", name_of(spec.category));
    append_tool(out, spec);
    before = &spec;
  }
  return out + indicators_markdown();
}

}  // namespace prom
