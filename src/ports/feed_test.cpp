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
