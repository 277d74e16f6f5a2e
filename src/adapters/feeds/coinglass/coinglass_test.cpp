// Replies in the form of Coinglass' API v4 reference (futures liquidation history, pair and aggregated).
#include "adapters/feeds/coinglass/coinglass.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"({"code":"0","msg":"success","data":[{"time":1658880000000,"long_liquidation_usd":"2369935.19562","short_liquidation_usd":"6947459.43674"},{"time":1658966400000,"aggregated_long_liquidation_usd":5118407.9,"aggregated_short_liquidation_usd":8517330.4}]})";

TEST(Coinglass, reads_both_sides_of_pair_and_aggregated_history) {
  const auto got = parse_coinglass_liquidations(kReply, "btc", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 4u);
  EXPECT_EQ((*got)[0].series, series::kLongsLiquidated);
  EXPECT_EQ((*got)[0].subject, "BTC");
  EXPECT_DOUBLE_EQ(*(*got)[0].value, 2369935.19562);
  EXPECT_EQ((*got)[3].series, series::kShortsLiquidated);
  EXPECT_DOUBLE_EQ(*(*got)[3].value, 8517330.4);
}

TEST(Coinglass, tells_a_refusal_from_a_reply) {
  EXPECT_EQ(parse_coinglass_liquidations(R"({"code":"30001","msg":"API key missing."})", "BTC", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_coinglass_liquidations(R"({"code":"0","data":[{"time":1658880000000}]})", "BTC", kFetched).error().fault, FeedFault::malformed);
}

TEST(Coinglass, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_coinglass_liquidations(whole.substr(0, n), "BTC", kFetched)) << n;
  EXPECT_EQ(parse_coinglass_liquidations(std::string(kMaxFeedBytes + 1, ' '), "BTC", kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
