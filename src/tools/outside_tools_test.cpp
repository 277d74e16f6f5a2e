// Options, chains, releases, liquidations and outside markets: numbers worked out by hand from what World's feeds say. Single thread.
#include <gtest/gtest.h>

#include "tools/test_support.h"

namespace prom {
namespace {

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
  const auto other = test::ask(world, "get_options_oi", R"({"instrument":"ETHUSDT"})");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("ETH"), std::string::npos);
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
