// Replies in the form of Trading Economics' documentation of its calendar (schema page: CalendarId, Date in UTC, Country, Event, Actual, Importance).
#include "adapters/feeds/trading_economics/trading_economics.h"

#include <gtest/gtest.h>

#include <string>

namespace prom {
namespace {

constexpr TimeNs kFetched{1'790'000'000'000'000'000};

constexpr const char* kReply =
    R"([{"CalendarId":"326431","Date":"2024-02-02T13:30:00","Country":"United States","Category":"Non Farm Payrolls","Event":"Non Farm Payrolls","Reference":"Jan","Source":"BLS","Actual":"353K","Previous":"333K","Forecast":"180K","TEForecast":"190K","Importance":3,"Unit":""},
{"CalendarId":326500,"Date":"2024-02-05T15:00:00","Country":"United States","Category":"Non Manufacturing PMI","Event":"ISM Services PMI","Actual":"","Previous":"50.5","Forecast":"52","Importance":2}])";

TEST(TradingEconomics, reads_releases_that_are_past_and_ahead) {
  const auto got = parse_trading_economics_calendar(kReply, kFetched);
  ASSERT_TRUE(got) << got.error().detail;
  ASSERT_EQ(got->size(), 7u) << "the second has no actual figure yet";
  EXPECT_EQ((*got)[0].series, series::kReleaseImportance);
  EXPECT_DOUBLE_EQ(*(*got)[0].value, 3);
  EXPECT_EQ((*got)[0].text, "Non Farm Payrolls");
  EXPECT_EQ((*got)[1].series, series::kReleaseActual);
  EXPECT_DOUBLE_EQ(*(*got)[1].value, 353'000);
  EXPECT_EQ((*got)[4].id, "326500");
  EXPECT_EQ(format_rfc3339((*got)[4].event_time), "2024-02-05T15:00:00Z");
}

TEST(TradingEconomics, reads_figures_as_they_are_written) {
  const auto figure = [](const std::string& text) {
    const auto got = parse_trading_economics_calendar(
        R"([{"CalendarId":"1","Date":"2024-02-02T13:30:00","Country":"x","Event":"y","Importance":1,"Actual":")" + text + R"("}])", kFetched);
    return got && got->size() == 2 ? got->back().value : std::nullopt;
  };
  EXPECT_EQ(figure("-0.3%"), -0.3);
  EXPECT_DOUBLE_EQ(figure("$1.2B").value_or(0), 1.2e9);
  EXPECT_DOUBLE_EQ(figure("-$67.4B").value_or(0), -67.4e9);
  EXPECT_EQ(figure("1,234"), 1234);
  EXPECT_EQ(figure("n/a"), std::nullopt);
  EXPECT_EQ(figure("1e308T"), std::nullopt) << "no infinity";
}

TEST(TradingEconomics, tells_a_refusal_from_a_reply) {
  EXPECT_EQ(parse_trading_economics_calendar(R"({"message":"no access"})", kFetched).error().fault, FeedFault::refused);
  EXPECT_EQ(parse_trading_economics_calendar(R"([{"CalendarId":"1","Date":"soon","Country":"x","Event":"y","Importance":1}])", kFetched).error().fault,
            FeedFault::malformed);
}

TEST(TradingEconomics, every_torn_reply_is_an_error) {
  const std::string whole = kReply;
  for (std::size_t n = 0; n + 2 < whole.size(); n += 5) EXPECT_FALSE(parse_trading_economics_calendar(whole.substr(0, n), kFetched)) << n;
  EXPECT_EQ(parse_trading_economics_calendar(std::string(kMaxFeedBytes + 1, ' '), kFetched).error().fault, FeedFault::too_large);
}

}  // namespace
}  // namespace prom
