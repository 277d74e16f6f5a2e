// Options, chains, releases, liquidations and outside markets: numbers worked out by hand from what World's feeds say. Single thread.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tools/test_support.h"

namespace prom {
namespace {

constexpr TimeNs kNow = test::kWorldStart + kDay * 15;

/// Known as soon as it happened.
Observation said(std::string_view series, std::string subject, TimeNs event, double value) {
  return {std::string(series), std::move(subject), "test", "", event, event, TrustTier::aggregator, value, ""};
}

// Asked on day 15 at 10:07: hour 370 was known at 10:05.

TEST(OptionsTools, add_up_what_the_newest_summary_lists) {
  const test::World world;
  const auto interest = test::ask(world, "get_options_oi");
  ASSERT_TRUE(interest) << interest.error().message;
  EXPECT_EQ(interest->result.number("calls"), 2 * (50.0 + 60 + 70)) << "two expiries, calls hold a thousandth of their strike";
  EXPECT_EQ(interest->result.number("puts"), 600.0);
  EXPECT_EQ(interest->result.number("options"), 12.0);
  const auto ratio = test::ask(world, "get_put_call_ratio");
  ASSERT_TRUE(ratio) << ratio.error().message;
  EXPECT_NEAR(*ratio->result.number("by_open_interest"), 600.0 / 360.0, 1e-12);
  EXPECT_NEAR(*ratio->result.number("by_volume"), 6.0 / 8.0, 1e-12);
  EXPECT_EQ(test::ask(world, "get_max_pain")->result.number("strike"), 60'000.0) << "7 M to be paid at 60,000; 20 M at 50,000, 16 M at 70,000";
  EXPECT_NEAR(*test::ask(world, "get_max_pain")->result.number("distance_percent"), 100 * (60'000.0 / 60'500 - 1), 1e-9);
  const auto gamma = test::ask(world, "get_gamma_exposure");
  ASSERT_TRUE(gamma) << gamma.error().message;
  EXPECT_LT(*gamma->result.number("net"), 0.0) << "more puts than calls at every strike";
}

TEST(OptionsTools, give_the_volatilities_that_were_marked) {
  const test::World world;
  const auto surface = test::ask(world, "get_iv_surface");
  ASSERT_TRUE(surface) << surface.error().message;
  const std::string text = to_json(surface->result);
  EXPECT_NE(text.find("2025-03-28T08:00:00Z"), std::string::npos) << text;
  EXPECT_NE(text.find("2025-04-25T08:00:00Z"), std::string::npos);
  EXPECT_LT(text.find("2025-03-28"), text.find("2025-04-25"));
}

TEST(OptionsTools, sum_a_day_of_trades_by_the_takers_side) {
  const test::World world;
  const auto flow = test::ask(world, "get_options_flow");
  ASSERT_TRUE(flow) << flow.error().message;
  // Hours 347 to 370 (hour 346 is more than a day back): of 12 even ones (calls) four are thirds, of 12 odd ones (puts) four.
  EXPECT_EQ(flow->result.number("calls_bought"), 8.0);
  EXPECT_EQ(flow->result.number("calls_sold"), 8.0);
  EXPECT_EQ(flow->result.number("puts_bought"), 8.0);
  EXPECT_EQ(flow->result.number("puts_sold"), 8.0);
  EXPECT_NEAR(*flow->result.number("hours"), 23 + 7.0 / 60, 1e-9) << "since hour 347";
  const auto other = test::ask(world, "get_options_oi", R"({"instrument":"ETHUSDT"})");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("ETH"), std::string::npos);
}

TEST(OptionsTools, take_the_later_of_two_summaries_within_a_minute) {
  const std::string option = "BTC-28MAR25-60000-C";
  std::vector<Observation> rows;
  for (const auto& [at, interest, volume] : {std::tuple(kNow, 50.0, 8.0), std::tuple(kNow + kSecond * 30, 70.0, 9.0)}) {
    rows.push_back(said(series::kOptionOpenInterest, option, at, interest));
    rows.push_back(said(series::kOptionVolume, option, at, volume));
  }
  EXPECT_EQ(test::ask_with(rows, kNow + kSecond * 10, "get_options_oi")->result.number("calls"), 50.0);
  EXPECT_EQ(test::ask_with(rows, kNow + kMinute * 2, "get_options_oi")->result.number("calls"), 70.0);
  EXPECT_EQ(test::ask_with(rows, kNow + kMinute * 2, "get_put_call_ratio")->result.number("call_volume"), 9.0);
}

TEST(OptionsTools, say_since_when_the_trades_are_known) {
  const std::vector<Observation> rows{said(series::kOptionTrade, "BTC-28MAR25-60000-C", kNow - kMinute * 45, 3),
                                      said(series::kOptionTrade, "BTC-28MAR25-60000-P", kNow - kMinute * 15, -2),
                                      said(series::kOptionTrade, "ETH-28MAR25-3000-C", kNow - kHour * 3, 1)};
  const auto flow = test::ask_with(rows, kNow, "get_options_flow");
  ASSERT_TRUE(flow) << flow.error().message;
  EXPECT_EQ(flow->result.number("calls_bought"), 3.0);
  EXPECT_EQ(flow->result.number("hours"), 0.75) << "trades of another coin do not count";
  ASSERT_NE(flow->result.find("since"), nullptr);
  EXPECT_EQ(to_json(*flow->result.find("since")), '"' + format_rfc3339(kNow - kMinute * 45) + '"');
  const auto none = test::ask_with(rows, kNow, "get_options_flow", R"({"instrument":"PAXGUSDT"})");
  ASSERT_FALSE(none) << "no trade known is not a day without trades";
  EXPECT_EQ(none.error().code, ToolErrorCode::unavailable);
}

TEST(ChainTools, compare_with_the_day_before) {
  const test::World world;
  const auto sopr = test::ask(world, "get_sopr");
  ASSERT_TRUE(sopr) << sopr.error().message;
  EXPECT_EQ(sopr->result.number("value"), 114.0) << "day 14 came out at 00:05 of day 15";
  EXPECT_EQ(sopr->result.number("previous"), 113.0);
  EXPECT_NEAR(*sopr->result.number("change_percent"), 100.0 / 113, 1e-9);
  const auto flows = test::ask(world, "get_exchange_flows");
  ASSERT_TRUE(flows) << flows.error().message;
  EXPECT_EQ(flows->result.number("net"), -50.0);
  EXPECT_EQ(test::ask(world, "get_stablecoin_flows")->result.number("net"), 1.5e6) << "bitcoin is no stablecoin";
}

TEST(ChainTools, take_the_newest_flow_of_each_stablecoin_that_is_fresh) {
  constexpr auto kFlow = series::kStablecoinNetFlow;
  const auto flows = test::ask_with({said(kFlow, "BTC", kNow - kHour, 9e9), said(kFlow, "USDT", kNow - kDay, 2e6), said(kFlow, "USDT", kNow - kDay * 2, 7e6),
                                     said(kFlow, "USDC", kNow - kDay * 2, -5e5), said(kFlow, "DAI", kNow - kDay * 4 - kNanosecond, 1e6)},
                                    kNow, "get_stablecoin_flows");
  ASSERT_TRUE(flows) << flows.error().message;
  EXPECT_EQ(flows->result.number("net"), 1.5e6) << "USDT of yesterday, USDC of the day before; DAI is stale, bitcoin no stablecoin";
  EXPECT_EQ(to_json(*flows->result.find("time")), '"' + format_rfc3339(kNow - kDay) + '"');
  ASSERT_NE(flows->result.find("oldest"), nullptr);
  EXPECT_EQ(to_json(*flows->result.find("oldest")), '"' + format_rfc3339(kNow - kDay * 2) + '"');
  EXPECT_EQ(flows->sources.size(), 2U);
  const auto stale = test::ask_with({said(kFlow, "BTC", kNow - kHour, 9e9), said(kFlow, "USDT", kNow - kDay * 5, 2e6)}, kNow, "get_stablecoin_flows");
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, ToolErrorCode::unavailable);
}

/// A release of importance 3 as two readings of the calendar have it.
std::vector<Observation> moved_release(TimeNs from, TimeNs to) {
  std::vector<Observation> rows;
  for (const auto& [event, known] : {std::pair(from, kNow - kDay * 2), std::pair(to, kNow - kHour)})
    rows.push_back({std::string(series::kReleaseImportance), "United States", "test", "326431", event, known, TrustTier::aggregator, 3, "Non Farm Payrolls"});
  return rows;
}

TEST(MacroTools, a_release_that_was_moved_is_at_its_new_time_only) {
  const auto rows = moved_release(kNow + kHour, kNow + kHour * 30);
  EXPECT_EQ(test::ask_with(rows, kNow, "get_economic_calendar")->result.number("count"), 1.0);
  const auto impact = test::ask_with(rows, kNow, "get_macro_impact");
  ASSERT_TRUE(impact) << impact.error().message;
  EXPECT_EQ(impact->result.text("impact"), "low");
  EXPECT_EQ(impact->result.number("hours_until"), 30.0);
  const auto before = test::ask_with(rows, kNow - kHour - kNanosecond, "get_macro_impact");
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->result.text("impact"), "medium") << "two hours and a nanosecond ahead, as it was known then";
  const auto far = test::ask_with(moved_release(kNow + kHour, kNow + kDay * 90), kNow, "get_economic_calendar");
  ASSERT_TRUE(far) << far.error().message;
  EXPECT_EQ(far->result.number("count"), 0.0) << "however far it was moved";
  auto other = moved_release(kNow + kHour, kNow + kHour * 30);
  other.back().source = "another";
  EXPECT_EQ(test::ask_with(other, kNow, "get_economic_calendar")->result.number("count"), 2.0) << "another source's number is another release";
}

TEST(MacroTools, look_ahead_only_as_far_as_the_calendar_did) {
  const test::World world;  // releases at 15:00 of each day, known two days before
  const auto calendar = test::ask(world, "get_economic_calendar");
  ASSERT_TRUE(calendar) << calendar.error().message;
  EXPECT_EQ(calendar->result.number("count"), 2.0) << "today's and tomorrow's; that of day 17 is known from 15:00 on";
  const auto impact = test::ask(world, "get_macro_impact");
  ASSERT_TRUE(impact) << impact.error().message;
  EXPECT_NEAR(*impact->result.number("hours_until"), 24 + 4 + 53.0 / 60, 1e-9) << "day 16 has importance 3";
  EXPECT_EQ(impact->result.text("impact"), "low");
  EXPECT_NEAR(*impact->result.number("surprise_percent"), 2.0, 1e-9) << "51 against 50 on day 14";
  const auto pmi = test::ask(world, "get_pmi");
  ASSERT_TRUE(pmi) << pmi.error().message;
  EXPECT_EQ(pmi->result.number("value"), 51.0);
  EXPECT_EQ(pmi->result.number("previous"), 49.0);
}

TEST(MarketTools, add_up_a_day_of_liquidations) {
  const test::World world;
  const auto answer = test::ask(world, "get_liquidations");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->result.number("longs"), 24 * 3e5);
  EXPECT_EQ(answer->result.number("long_percent"), 75.0);
}

TEST(CorrelationTools, compare_with_outside_markets_on_the_days_that_both_have) {
  const test::World world;
  const auto stocks = test::ask(world, "stock_correlation", R"({"days":10})");
  ASSERT_TRUE(stocks) << stocks.error().message;
  EXPECT_EQ(stocks->result.text("against"), "test SP500");
  EXPECT_LE(std::abs(*stocks->result.number("correlation")), 1.0);
  const auto few = test::ask(world, "dxy_correlation", R"({"days":200})");
  ASSERT_FALSE(few);
  EXPECT_EQ(few.error().code, ToolErrorCode::not_enough_data);
}

TEST(CorrelationTools, the_weekly_dollar_index_may_be_older_than_stocks) {
  std::vector<Observation> rows;
  for (int day = 0; day < 12; ++day)
    for (const char* subject : {"SP500", "DTWEXBGS"}) rows.push_back(said(series::kMacro, subject, test::kWorldStart + kDay * day, 100 + day * 7 % 5));
  const TimeNs newest = test::kWorldStart + kDay * 11;
  constexpr std::string_view kCall = R"({"days":10})";
  const auto dollar = test::ask_with(rows, newest + kDay * 11, "dxy_correlation", kCall);
  ASSERT_TRUE(dollar) << dollar.error().message;
  EXPECT_EQ(dollar->result.number("returns"), 10.0);
  for (const auto& [tool, age] : {std::pair("stock_correlation", kDay * 10), std::pair("dxy_correlation", kDay * 14)}) {
    const auto stale = test::ask_with(rows, newest + age + kNanosecond, tool, kCall);
    ASSERT_FALSE(stale) << tool;
    EXPECT_EQ(stale.error().code, ToolErrorCode::unavailable) << tool;
    EXPECT_TRUE(stale.error().message.starts_with("stale: ")) << stale.error().message;
  }
  EXPECT_TRUE(test::ask_with(rows, newest + kDay * 10, "stock_correlation", kCall));
}

TEST(CorrelationTools, gold_without_a_market_of_it_says_which_would_serve) {
  test::World world;
  std::vector<ColumnMarketSource> sources;
  sources.push_back({test::perp(0, "BTCUSDT", 1), test::walk({}, test::TakerSide::unknown), {}, "test"});
  const auto view = ColumnMarketView::make(std::move(sources));
  ASSERT_TRUE(view.has_value());
  const ToolResult with_gold = test::ask(world, "gold_correlation", R"({"days":10})");
  ASSERT_TRUE(with_gold) << with_gold.error().message;
  EXPECT_EQ(with_gold->result.text("against"), "binance:spot:PAXGUSDT");
  EXPECT_EQ(with_gold->sources.size(), 2U) << "both markets are named";
  world.context.market = &*view;
  const ToolResult without = test::ask(world, "gold_correlation", R"({"days":10})");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, ToolErrorCode::unavailable);
  EXPECT_NE(without.error().message.find("PAXGUSDT serves it"), std::string::npos);
}

TEST(OutsideTools, without_a_feed_say_which_would_serve) {
  test::World world;
  for (const bool empty : {true, false}) {
    const ObservationTable nothing;
    world.context.observations = empty ? &nothing : nullptr;
    for (const std::string_view tool :
         {"get_options_oi", "get_max_pain", "get_put_call_ratio", "get_gamma_exposure", "get_options_flow", "get_iv_surface", "get_sopr", "get_exchange_flows",
          "get_stablecoin_flows", "get_economic_calendar", "get_macro_impact", "get_pmi", "get_liquidations", "stock_correlation", "dxy_correlation"}) {
      const auto answer = test::ask(world, tool);
      ASSERT_FALSE(answer) << tool;
      EXPECT_EQ(answer.error().code, ToolErrorCode::unavailable) << tool;
      EXPECT_NE(answer.error().message.find("serve"), std::string::npos) << tool << answer.error().message;
    }
  }
}

}  // namespace
}  // namespace prom
