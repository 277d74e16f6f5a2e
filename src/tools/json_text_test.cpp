// JSON reading: what is valid, what is refused and where. Single thread.
#include <gtest/gtest.h>

#include <string>

#include "tools/tool.h"

namespace prom {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse_json_value(text);
  return value ? to_json(*value) : "error: " + value.error().message;
}

TEST(JsonText, reads_every_kind_of_value) {
  EXPECT_EQ(round_trip(R"( { "a" : [1, -2.5, 1e3, true, false, null, "x"], "b":{} } )"), R"({"a":[1,-2.5,1000,true,false,null,"x"],"b":{}})");
  EXPECT_EQ(round_trip("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(parse_json_value("9223372036854775808")->number(), 9223372036854775808.0);
  EXPECT_EQ(parse_json_value(R"("\u00e9\ud83d\ude00\n\/")")->text(), "\xC3\xA9\xF0\x9F\x98\x80\n/");
}

TEST(JsonText, refuses_what_is_not_json) {
  for (const std::string_view bad : {"",
                                     " ",
                                     "{",
                                     "}",
                                     "[1,]",
                                     "{\"a\":1,}",
                                     "{a:1}",
                                     "01",
                                     "-",
                                     "1.",
                                     ".5",
                                     "1e",
                                     "+1",
                                     "nan",
                                     "NaN",
                                     "Infinity",
                                     "tru",
                                     "\"",
                                     "\"\\x\"",
                                     "\"\\u12\"",
                                     "\"\\ud800\"",
                                     "\"\\udc00\"",
                                     "\"\t\"",
                                     "1 2",
                                     "{\"a\":1 \"b\":2}",
                                     "{\"a\":1,\"a\":2}",
                                     "1e999",
                                     "// x",
                                     "[1 2]",
                                     "{\"a\"}"}) {
    const auto value = parse_json_value(bad);
    ASSERT_FALSE(value.has_value()) << bad;
    EXPECT_EQ(value.error().code, ToolErrorCode::bad_argument);
    EXPECT_NE(value.error().message.find("character"), std::string::npos) << value.error().message;
  }
}

TEST(JsonText, bounds_depth_and_length) {
  EXPECT_TRUE(parse_json_value(std::string(32, '[') + std::string(32, ']')).has_value());
  EXPECT_FALSE(parse_json_value(std::string(100'000, '[')).has_value());
  EXPECT_FALSE(parse_json_value("\"" + std::string(2'000'000, 'a') + "\"").has_value());
}

}  // namespace
}  // namespace prom
