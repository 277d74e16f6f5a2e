// Replies in the form of Binance's documentation of openInterestHist and globalLongShortAccountRatio.
#include "adapters/feeds/binance_statistics/binance_statistics.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"([{"symbol":"BTCUSDT","sumOpenInterest":"34085.00000000","sumOpenInterestValue":"1927265695.27131325","timestamp":1616438700000}])";

TEST(BinanceStatistics, reads_open_interest_and_the_ratio_of_accounts) {
  const auto got = parse_binance_open_interest(kReply, kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 1u);
  EXPECT_EQ(got->front().subject, "binance:linear:BTCUSDT");
  EXPECT_DOUBLE_EQ(*got->front().value, 34085.0);
  EXPECT_EQ(format_rfc3339(got->front().event_time), "2021-03-22T18:45:00Z");
  const auto ratio = parse_binance_long_short(
      R"([{"symbol":"BTCUSDT","longShortRatio":"1.9559","longAccount":"0.6617","shortAccount":"0.3382","timestamp":"1583139600000"}])", kFetched);
  ASSERT_TRUE(ratio) << ratio.error().detail;
  EXPECT_NEAR(*ratio->front().value, 0.6617 / 0.3382, 1e-12);
}

TEST(BinanceStatistics, tells_a_refusal_from_a_reply) {
  EXPECT_EQ(parse_binance_open_interest(R"({"code":-1121,"msg":"Invalid symbol."})", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_binance_long_short(R"([{"symbol":"BTCUSDT","longAccount":"1","shortAccount":"0","timestamp":1}])", kFetched).error().fault,
            FeedFault::malformed);
}

TEST(BinanceStatistics, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_binance_open_interest(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_binance_open_interest(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
