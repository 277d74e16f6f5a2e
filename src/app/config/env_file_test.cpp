// The .env grammar by example: what each line means, and where each fault is said to be.
#include "app/config/env_file.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

std::string value_of(std::string_view text) {
  const auto [lines, faults] = parse_env(text);
  if (!faults.empty()) return "fault: " + faults.front().message;
  return lines.size() == 1 ? lines.front().value : "lines: " + std::to_string(lines.size());
}

TEST(EnvFile, Values) {
  EXPECT_EQ(value_of("A=b"), "b");
  EXPECT_EQ(value_of("export A=b\n"), "b");
  EXPECT_EQ(value_of("  A = b c  \r\n"), "b c");
  EXPECT_EQ(value_of("A="), "");
  EXPECT_EQ(value_of("A=#x"), "");
  EXPECT_EQ(value_of("A=b #comment"), "b");
  EXPECT_EQ(value_of("A=b#c"), "b#c");
  EXPECT_EQ(value_of("A=a=b=="), "a=b==");
  EXPECT_EQ(value_of("A=$HOME `id`"), "$HOME `id`");
  EXPECT_EQ(value_of("A=' x # \\n ' # comment"), " x # \\n ");
  EXPECT_EQ(value_of("A=\"x\\n\\t\\\"\\\\\\$\""), "x\n\t\"\\$");
  EXPECT_EQ(value_of("A='two\nlines'"), "two\nlines");
  EXPECT_EQ(value_of("\xEF\xBB\xBF# mark\n\n \t\nA=b"), "b");
  EXPECT_EQ(value_of("exporter=1"), "1");
}

TEST(EnvFile, LinesAreCounted) {
  const auto [lines, faults] = parse_env("# one\nA='x\ny'\nB=2\n\nC=3");
  ASSERT_TRUE(faults.empty());
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].line, 2U);
  EXPECT_EQ(lines[1].line, 4U);
  EXPECT_EQ(lines[2].line, 6U);
}

TEST(EnvFile, FaultsNameTheirLineAndNeverTheValue) {
  struct Case {
    std::string_view text;
    std::uint32_t line;
    std::string_view message;
  };
  for (const Case& c : {Case{"A=1\nB", 2, "'=' is missing after B"},
                        {"\n=1", 2, "a line must read KEY=VALUE"},
                        {"1A=2", 1, "a line must read KEY=VALUE"},
                        {"A=1\nB='secret\nC=2", 2, "the value of B has no closing quote"},
                        {"A=\"\\q\"", 1, "unknown escape in the value of A"},
                        {"A='x'y", 1, "text follows the closing quote of A"},
                        {"A=1\nA=2", 2, "A is set twice, first on line 1"},
                        {std::string_view("A=x\0y", 5), 1, "the value of A holds a zero byte"}}) {
    const auto faults = parse_env(c.text).faults;
    ASSERT_EQ(faults.size(), 1U) << c.text;
    EXPECT_EQ(faults[0].line, c.line) << c.text;
    EXPECT_EQ(faults[0].message, c.message);
    EXPECT_EQ((faults[0].message + faults[0].hint).find("secret"), std::string::npos);
  }
}

TEST(EnvFile, AKeyThatIsSetAgainEndsNothing) {
  const auto [lines, faults] = parse_env("A=1\nA=2\nB=3\nA=4\nC\nB=5\n");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].value, "1");
  EXPECT_EQ(lines[1].value, "3");
  ASSERT_EQ(faults.size(), 3U);
  EXPECT_EQ(faults[0].line, 2U);
  EXPECT_EQ(faults[1].message, "A is set twice, first on line 1");
  EXPECT_EQ(faults[2].line, 5U);
  EXPECT_EQ(faults[2].hint, "a line must read KEY=VALUE; the lines below it were not read");
}

}  // namespace
}  // namespace prom
