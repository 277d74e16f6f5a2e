// Text functions; JSON escapes by RFC 8259, UTF-8 by Unicode table 3-7, distances from published examples.
#include "base/text.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace prom {
namespace {

TEST(Text, SplitJoinTrim) {
  EXPECT_EQ(split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split(",", ','), (std::vector<std::string_view>{"", ""}));
  EXPECT_EQ(join(std::vector<std::string_view>{"a", "", "b"}, ", "), "a, , b");
  EXPECT_EQ(join(std::vector<std::string>{}, ","), "");
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
}

TEST(Text, Integers) {
  EXPECT_EQ(parse_i64("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_u64("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "1e3"}) EXPECT_EQ(parse_i64(text), std::nullopt) << text;
  EXPECT_EQ(parse_u64("-1"), std::nullopt);
}

TEST(Text, Doubles) {
  EXPECT_EQ(parse_f64("0.1"), 0.1);
  EXPECT_EQ(parse_f64("-1e5"), -100'000.0);
  for (const char* text : {"", "nan", "inf", "-infinity", "1e999", "0x1p3", "1,5", " 1", "1x", "+1"}) EXPECT_EQ(parse_f64(text), std::nullopt) << text;
  EXPECT_EQ(format_f64(0.1), "0.1");
  EXPECT_EQ(format_f64(1e20), "1e+20");
  EXPECT_EQ(format_f64(-0.0), "-0");
  EXPECT_EQ(format_f64(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Text, Case) {
  EXPECT_EQ(to_lower("BTCusdt-\xc3\x84"), "btcusdt-\xc3\x84");
  EXPECT_EQ(to_upper("btcUSDT_1"), "BTCUSDT_1");
  static_assert(starts_with("fast_ema", "fast") && ends_with("fast_ema", "ema") && !starts_with("a", "ab"));
}

TEST(Text, JsonEscape) {
  const auto escaped = [](std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
  };
  EXPECT_EQ(escaped(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(escaped("\"\\/\b\f\n\r\t"), "\"\\\"\\\\/\\b\\f\\n\\r\\t\"");
  EXPECT_EQ(escaped("\xd0\xb4\xe2\x82\xac\xf0\x9f\x9a\x80"), "\"\xd0\xb4\xe2\x82\xac\xf0\x9f\x9a\x80\"");
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(escaped("\xff"), "\"" + bad + "\"");
  EXPECT_EQ(escaped("a\xc3"), "\"a" + bad + "\"");                              // cut short
  EXPECT_EQ(escaped("\xc0\xaf"), "\"" + bad + bad + "\"");                      // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\"" + bad + bad + bad + "\"");            // surrogate
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");  // beyond U+10FFFF
}

TEST(Text, EditDistance) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("saturday", "sunday"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", "abc"), 0U);
  // Two letters in the wrong order are one slip: --cvs was answered with --cash.
  EXPECT_EQ(edit_distance("--cvs", "--csv"), 1U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
  constexpr std::array<std::string_view, 3> kCommands{"backtest", "report", "replay"};
  EXPECT_EQ(closest("backtets", kCommands), "backtest");
  EXPECT_EQ(closest("reprt", kCommands), "report");
  EXPECT_EQ(closest("zzzzzzzzzz", kCommands), std::nullopt);
}

}  // namespace
}  // namespace prom
