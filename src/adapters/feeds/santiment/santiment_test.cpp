// Replies in the form of Santiment's documentation of getMetric { timeseriesData }.
#include "adapters/feeds/santiment/santiment.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"({"data":{"getMetric":{"timeseriesData":[{"datetime":"2024-01-01T00:00:00Z","value":1843.25},{"datetime":"2024-01-02T00:00:00Z","value":2011.5}]}}})";

TEST(Santiment, reads_a_metric_under_its_own_name) {
  const auto got = parse_santiment_metric(kReply, "BTC:exchange_inflow", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ(got->front().series, series::kExchangeInflow);
  EXPECT_EQ(format_rfc3339(got->back().event_time), "2024-01-02T00:00:00Z");
  EXPECT_DOUBLE_EQ(*got->back().value, 2011.5);
}

TEST(Santiment, a_day_that_has_not_ended_is_no_day) {
  const auto days_at = [](const char* fetched) {
    const auto got = parse_santiment_metric(kReply, "BTC:exchange_inflow", *parse_rfc3339(fetched));
    EXPECT_TRUE(got) << got.error().detail;
    return got ? got->size() : SIZE_MAX;
  };
  EXPECT_EQ(days_at("2024-01-01T23:59:59Z"), 0u);
  EXPECT_EQ(days_at("2024-01-02T00:00:00Z"), 1u);
  EXPECT_EQ(days_at("2024-01-02T23:59:59Z"), 1u);
  EXPECT_EQ(days_at("2024-01-03T00:00:00Z"), 2u);
}

TEST(Santiment, tells_a_refusal_from_a_reply) {
  EXPECT_EQ(parse_santiment_metric(R"({"errors":[{"message":"the slug is not existing"}]})", "BTC:nvt", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_santiment_metric(kReply, "BTC:dev_activity", kFetched).error().fault, FeedFault::malformed);
  const auto* bad = R"({"data":{"getMetric":{"timeseriesData":[{"datetime":"yesterday","value":1}]}}})";
  EXPECT_EQ(parse_santiment_metric(bad, "BTC:nvt", kFetched).error().fault, FeedFault::malformed);
}

TEST(Santiment, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_santiment_metric(whole.substr(0, n), "BTC:nvt", kFetched)) << n;
  EXPECT_EQ(parse_santiment_metric(std::string(kMaxFeedBytes + 1, ' '), "BTC:nvt", kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
