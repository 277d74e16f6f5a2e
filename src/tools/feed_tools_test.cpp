// Tools of outside feeds: their numbers, what was known when, staleness, and their words where nothing is known. Single thread.
#include <gtest/gtest.h>

#include <string>

#include "tools/test_support.h"

namespace prom {
namespace {

Observation said(std::string_view series, std::string subject, TimeNs event, TimeNs known, double value) {
  return {std::string(series), std::move(subject), "test", "", event, known, TrustTier::official, value, ""};
}

TEST(FeedTools, give_the_numbers_that_were_known) {
  const test::World world;  // day 15, 10:07; hour 370 was known at 10:05
  EXPECT_EQ(test::ask(world, "get_fear_greed")->result.number("value"), 35.0);
  EXPECT_EQ(test::ask(world, "get_fear_greed")->result.number("change_day"), 1.0);
  EXPECT_NEAR(*test::ask(world, "btc_dominance")->result.number("percent"), 63.7, 1e-9);
  EXPECT_NEAR(*test::ask(world, "btc_dominance")->result.number("change_day"), 0.24, 1e-9);
  EXPECT_EQ(test::ask(world, "usdt_dominance")->result.number("change_day"), 0.0);
  EXPECT_EQ(test::ask(world, "get_open_interest")->result.number("value"), 1370.0);
  EXPECT_NEAR(*test::ask(world, "get_open_interest")->result.number("change_day_percent"), 100.0 * 24 / 1346, 1e-9);
  EXPECT_EQ(test::ask(world, "get_long_short_ratio")->result.number("long_percent"), 60.0) << "1.5 to 1";
  EXPECT_EQ(test::ask(world, "get_fed_rate")->result.number("upper"), 4.5);
  EXPECT_EQ(test::ask(world, "get_fed_rate")->result.number("lower"), 4.25);
  EXPECT_NEAR(*test::ask(world, "get_cpi")->result.number("percent_year"), 3.0, 1e-9) << "310.03 over 301";
  const auto trending = to_json(test::ask(world, "get_trending")->result);
  EXPECT_LT(trending.find("Sui"), trending.find("Bitcoin")) << "by rank";
}

TEST(FeedTools, see_a_word_from_the_instant_it_was_known_and_a_revision_from_its_own) {
  // FRED's GDP of 2024-07-01 as recorded on two days (tests/fixtures/feeds); here under a name that a tool reads.
  const TimeNs day = test::kWorldStart, first = day + kDay, second = day + kDay * 2;
  const std::vector<Observation> rows{said(series::kMacro, "DFEDTARU", day, first, 29349.924), said(series::kMacro, "DFEDTARU", day, second, 29374.914)};
  EXPECT_EQ(test::ask_with(rows, first - kNanosecond, "get_fed_rate").error().code, ToolErrorCode::unavailable);
  EXPECT_EQ(test::ask_with(rows, first, "get_fed_rate")->result.number("upper"), 29349.924);
  EXPECT_EQ(test::ask_with(rows, second - kNanosecond, "get_fed_rate")->result.number("upper"), 29349.924);
  EXPECT_EQ(test::ask_with(rows, second, "get_fed_rate")->result.number("upper"), 29374.914);
  EXPECT_EQ(test::ask_with(rows, second, "get_fed_rate")->sources.front().time, second);
}

TEST(FeedTools, refuse_what_is_stale_however_lately_it_was_fetched) {
  const TimeNs event = test::kWorldStart;
  const TimeNs limit = event + kDay * 2;
  const std::vector<Observation> rows{said(series::kFearGreed, "", event, limit, 40)};
  EXPECT_EQ(test::ask_with(rows, limit, "get_fear_greed")->result.number("value"), 40.0);
  const auto stale = test::ask_with(rows, limit + kNanosecond, "get_fear_greed");
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ToolErrorCode::unavailable);
  EXPECT_TRUE(stale.error().message.starts_with("stale: ")) << stale.error().message;
}

TEST(FeedTools, without_a_feed_say_which_would_serve) {
  test::World world;
  for (const bool empty : {true, false}) {
    const ObservationTable nothing;
    world.context.observations = empty ? &nothing : nullptr;
    for (const std::string_view tool : {"get_fear_greed", "get_trending", "get_fed_rate", "get_cpi", "btc_dominance", "usdt_dominance", "get_open_interest",
                                        "get_news", "get_social_sentiment", "get_long_short_ratio"}) {
      const auto answer = test::ask(world, tool);
      ASSERT_FALSE(answer) << tool;
      EXPECT_EQ(answer.error().code, ToolErrorCode::unavailable) << tool;
      EXPECT_NE(answer.error().message.find("serve"), std::string::npos) << tool;
    }
  }
  EXPECT_NE(test::ask(world, "get_open_interest", R"({"instrument":"binance:spot:BTCUSDC"})").error().message.find("spot"), std::string::npos);
}

TEST(FeedTools, count_only_texts_of_the_last_day_that_name_the_asset) {
  const test::World world;  // a headline every six hours in turn: about Bitcoin, about ether; asked at 10:07, known five minutes after the event
  const auto news = test::ask(world, "get_news");
  ASSERT_TRUE(news) << news.error().message;
  EXPECT_EQ(news->result.text("asset"), "BTC");
  EXPECT_EQ(news->result.number("count"), 2.0);
  EXPECT_NEAR(*news->result.number("sentiment"), 3.0 / 7.0, 1e-12) << "surges";
  const auto social = test::ask(world, "get_social_sentiment", R"({"instrument":"ETHUSDT"})");
  ASSERT_TRUE(social) << social.error().message;
  EXPECT_EQ(social->result.number("posts"), 2.0);
  EXPECT_EQ(social->result.number("negative"), 2.0);
  EXPECT_EQ(test::ask(world, "get_social_sentiment")->result.number("posts"), 2.0);
}

Observation headline(std::string_view series, std::string_view text, TimeNs at) {
  return {std::string(series), "", "test", std::string(text), at, at, TrustTier::publisher, std::nullopt, std::string(text)};
}

TEST(FeedTools, count_texts_about_a_coin_that_no_list_has) {
  test::World world;
  const TimeNs now = world.context.as_of.time;
  std::vector<Observation> rows;
  for (const std::string_view series : {series::kNews, series::kPost})
    for (const char* text : {"AAVE hacked", "OP slides", "$op surges", "PAXG\u2019s premium", "A paxg of words"})
      rows.push_back(headline(series, text, now - kHour));
  const ObservationTable table(std::move(rows));
  world.context.observations = &table;
  const auto counted = [&](std::string base, std::string_view arguments) {
    world.names[1] = std::move(base);
    const auto news = test::ask(world, "get_news", arguments);
    const auto social = test::ask(world, "get_social_sentiment", arguments);
    EXPECT_TRUE(news && social);
    EXPECT_EQ(news->result.number("count"), social->result.number("posts"));
    return std::pair(news->result.number("count").value_or(-1), news->result.number("sentiment").value_or(0));
  };
  EXPECT_EQ(counted("AAVE", "{}"), (std::pair(1.0, -3.0 / 7.0)));
  EXPECT_EQ(counted("OP", "{}"), (std::pair(1.0, 3.0 / 7.0))) << "two letters count behind a $ only";
  EXPECT_EQ(counted("BTC", R"({"instrument":"PAXGUSDT"})").first, 1.0);
  EXPECT_EQ(counted("COMP", "{}").first, 0.0);
}

TEST(FeedTools, funding_of_long_ago_says_nothing_of_who_is_crowded_now) {
  test::World world;
  constexpr std::string_view kCall = R"({"instrument":"ETHUSDT"})";
  const TimeNs last = test::kWorldStart + kHour * 8 * 59;  // the last that was recorded, every eight hours
  world.at(last + kHour * 16);
  const auto known = test::ask(world, "get_funding_sentiment", kCall);
  ASSERT_TRUE(known) << known.error().message;
  ASSERT_NE(known->result.find("time"), nullptr);
  EXPECT_EQ(to_json(*known->result.find("time")), '"' + format_rfc3339(last) + '"');
  world.at(last + kHour * 16 + kNanosecond);
  const auto stale = test::ask(world, "get_funding_sentiment", kCall);
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ToolErrorCode::unavailable);
  EXPECT_TRUE(stale.error().message.starts_with("stale: ")) << stale.error().message;
  EXPECT_NE(stale.error().message.find("16.0 h before"), std::string::npos) << stale.error().message;
  EXPECT_NE(stale.error().hint.find("promtrade data import"), std::string::npos) << stale.error().hint;
  EXPECT_TRUE(test::ask(world, "get_funding_sentiment")) << "what is assumed of BTCUSDT has no age";
}

TEST(FeedTools, a_year_is_measured_against_the_same_month_only) {
  const TimeNs january{days_from_civil({2025, 1, 1}) * kDay.ns}, december{days_from_civil({2023, 12, 1}) * kDay.ns};
  const auto answer = test::ask_with({said(series::kMacro, "CPIAUCSL", january, january, 310), said(series::kMacro, "CPIAUCSL", december, december, 300)},
                                     test::kWorldStart, "get_cpi");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ToolErrorCode::not_enough_data);
}

}  // namespace
}  // namespace prom
