// Two recorded replies of one series, between which a figure was revised; and replies that are not one.
#include "adapters/feeds/fred/fred.h"

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

TEST(Fred, reads_recorded_replies_and_leaves_out_periods_without_a_figure) {
  const auto got = parse_fred_observations(recorded("fred_gdp_2024-10-30.json"), "GDP", kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 8u) << "the first four periods have no figure";
  EXPECT_EQ(got->back().subject, "GDP");
  EXPECT_DOUBLE_EQ(*got->back().value, 29349.924);
  EXPECT_EQ(format_rfc3339(got->back().event_time), "2024-07-01T00:00:00Z");
  EXPECT_EQ(got->back().available_at, kFetched);
  EXPECT_DOUBLE_EQ(*parse_fred_observations(recorded("fred_gdp_2024-12-19.json"), "GDP", kFetched)->back().value, 29374.914) << "revised";
}

TEST(Fred, tells_a_refusal_from_a_reply) {
  const auto refused = parse_fred_observations(R"({"error_code":400,"error_message":"Bad Request."})", "GDP", kFetched);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, FeedFault::refused);
  for (const auto* bad : {R"({"observations":[{"date":"2024-07-01"}]})", R"({"observations":[{"date":"2024-07-32","value":"1"}]})",
                          R"({"observations":[{"date":"2024-07-01","value":"nan"}]})"}) {
    EXPECT_EQ(parse_fred_observations(bad, "GDP", kFetched).error().fault, FeedFault::malformed) << bad;
  }
}

TEST(Fred, every_torn_reply_is_an_error) {
  const std::string whole = recorded("fred_gdp_2024-10-30.json");
  for (std::size_t n = 0; n + 2 < whole.size(); n += 7) EXPECT_FALSE(parse_fred_observations(whole.substr(0, n), "GDP", kFetched)) << n;
  EXPECT_EQ(parse_fred_observations(std::string(kMaxFeedBytes + 1, ' '), "GDP", kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
