// JSON Schema text from the declared tables: draft 2020-12, only keywords that mean the same in draft 7. Pure; any thread.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>

#include "base/assert.h"
#include "base/text.h"
#include "tools/spec.h"

namespace prom {

namespace {

constexpr std::string_view kAmountPattern = R"(^[0-9]{1,26}([.][0-9]{1,12})?$)";
constexpr std::string_view kSignedAmountPattern = R"(^-?[0-9]{1,26}([.][0-9]{1,12})?$)";

std::string json_number(double x) {
  if (x == std::floor(x) && std::abs(x) < 1e15) return fmt::format("{}", static_cast<std::int64_t>(x));
  return format_f64(x);
}

void append_text(std::string& out, std::string_view key, std::string_view text) {
  append_json_string(out, key);
  out += ':';
  append_json_string(out, text);
}

std::string properties_of(std::span<const ArgSpec> arguments);

std::string type_keywords(const ArgSpec& spec) {
  const std::string range = fmt::format(R"("minimum":{},"maximum":{})", json_number(spec.minimum), json_number(spec.maximum));
  const std::string amount = fmt::format(R"("type":["number","string"],"exclusiveMinimum":0,"pattern":"{}")", kAmountPattern);
  switch (spec.type) {
    case ArgType::text: return fmt::format(R"("type":"string","minLength":1,"maxLength":{})", json_number(spec.maximum));
    case ArgType::choice: {
      std::string list;
      for (const std::string_view choice : spec.choices) {
        if (!list.empty()) list += ',';
        append_json_string(list, choice);
      }
      return fmt::format(R"("type":"string","enum":[{}])", list);
    }
    case ArgType::integer: return fmt::format(R"("type":"integer",{})", range);
    case ArgType::number: return fmt::format(R"("type":"number",{})", range);
    case ArgType::amount: return amount;
    case ArgType::time: return R"("type":"string","format":"date-time")";
    case ArgType::integer_list: return fmt::format(R"("type":"array","minItems":1,"maxItems":{},"items":{{"type":"integer",{}}})", spec.max_items, range);
    case ArgType::amount_list: return fmt::format(R"("type":"array","minItems":1,"maxItems":{},"items":{{{}}})", spec.max_items, amount);
    case ArgType::object_list: return fmt::format(R"("type":"array","minItems":1,"maxItems":{},"items":{{{}}})", spec.max_items, properties_of(spec.fields));
  }
  PROM_UNREACHABLE();
}

std::string properties_of(std::span<const ArgSpec> arguments) {
  std::string properties, needed;
  for (const ArgSpec& spec : arguments) {
    if (!properties.empty()) properties += ',';
    append_json_string(properties, spec.name);
    properties += ":{" + type_keywords(spec) + ',';
    append_text(properties, "description", spec.description);
    if (spec.default_number) properties += ",\"default\":" + json_number(*spec.default_number);
    if (!spec.default_text.empty()) {
      properties += ',';
      append_text(properties, "default", spec.default_text);
    }
    properties += '}';
    if (spec.need == ArgNeed::required) {
      if (!needed.empty()) needed += ',';
      append_json_string(needed, spec.name);
    }
  }
  return fmt::format(R"("type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false)", properties, needed);
}

struct JsonType {
  std::string_view name, pattern;
};
JsonType json_type(ResultType type) {
  switch (type) {
    case ResultType::number: return {"number", {}};
    case ResultType::integer: return {"integer", {}};
    case ResultType::text: return {"string", {}};
    case ResultType::amount: return {"string", kSignedAmountPattern};
    case ResultType::time: return {"string", R"(^[0-9]{4}-[0-9]{2}-[0-9]{2}T)"};
    case ResultType::flag: return {"boolean", {}};
    case ResultType::list: return {"array", {}};
    case ResultType::object: return {"object", {}};
  }
  PROM_UNREACHABLE();
}

}  // namespace

std::string argument_schema(std::span<const ArgSpec> arguments) { return "{" + properties_of(arguments) + "}"; }

std::string result_schema(std::span<const ResultField> results) {
  std::string properties, needed;
  for (const ResultField& field : results) {
    if (!properties.empty()) {
      properties += ',';
      needed += ',';
    }
    const JsonType type = json_type(field.type);
    append_json_string(properties, field.name);
    properties +=
        field.presence == ResultPresence::always ? fmt::format(R"(:{{"type":"{}",)", type.name) : fmt::format(R"(:{{"type":["{}","null"],)", type.name);
    if (!type.pattern.empty()) properties += fmt::format(R"("pattern":"{}",)", type.pattern);
    append_text(properties, "description", field.description);
    properties += '}';
    append_json_string(needed, field.name);
  }
  return fmt::format(R"({{"type":"object","properties":{{{}}},"required":[{}],"additionalProperties":false}})", properties, needed);
}

}  // namespace prom
