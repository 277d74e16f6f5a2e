// The one file that includes valijson, which costs ten seconds to compile. Its exceptions end here. Any thread.
#include "app/commands/tool_schema.h"

#define VALIJSON_USE_EXCEPTIONS 1  // without it a schema that it cannot read ends the process

#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

namespace prom {

namespace {

/// "<root>[limit]" in the library's words -> "limit".
std::string place_of(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& part : path) {
    if (part == "<root>") continue;
    const bool in_brackets = part.size() > 2 && part.front() == '[' && part.back() == ']';
    out += (out.empty() ? "" : ".") + (in_brackets ? part.substr(1, part.size() - 2) : part);
  }
  return out.empty() ? "the document" : "`" + out + "`";
}

}  // namespace

std::optional<std::string> schema_fault(std::string_view schema, std::string_view document) {
  try {
    const auto schema_json = nlohmann::json::parse(schema), json = nlohmann::json::parse(document);
    valijson::Schema parsed;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), parsed);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (validator.validate(parsed, valijson::adapters::NlohmannJsonAdapter(json), &results)) return std::nullopt;
    // The innermost fault is the last.
    valijson::ValidationResults::Error error, last;
    bool any = false;
    while (results.popError(error)) {
      if (!any || error.context.size() >= last.context.size()) last = error;
      any = true;
    }
    return any ? place_of(last.context) + ": " + last.description : std::string("the document does not keep to the schema");
  } catch (const std::exception& fault) {
    return std::string("it cannot be checked: ") + fault.what();
  }
}

}  // namespace prom
