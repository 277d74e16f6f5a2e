// Replies in the form of LunarCrush's API v4 documentation (coins time-series v2).
#include "adapters/feeds/lunarcrush/lunarcrush.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"({"config":{"topic":"bitcoin","bucket":"hour"},"data":[{"time":1720000800,"contributors_active":9100,"posts_active":15230,"sentiment":82,"galaxy_score":61},{"time":1720004400,"posts_active":14890}]})";

TEST(LunarCrush, reads_mood_and_posts_where_they_are_given) {
  const auto got = parse_lunarcrush_series(kReply, "btc", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 3u) << "the second hour has no mood";
  EXPECT_EQ(got->front().series, series::kSocialMood);
  EXPECT_EQ(got->front().subject, "BTC");
  EXPECT_DOUBLE_EQ(*got->front().value, 82);
  EXPECT_DOUBLE_EQ(*got->back().value, 14890);
}

TEST(LunarCrush, tells_a_refusal_from_a_reply) {
  EXPECT_EQ(parse_lunarcrush_series(R"({"error":"Invalid token"})", "BTC", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_lunarcrush_series(R"({"data":[{"time":1720000800,"sentiment":101}]})", "BTC", kFetched).error().fault, FeedFault::malformed);
}

TEST(LunarCrush, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_lunarcrush_series(whole.substr(0, n), "BTC", kFetched)) << n;
  EXPECT_EQ(parse_lunarcrush_series(std::string(kMaxFeedBytes + 1, ' '), "BTC", kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
