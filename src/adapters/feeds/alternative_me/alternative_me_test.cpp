// The published sample reply, and replies that are not one.
#include "adapters/feeds/alternative_me/alternative_me.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'780'000'000'000'000'000};

std::string recorded(const std::string& name) {
  std::ifstream file(std::string(PROM_SOURCE_DIR) + "/tests/fixtures/feeds/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(FearGreed, reads_the_published_sample) {
  const auto got = parse_fear_greed(recorded("alternative_me_fng.json"), kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].value, 47.0);
  EXPECT_EQ(format_rfc3339((*got)[0].event_time), "2026-04-27T00:00:00Z");
  EXPECT_EQ((*got)[1].value, 33.0);
  EXPECT_EQ((*got)[1].available_at, kFetched);
}

TEST(FearGreed, refuses_what_is_no_index) {
  for (const auto* bad :
       {R"({"data":[{"value":"101","timestamp":"1777248000"}]})", R"({"data":[{"value":"x","timestamp":"1777248000"}]})",
        R"({"data":[{"value":"40","timestamp":"17772480000000"}]})", R"({"data":[7]})", R"({"data":{}})", R"([])", R"({"data":[{"value":1e999}]})"}) {
    EXPECT_EQ(parse_fear_greed(bad, kFetched).error().fault, FeedFault::malformed) << bad;
  }
  EXPECT_EQ(parse_fear_greed(R"({"data":[],"metadata":{"error":"busy"}})", kFetched).error().fault, FeedFault::refused);
}

TEST(FearGreed, every_torn_reply_is_an_error) {
  const std::string whole = recorded("alternative_me_fng.json");
  for (std::size_t n = 0; n + 2 < whole.size(); n += 7) EXPECT_FALSE(parse_fear_greed(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_fear_greed(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
