// The schemas against a JSON Schema library: they are valid, use only keywords that mean the same in drafts 7 and 2020-12, accept what our own check accepts
// and refuse what it refuses, and every result keeps to its schema. Single thread.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "tools/spec.h"
#include "tools/test_support.h"

namespace prom {
namespace {

using Json = nlohmann::json;

class Schema {
 public:
  explicit Schema(const std::string& text) : json_(Json::parse(text)) {
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(json_), schema_);
  }
  bool accepts(const std::string& document, std::string* why = nullptr) const {
    const Json json = Json::parse(document);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    const bool ok = validator.validate(schema_, valijson::adapters::NlohmannJsonAdapter(json), &results);
    valijson::ValidationResults::Error error;
    if (!ok && why != nullptr && results.popError(error)) *why = error.description;
    return ok;
  }

 private:
  Json json_;
  valijson::Schema schema_;
};

void collect_keywords(const Json& schema, std::set<std::string>& out) {
  for (const auto& [key, value] : schema.items()) {
    out.insert(key);
    if (key == "items") collect_keywords(value, out);
    if (key == "properties") {
      for (const auto& [name, property] : value.items()) collect_keywords(property, out);
    }
  }
}

TEST(Schemas, use_only_keywords_with_one_meaning) {
  const std::set<std::string> common{"type",        "properties", "required",         "additionalProperties",
                                     "minimum",     "maximum",    "exclusiveMinimum", "enum",
                                     "description", "default",    "minLength",        "maxLength",
                                     "pattern",     "minItems",   "maxItems",         "items",
                                     "format"};
  for (const ToolSpec& spec : all_tool_specs()) {
    std::set<std::string> used;
    collect_keywords(Json::parse(argument_schema(spec.arguments)), used);
    collect_keywords(Json::parse(result_schema(spec.results)), used);
    for (const std::string& keyword : used) EXPECT_TRUE(common.contains(keyword)) << spec.name << ' ' << keyword;
    EXPECT_EQ(find_tool(spec.name)->info.schema, argument_schema(spec.arguments));
  }
}

TEST(Schemas, defaults_keep_to_their_own_schema) {
  for (const ToolSpec& spec : all_tool_specs()) {
    const Json schema = Json::parse(argument_schema(spec.arguments));
    for (const auto& [name, property] : schema["properties"].items()) {
      if (!property.contains("default")) continue;
      EXPECT_TRUE(Schema(property.dump()).accepts(property["default"].dump())) << spec.name << ' ' << name;
      EXPECT_FALSE(property["description"].get<std::string>().empty());
    }
  }
}

TEST(Schemas, results_keep_to_their_schema) {
  const test::World world;
  std::size_t checked = 0;
  for (const ToolSpec& spec : all_tool_specs()) {
    if (spec.run == nullptr) continue;
    const auto result = call_tool(spec.name, world.context, {test::sample_of(spec.name), SeriesWanted::no});
    ASSERT_TRUE(result.has_value()) << spec.name;
    std::string why;
    EXPECT_TRUE(Schema(result_schema(spec.results)).accepts(to_json(result->result), &why)) << spec.name << ": " << why << '\n' << to_json(result->result);
    ++checked;
  }
  EXPECT_GE(checked, 60U);
}

/// Both checks on the same documents. Left out where the two differ on purpose: time formats (the library ignores `format`) and 14.0 (an integer since draft
/// 6, which the library does not know).
TEST(Schemas, our_check_and_the_library_agree) {
  const std::vector<std::string> values{"null",
                                        "true",
                                        "-1",
                                        "0",
                                        "1",
                                        "2",
                                        "14",
                                        "14.5",
                                        "0.7",
                                        "5000",
                                        "5001",
                                        "1000000000",
                                        "1e300",
                                        "\"\"",
                                        "\"1h\"",
                                        "\"2h\"",
                                        "\"buy\"",
                                        "\"classic\"",
                                        "\"12.5\"",
                                        "\"-3\"",
                                        "\"abc\"",
                                        "[]",
                                        "[1]",
                                        "[5,10]",
                                        "[1.5]",
                                        "[0]",
                                        "[\"7.5\"]",
                                        "{}",
                                        "[{}]",
                                        "[{\"price\":1,\"fraction\":0.5}]",
                                        "[{\"price\":1,\"fraction\":2}]",
                                        "[{\"price\":1,\"fraction\":0.5,\"x\":1}]",
                                        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"};
  std::size_t compared = 0, accepted = 0;
  for (const ToolSpec& spec : all_tool_specs()) {
    const Schema schema(argument_schema(spec.arguments));
    const auto compare = [&](const std::string& document) {
      const bool ours = !check_arguments(spec.name, spec.arguments, test::json(document)).has_value();
      std::string why;
      EXPECT_EQ(ours, schema.accepts(document, &why)) << spec.name << ' ' << document << ' ' << why;
      ++compared;
      accepted += ours ? 1 : 0;
    };
    compare(to_json(test::sample_of(spec.name)));
    compare("{}");
    compare(R"({"no_such_argument":1})");
    for (const ArgSpec& arg : spec.arguments) {
      if (arg.type == ArgType::time) continue;
      Json sample = Json::parse(to_json(test::sample_of(spec.name)));
      for (const std::string& value : values) {
        sample[std::string(arg.name)] = Json::parse(value);
        compare(sample.dump());
      }
    }
  }
  EXPECT_GT(compared, 5000U);
  EXPECT_GT(accepted, 500U);
}

}  // namespace
}  // namespace prom
