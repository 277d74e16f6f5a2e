// Foreign text and foreign times.
#include "ports/feed.h"

#include <gtest/gtest.h>

namespace prom {
namespace {

TEST(CleanText, is_one_line_and_never_cuts_a_character) {
  EXPECT_EQ(clean_text("  Bitcoin\n\tfalls \x01 again  "), "Bitcoin falls again");
  EXPECT_EQ(clean_text("abc\xC3\xA9", 4), "abc");
  EXPECT_EQ(clean_text("abc\xC3\xA9", 5), "abc\xC3\xA9");
  EXPECT_EQ(clean_text(std::string(10'000, 'x')).size(), kMaxObservationText);
  // Directions, zero widths, tag characters and C1 controls show nothing and are left out; letters, emoji and a truncated sequence stay.
  EXPECT_EQ(clean_text("buy\xE2\x80\xAE now\xE2\x80\x8B\xEF\xBB\xBF \xF3\xA0\x81\xA9\xF3\xA0\x81\xA7x\xC2\x9B!"), "buy now x!");
  EXPECT_EQ(clean_text("\xD0\x91\xD0\xB8\xD1\x82 \xF0\x9F\x9A\x80 \xE2\x82\xBF"), "\xD0\x91\xD0\xB8\xD1\x82 \xF0\x9F\x9A\x80 \xE2\x82\xBF");
  EXPECT_EQ(clean_text("cut \xE2\x80"), "cut \xE2\x80");
}

TEST(FeedTime, reads_existing_days_only) {
  EXPECT_EQ(format_rfc3339(*time_of_date("2024-02-29")), "2024-02-29T00:00:00Z");
  for (const auto* bad : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "24-01-01", "2024-01-01T", "2024-01-0x"})
    EXPECT_FALSE(time_of_date(bad)) << bad;
}

TEST(FeedTime, refuses_seconds_that_no_feed_can_mean) {
  EXPECT_EQ(format_rfc3339(*time_of_seconds(1'777'248'000)), "2026-04-27T00:00:00Z");
  for (const double bad : {0.0, -1.0, 1e18, 1'777'248'000'000.0, 0.0 / 0.0}) EXPECT_FALSE(time_of_seconds(bad)) << bad;
}

}  // namespace
}  // namespace prom
