// Replies in the form of Glassnode's API reference: a list of `t` (seconds) and `v`.
#include "adapters/feeds/glassnode/glassnode.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply = R"([{"t":1614556800,"v":0.9846},{"t":1614643200,"v":1.0204},{"t":1614729600,"v":null}])";

TEST(Glassnode, reads_a_metric_under_its_own_name_and_leaves_out_what_has_no_value) {
  const auto got = parse_glassnode_metric(kReply, "btc:indicators/sopr", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ(got->front().series, series::kSopr);
  EXPECT_EQ(got->front().subject, "BTC");
  EXPECT_EQ(format_rfc3339(got->front().event_time), "2021-03-01T00:00:00Z");
  EXPECT_DOUBLE_EQ(*got->back().value, 1.0204);
}

TEST(Glassnode, refuses_what_it_does_not_know_and_figures_that_cannot_be) {
  EXPECT_EQ(parse_glassnode_metric(kReply, "BTC:indicators/puell", kFetched).error().fault, FeedFault::malformed);
  EXPECT_EQ(parse_glassnode_metric(kReply, "indicators/sopr", kFetched).error().fault, FeedFault::malformed) << "of which coin?";
  EXPECT_EQ(parse_glassnode_metric(R"({"message":"invalid api key"})", "BTC:market/mvrv", kFetched).error().fault, FeedFault::refused);
  const auto* negative = R"([{"t":1614556800,"v":-5.5}])";
  EXPECT_EQ(parse_glassnode_metric(negative, "BTC:addresses/active_count", kFetched).error().fault, FeedFault::malformed);
  EXPECT_TRUE(parse_glassnode_metric(negative, "BTC:indicators/net_realized_profit_loss", kFetched)) << "a net loss";
}

TEST(Glassnode, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_glassnode_metric(whole.substr(0, n), "BTC:indicators/sopr", kFetched)) << n;
  EXPECT_EQ(parse_glassnode_metric(std::string(kMaxFeedBytes + 1, ' '), "BTC:indicators/sopr", kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
