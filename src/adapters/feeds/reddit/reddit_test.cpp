// A recorded listing, and replies that are not one.
#include "adapters/feeds/reddit/reddit.h"

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

TEST(Reddit, reads_a_recorded_listing) {
  const auto got = parse_reddit_listing(recorded("reddit_listing.json"), kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 4u);
  EXPECT_EQ((*got)[0].text, "Leon's lockpad");
  EXPECT_EQ((*got)[0].id, "t3_6eudcy");
  EXPECT_EQ((*got)[0].value, 2.0);
  EXPECT_EQ(format_rfc3339((*got)[0].event_time), "2017-06-02T13:28:29Z");
  EXPECT_EQ((*got)[0].trust, TrustTier::crowd);
}

TEST(Reddit, leaves_out_other_kinds_and_tells_refusals) {
  const auto comments = parse_reddit_listing(R"({"kind":"Listing","data":{"children":[{"kind":"t1","data":{}}]}})", kFetched);
  ASSERT_TRUE(comments);
  EXPECT_TRUE(comments->empty());
  EXPECT_EQ(parse_reddit_listing(R"({"message":"Forbidden","error":403})", kFetched).error().fault, FeedFault::refused);
  EXPECT_FALSE(parse_reddit_listing(R"({"data":{"children":[{"kind":"t3","data":{"title":"x"}}]}})", kFetched));
}

TEST(Reddit, every_torn_reply_is_an_error) {
  const std::string whole = recorded("reddit_listing.json");
  for (std::size_t n = 0; n + 2 < whole.size(); n += 7) EXPECT_FALSE(parse_reddit_listing(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_reddit_listing(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
