// The edge's check of documents against schemas: what it accepts, what it says of the rest. Single thread.
#include "app/commands/tool_schema.h"

#include <gtest/gtest.h>

#include "tools/spec.h"
#include "tools/test_support.h"

namespace prom {
namespace {

constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"period":{"type":"integer","minimum":2},"bands":{"type":"array","items":{"type":"number"}}},"required":["period"],"additionalProperties":false})";

TEST(ToolSchema, names_the_member_that_breaks_the_schema) {
  EXPECT_FALSE(schema_fault(kSchema, R"({"period":14,"bands":[1,2.5]})"));
  const auto says = [](std::string_view document) { return schema_fault(kSchema, document).value_or("nothing"); };
  EXPECT_NE(says(R"({"period":1})").find("`period`: "), std::string::npos) << says(R"({"period":1})");
  EXPECT_NE(says(R"({"period":14,"bands":[1,"x"]})").find("`bands.1`: "), std::string::npos) << says(R"({"period":14,"bands":[1,"x"]})");
  EXPECT_NE(says("{}").find("period"), std::string::npos) << says("{}");
  EXPECT_NE(says(R"({"period":14,"colour":1})").find("colour"), std::string::npos) << says(R"({"period":14,"colour":1})");
  EXPECT_NE(says("[]").find("the document: "), std::string::npos) << says("[]");
}

TEST(ToolSchema, a_text_that_is_no_json_and_a_schema_that_is_none_are_faults_and_never_exceptions) {
  EXPECT_NE(schema_fault(kSchema, "{").value_or("").find("cannot be checked"), std::string::npos);
  EXPECT_NE(schema_fault("{", "{}").value_or("").find("cannot be checked"), std::string::npos);
  EXPECT_TRUE(schema_fault(R"({"type":"no such type"})", "{}"));
}

/// NaN is written as null: where a number is promised the edge refuses it instead of showing a silent null.
TEST(ToolSchema, a_number_that_is_none_does_not_pass) {
  const ToolSpec& rsi = *find_tool_spec("rsi");
  const test::World world;
  const auto result = test::ask(world, "rsi");
  ASSERT_TRUE(result);
  EXPECT_FALSE(schema_fault(result_schema(rsi.results), to_json(result->result)));
  Value broken = result->result;
  std::get<ValueObject>(broken.storage()).front().second = Value(std::nan(""));
  EXPECT_NE(schema_fault(result_schema(rsi.results), to_json(broken)).value_or("").find("`value`: "), std::string::npos);
}

TEST(ToolSchema, every_tools_arguments_and_answer_pass_the_edge) {
  const test::World world;
  for (const ToolSpec& spec : all_tool_specs()) {
    const std::string arguments = to_json(test::sample_of(spec.name));
    EXPECT_EQ(schema_fault(argument_schema(spec.arguments), arguments).value_or(""), "") << spec.name;
    if (spec.run == nullptr) continue;
    const auto result = test::ask(world, spec.name, arguments);
    ASSERT_TRUE(result) << spec.name;
    EXPECT_EQ(schema_fault(result_schema(spec.results), to_json(result->result)).value_or(""), "") << spec.name;
  }
}

}  // namespace
}  // namespace prom
