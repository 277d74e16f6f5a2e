// Numbers of market files: exact text to mantissa, against hand-worked values and against printf for many random ones.
#include "adapters/feeds/archive/number_text.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <random>
#include <string>

namespace prom::archive {
namespace {

struct Case {
  const char* text;
  std::uint64_t mantissa;
  int digits;
  bool negative;
};

TEST(NumberText, ReadsExactly) {
  const Case cases[] = {{"42283.58000000", 4228358, 2, false},
                        {"0", 0, 0, false},
                        {"0.000", 0, 0, false},
                        {".0", 0, 0, false},
                        {".5", 5, 1, false},
                        {"7.", 7, 0, false},
                        {"-1.50", 15, 1, true},
                        {"+3", 3, 0, false},
                        {"1e3", 1000, 0, false},
                        {"1.5E-3", 15, 4, false},
                        {"1.230e1", 123, 1, false},
                        {"999999999999999999", 999999999999999999ULL, 0, false},
                        {"100", 100, 0, false},
                        {"2e0", 2, 0, false}};
  for (const Case& c : cases) {
    const auto number = parse_number(c.text);
    ASSERT_TRUE(number) << c.text;
    EXPECT_EQ(number->mantissa, c.mantissa) << c.text;
    EXPECT_EQ(number->digits, c.digits) << c.text;
    EXPECT_EQ(number->negative, c.negative) << c.text;
  }
}

TEST(NumberText, RefusesWhatIsNoNumber) {
  for (const char* text :
       {"", ".", "-", "nan", "NaN", "inf", "-Infinity", "1,5", "1.2.3", " 1", "1 ", "0x10", "1e", "e5", "1e99", "1000000000000000000", "1_000"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(NumberText, ScalesAndSaysWhatWasCut) {
  const auto scaled = [](const char* text, int digits, Cut cut) { return to_scale(*parse_number(text), digits, cut); };
  EXPECT_EQ(scaled("1.25", 2, Cut::nearest)->units, 125);
  EXPECT_TRUE(scaled("1.25", 2, Cut::nearest)->exact);
  EXPECT_EQ(scaled("1.25", 1, Cut::nearest)->units, 13);
  EXPECT_EQ(scaled("1.25", 1, Cut::down)->units, 12);
  EXPECT_FALSE(scaled("1.25", 1, Cut::down)->exact);
  EXPECT_EQ(scaled("-2", 3, Cut::down)->units, -2000);
  EXPECT_FALSE(scaled("999999999999999999", 2, Cut::down)) << "does not fit";
  // 19 significant digits: the last is cut, and rounds up the nearest.
  EXPECT_EQ(scaled("1.234567890123456789", 17, Cut::nearest)->units, 123456789012345679);
  EXPECT_FALSE(scaled("1.234567890123456789", 17, Cut::nearest)->exact);
}

TEST(NumberText, AgreesWithPrintf) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const int digits = static_cast<int>(random() % 9);
    const std::uint64_t mantissa = random() % 1'000'000'000'000ULL;
    std::uint64_t power = 1;
    for (int k = 0; k < digits; ++k) power *= 10;
    char text[64];
    if (digits == 0) {
      std::snprintf(text, sizeof text, "%" PRIu64, mantissa);
    } else {
      std::snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64, mantissa / power, digits, mantissa % power);
    }
    const auto number = parse_number(text);
    ASSERT_TRUE(number) << text;
    const auto scaled = to_scale(*number, digits, Cut::down);
    ASSERT_TRUE(scaled && scaled->exact) << text;
    ASSERT_EQ(scaled->units, static_cast<std::int64_t>(mantissa)) << text;
  }
}

}  // namespace
}  // namespace prom::archive
