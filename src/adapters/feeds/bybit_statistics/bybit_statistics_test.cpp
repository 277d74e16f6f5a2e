// The examples of the venue's documentation, and replies that are not one.
#include "adapters/feeds/bybit_statistics/bybit_statistics.h"

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

TEST(BybitStatistics, reads_the_documented_open_interest) {
  const auto got = parse_bybit_open_interest(recorded("bybit_open_interest.json"), kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 5u);
  EXPECT_EQ((*got)[0].subject, "bybit:inverse:BTCUSD");
  EXPECT_EQ((*got)[0].value, 63910691.0);
  EXPECT_EQ((*got)[0].event_time.ns, 1'780'963'200'000'000'000);
}

TEST(BybitStatistics, reads_the_documented_long_short_ratio) {
  const auto got = parse_bybit_long_short(recorded("bybit_long_short.json"), "linear", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 2u);
  EXPECT_EQ((*got)[0].subject, "bybit:linear:BTCUSDT");
  EXPECT_DOUBLE_EQ(*(*got)[0].value, 49.0 / 51.0);
  EXPECT_EQ((*got)[1].event_time.ns, 1'696'258'800'000'000'000);
}

TEST(BybitStatistics, tells_refusals_and_one_sided_markets) {
  EXPECT_EQ(parse_bybit_open_interest(R"({"retCode":10001,"retMsg":"params error","result":{}})", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_bybit_long_short(R"({"retCode":0,"result":{"list":[{"symbol":"X","buyRatio":"1","sellRatio":"0","timestamp":"1696262400000"}]}})", "linear",
                                   kFetched)
                .error()
                .fault,
            FeedFault::malformed)
      << "no ratio is made of a division by nothing";
}

TEST(BybitStatistics, every_torn_reply_is_an_error) {
  const std::string whole = recorded("bybit_open_interest.json");
  for (std::size_t n = 0; n + 2 < whole.size(); n += 7) EXPECT_FALSE(parse_bybit_open_interest(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_bybit_open_interest(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
