// Recorded replies, and replies that are not one.
#include "adapters/feeds/coingecko/coingecko.h"

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

TEST(CoinGecko, reads_the_recorded_shares_of_the_market) {
  const auto got = parse_coingecko_global(recorded("coingecko_global.json"), kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 11u);
  const auto share = [&](std::string_view symbol) {
    for (const Observation& o : *got) {
      if (o.series == series::kDominance && o.subject == symbol) return *o.value;
    }
    return -1.0;
  };
  EXPECT_DOUBLE_EQ(share("BTC"), 60.70858347681936);
  EXPECT_DOUBLE_EQ(share("USDT"), 5.731993074207418);
  EXPECT_EQ(got->back().series, series::kTotalValue);
  EXPECT_DOUBLE_EQ(*got->back().value, 2515268352188.766);
  EXPECT_EQ(format_rfc3339(got->back().event_time), "2025-04-07T11:28:53Z");
}

TEST(CoinGecko, reads_the_recorded_trending_coins_in_their_order) {
  const auto got = parse_coingecko_trending(recorded("coingecko_trending.json"), kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 15u);
  EXPECT_EQ((*got)[0].subject, "QUBIC");
  EXPECT_EQ((*got)[4].subject, "BTC");
  EXPECT_EQ((*got)[4].value, 5.0);
  EXPECT_EQ((*got)[11].text, "Sonic (prev. FTM)");
}

TEST(CoinGecko, refuses_what_is_no_share) {
  for (const auto* bad :
       {R"({"data":{"updated_at":1744025333,"market_cap_percentage":{"btc":120},"total_market_cap":{"usd":1}}})",
        R"({"data":{"updated_at":1744025333,"market_cap_percentage":{"btc":12},"total_market_cap":{}}})", R"({"data":3})", R"({"coins":[{}]})"}) {
    EXPECT_FALSE(parse_coingecko_global(bad, kFetched)) << bad;
    EXPECT_FALSE(parse_coingecko_trending(bad, kFetched)) << bad;
  }
}

TEST(CoinGecko, every_torn_reply_is_an_error) {
  const std::string whole = recorded("coingecko_global.json");
  for (std::size_t n = 0; n + 2 < whole.size(); n += 7) EXPECT_FALSE(parse_coingecko_global(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_coingecko_global(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
