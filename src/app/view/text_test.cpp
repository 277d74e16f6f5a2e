// Figures and words as a person reads them. Expected texts are written by hand.
#include "app/view/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace prom::view::text {
namespace {

using namespace literals;

TEST(ViewText, Money) {
  EXPECT_EQ(money("0"_dec), "0.00");
  EXPECT_EQ(money("1234567.891"_dec), "1,234,567.89");
  EXPECT_EQ(money("-999.995"_dec), "-1,000.00");  // a tie goes to the even cent
  EXPECT_EQ(money("0.125"_dec), "0.12");
  EXPECT_EQ(money("-0.001"_dec), "0.00");
  EXPECT_EQ(money("1000"_dec, 0), "1,000");
  EXPECT_EQ(signed_money("5"_dec), "+5.00");
  EXPECT_EQ(signed_money("-5"_dec), "-5.00");
  EXPECT_EQ(signed_money("0.004"_dec), "0.00");
  EXPECT_EQ(money(kDecimalMax, 2), kDecimalMax.to_string());
}

TEST(ViewText, QuantityKeepsWhatMatters) {
  EXPECT_EQ(quantity("0.1200"_dec), "0.12");
  EXPECT_EQ(quantity("5210.5"_dec), "5,210.5");
  EXPECT_EQ(quantity("3"_dec), "3");
  EXPECT_EQ(quantity("0.00000001"_dec), "0.00000001");
  EXPECT_EQ(quantity("0"_dec), "0");
}

TEST(ViewText, PercentDurationSpeedTime) {
  EXPECT_EQ(percent("0.0123456"_dec), "1.23 %");
  EXPECT_EQ(signed_percent("-0.5"_dec), "-50.00 %");
  EXPECT_EQ(duration(41.2), "42 s");
  EXPECT_EQ(duration(102), "1 min 42 s");
  EXPECT_EQ(duration(7'500), "2 h 05 min");
  EXPECT_EQ(duration(274'000), "3 d 4 h");
  EXPECT_EQ(duration(-1), "");
  EXPECT_EQ(duration(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(speed(14'400), "14,400x");
  EXPECT_EQ(speed(1), "1.0x");
  EXPECT_EQ(speed(0), "");
  EXPECT_EQ(speed(std::numeric_limits<double>::infinity()), "");
  const TimeNs time{1'747'490'400 * kSecond.ns};
  EXPECT_EQ(date_time(time), "2025-05-17 14:00");
  EXPECT_EQ(short_time(time), "05-17 14:00");
}

TEST(ViewText, CleanLeavesNothingThatMovesACursor) {
  EXPECT_EQ(clean("\x1b[2Jhello\r\n\tworld\x07"), "[2Jhello world");
  EXPECT_EQ(clean("\xc2\x9b"
                  "31mred"),
            "31mred");  // the one-byte form of ESC [
  EXPECT_EQ(clean("\xff\xfe"), "??");
  EXPECT_EQ(clean("\xe4\xb8\xad"), "?");  // a wide ideograph
  EXPECT_EQ(clean("e\xcc\x81"), "e?");    // a combining accent
  EXPECT_EQ(clean("\xe2\x80\xae"
                  "gnp"),
            "gnp");                    // right-to-left override
  EXPECT_EQ(clean("\xc0\xaf"), "??");  // overlong
  EXPECT_EQ(clean("Привет, größer ≥ 5 €"), "Привет, größer ≥ 5 €");
  EXPECT_EQ(clean("\xe2\x80"), "??");  // cut short
}

TEST(ViewText, CutAndPadCountColumnsNotBytes) {
  EXPECT_EQ(width("größe"), 5U);
  EXPECT_EQ(cut("größer", 6), "größer");
  EXPECT_EQ(cut("größer", 5), "größ…");
  EXPECT_EQ(cut("ab cd", 4), "ab…");
  EXPECT_EQ(cut("abc", 1), "…");
  EXPECT_EQ(cut("abc", 0), "");
  EXPECT_EQ(pad_left("é", 3), "  é");
  EXPECT_EQ(pad_right("é", 3), "é  ");
  EXPECT_EQ(pad_left("long", 2), "long");
}

TEST(ViewText, SparklineAndBar) {
  EXPECT_EQ(sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}, 8), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline(std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7}, 2), "▄█");  // the last of each half, 3 and 7, on the scale of all
  EXPECT_EQ(sparkline(std::vector<double>{5, 5, 5}, 10), "▄▄▄");
  EXPECT_EQ(sparkline(std::vector<double>{std::numeric_limits<double>::quiet_NaN()}, 10), "");
  EXPECT_EQ(progress_bar(0.5, 4), "██░░");
  EXPECT_EQ(progress_bar(2, 3), "███");
  EXPECT_EQ(progress_bar(std::numeric_limits<double>::quiet_NaN(), 2), "░░");
}

}  // namespace
}  // namespace prom::view::text
