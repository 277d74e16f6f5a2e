// `tools call indicator`: the list, the look-up and the check of a call. Built once at first use from constant tables, read by any thread afterwards.
#include "tools/indicator_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace prom {

namespace {

constexpr std::size_t kMaxShown = 60;

struct Split {
  const ToolSpec* spec = nullptr;
  Value arguments;  // without `name`
};

ToolError unknown_indicator(std::string_view name) {
  std::string hint = "`promtrade tools call indicator` lists them";
  if (const Tool* tool = find_tool(name)) {
    hint = fmt::format("`{0}` is a tool of its own: promtrade tools call {0}", tool->info.name);
  } else {
    std::vector<std::string_view> names;
    for (const ToolSpec& spec : indicator_specs()) names.push_back(spec.name);
    if (const auto near = nearest_name(name, names, 4)) hint = fmt::format("did you mean `{}`?", *near);
  }
  return bad_argument(fmt::format("there is no indicator `{}`", name.substr(0, kMaxShown)), std::move(hint));
}

std::expected<Split, ToolError> split(const Value& object) {
  const auto* members = std::get_if<ValueObject>(&object.storage());
  if (members == nullptr) return std::unexpected(bad_argument("the arguments of indicator must be an object", R"(such as {"name": "adx", "period": 14})"));
  const Value* name = member(*members, "name");
  const auto text = name == nullptr ? std::nullopt : name->text();
  if (!text) {
    return std::unexpected(bad_argument(name == nullptr ? "argument `name` of indicator is missing" : "argument `name` of indicator must be text",
                                        "`promtrade tools call indicator` lists the names"));
  }
  const auto specs = indicator_specs();
  const auto at = std::ranges::find(specs, *text, &ToolSpec::name);
  if (at == specs.end()) return std::unexpected(unknown_indicator(*text));
  ValueObject rest;
  for (const auto& [key, value] : *members) {
    if (key != "name") rest.emplace_back(key, value);
  }
  return Split{&*at, Value(std::move(rest))};
}

bool of_the_market(const ArgSpec& arg) { return arg.name == kInstrumentArg.name || arg.name == kTimeframeArg.name; }

std::string default_of(const ArgSpec& arg) {
  if (arg.default_number) return format_f64(*arg.default_number);
  return std::string(arg.default_text);
}

}  // namespace

std::span<const ToolSpec> indicator_specs() {
  static const std::vector<ToolSpec> kSpecs = [] {
    std::vector<ToolSpec> specs;
    for (const auto& part : {bar_indicators(), price_indicators()}) specs.insert(specs.end(), part.begin(), part.end());
    std::ranges::sort(specs, {}, [](const ToolSpec& spec) { return std::pair(spec.category, spec.name); });
    return specs;
  }();
  return kSpecs;
}

std::optional<ToolError> check_indicator_call(const Value& object) {
  const auto call = split(object);
  if (!call) return call.error();
  return check_arguments(call->spec->name, call->spec->arguments, call->arguments);
}

ToolResult call_indicator(const ToolContext& context, const ToolArguments& arguments) {
  auto call = split(arguments.object);
  if (!call) return std::unexpected(call.error());
  if (auto fault = check_arguments(call->spec->name, call->spec->arguments, call->arguments)) return std::unexpected(std::move(*fault));
  return call->spec->run(context, {std::move(call->arguments), arguments.series});
}

Value indicator_list() {
  ValueList out;
  for (const ToolSpec& spec : indicator_specs()) {
    ValueObject arguments;
    for (const ArgSpec& arg : spec.arguments) {
      if (of_the_market(arg)) continue;
      const std::string fallback = default_of(arg);
      arguments.emplace_back(std::string(arg.name), Value(domain_of(arg) + (fallback.empty() ? "" : ", default " + fallback)));
    }
    ValueList outputs;
    for (const ResultField& field : spec.results) outputs.emplace_back(Value(field.name));
    out.emplace_back(ValueObject{{"name", Value(spec.name)},
                                 {"category", Value(name_of(spec.category))},
                                 {"description", Value(spec.description)},
                                 {"arguments", std::move(arguments)},
                                 {"outputs", std::move(outputs)}});
  }
  return Value(std::move(out));
}

std::string indicators_markdown() {
  std::string out = fmt::format(
      "\n## On the command line only: indicator\n\n`promtrade tools call indicator --args '{{\"name\": \"adx\", \"period\": 14}}'` computes what technicians "
      "expect beside "
      "the\ntools above; agents cannot ask for it. `--args '{{}}'` lists the {} names. Each also takes `instrument` and `timeframe`, reads all closed bars, "
      "and\n"
      "gives the newest value of each output; `--series` gives all. Definitions, seeds and warm-up stand in src/analysis/indicators.\n\n"
      "| name | what | arguments | outputs |\n|---|---|---|---|\n",
      indicator_specs().size());
  for (const ToolSpec& spec : indicator_specs()) {
    std::string arguments, outputs;
    for (const ArgSpec& arg : spec.arguments) {
      if (of_the_market(arg)) continue;
      const std::string fallback = default_of(arg);
      arguments += fmt::format("{}`{}`: {}{}", arguments.empty() ? "" : "; ", arg.name, domain_of(arg), fallback.empty() ? "" : " (" + fallback + ")");
    }
    for (const ResultField& field : spec.results) outputs += fmt::format("{}`{}`", outputs.empty() ? "" : ", ", field.name);
    out += fmt::format("| {} | {} | {} | {} |\n", spec.name, spec.description, arguments, outputs);
  }
  return out;
}

}  // namespace prom
