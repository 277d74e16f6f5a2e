// Holes and old data: what is computed over bars that are not there, or that ended long ago, is refused or says so. Single thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/test_support.h"

namespace prom {
namespace {

constexpr std::size_t kBefore = 40 * 60, kAfter = 5 * 60;
constexpr DurationNs kHoleLength = kDay * 60;

/// Forty hours of minute bars, sixty days of nothing, five hours.
ColumnMarketView with_a_hole() {
  auto columns = std::make_shared<BarColumns>(*test::walk({.seed = 5, .bars = kBefore + kAfter}, test::TakerSide::known));
  for (std::size_t i = kBefore; i < kBefore + kAfter; ++i) columns->open_time_ns[i] += kHoleLength.ns;
  auto view = ColumnMarketView::make({{test::perp(0, "BTCUSDT", 1), columns, {}, "test"}});
  EXPECT_TRUE(view.has_value());
  return std::move(*view);
}

struct HoledMarket {
  HoledMarket() { at(test::kWorldStart + kMinute * static_cast<std::int64_t>(kBefore + kAfter) + kHoleLength); }
  void at(TimeNs time) {
    context.as_of = {1, time};
    context.timeframe = kHour;
    context.market = &view;
  }
  ToolResult ask(std::string_view tool, std::string_view arguments = "{}") const { return call_tool(tool, context, {test::json(arguments), SeriesWanted::no}); }

  ColumnMarketView view = with_a_hole();
  ToolContext context;
};

TEST(Gaps, an_indicator_over_a_hole_longer_than_itself_is_refused) {
  const HoledMarket market;
  for (const std::string_view tool : {"rsi", "atr", "macd", "bollinger", "stochastic", "cci", "supertrend"}) {
    const ToolResult result = market.ask(tool);
    ASSERT_FALSE(result.has_value()) << tool << " answers " << to_json(result->result);
    EXPECT_EQ(result.error().code, ToolErrorCode::not_enough_data) << tool;
    EXPECT_NE(result.error().message.find("missing"), std::string::npos) << tool << ": " << result.error().message;
    EXPECT_FALSE(result.error().hint.empty()) << tool;
  }
  EXPECT_TRUE(market.ask("sma", R"({"period":4})").has_value()) << "five bars behind the hole are enough for four";
}

TEST(Gaps, whatever_answers_beside_a_hole_names_it) {
  const HoledMarket market;
  std::size_t answered = 0;
  for (const Tool& tool : all_tools()) {
    if (tool.info.access == ToolAccess::proposing || !tool.info.unavailable.empty()) continue;
    const ToolResult result = call_tool(tool.info.name, market.context, {test::sample_of(tool.info.name), SeriesWanted::no});
    if (!result) continue;
    for (const ToolSource& source : result->sources) {
      if (source.name.find(" bars") == std::string::npos) continue;
      ++answered;
      const bool named = source.name.find("missing among") != std::string::npos || source.name.find("1m bars") != std::string::npos;
      EXPECT_TRUE(named) << tool.info.name << ": " << source.name << " " << to_json(result->result);
    }
  }
  EXPECT_GT(answered, 0U);
}

TEST(Gaps, a_day_of_which_five_hours_are_there_has_no_volume_of_a_day) {
  const HoledMarket market;
  const ToolResult price = market.ask("get_price");
  ASSERT_TRUE(price.has_value()) << price.error().message;
  for (const std::string_view name : {"volume_24h", "high_24h", "low_24h", "change_24h_percent"}) EXPECT_TRUE(price->result.find(name)->is_null()) << name;
}

TEST(Gaps, closed_days_of_a_stock_exchange_are_no_hole) {
  auto columns = std::make_shared<BarColumns>(*test::walk({.seed = 6, .bars = 60}, test::TakerSide::unknown));
  std::int64_t day = 0;
  for (std::size_t i = 0; i < columns->open_time_ns.size(); ++i, ++day) {
    if (day % 7 == 5) day += 2;  // of a week that begins on Monday
    columns->open_time_ns[i] = test::kWorldStart.ns / (7 * kDay.ns) * 7 * kDay.ns + 4 * kDay.ns + day * kDay.ns;
  }
  columns->interval = kDay;
  auto view = ColumnMarketView::make({{test::perp(0, "BTCUSDT", 1), columns, {}, "test"}});
  ASSERT_TRUE(view.has_value());
  ToolContext context;
  context.timeframe = kDay;
  context.market = &*view;
  for (std::size_t newest = 40; newest < 60; ++newest) {
    context.as_of = {1, TimeNs{columns->open_time_ns[newest]} + kDay};
    for (const std::string_view tool : {"rsi", "sma", "roc", "macd"}) {
      const ToolResult result = call_tool(tool, context, {Value(ValueObject{}), SeriesWanted::no});
      EXPECT_TRUE(result.has_value()) << tool << ": " << result.error().message;
    }
  }
}

TEST(Staleness, bars_that_ended_long_ago_are_refused_by_what_does_not_tell_their_time) {
  HoledMarket market;
  market.at(market.context.as_of.time + kDay * 2);
  for (const std::string_view tool : {"rsi", "atr", "obv", "volume_profile", "get_cvd", "detect_order_blocks"}) {
    const ToolResult result = market.ask(tool);
    ASSERT_FALSE(result.has_value()) << tool << " answers " << to_json(result->result);
    EXPECT_NE(result.error().message.find("stale"), std::string::npos) << tool << ": " << result.error().message;
  }
  const ToolResult price = market.ask("get_price");
  ASSERT_TRUE(price.has_value());
  EXPECT_EQ(price->result.number("age_seconds"), 2.0 * 86'400);
  EXPECT_TRUE(market.ask("get_ohlcv").has_value());
}

TEST(Staleness, a_funding_rate_of_weeks_ago_is_not_given_as_todays) {
  test::World world;
  world.context.instrument = InstrumentIx(1);
  ASSERT_TRUE(test::ask(world, "get_funding_rate").has_value());
  std::vector<ColumnMarketSource> sources{{test::perp(0, "BTCUSDT", 1),
                                           test::walk({.seed = 7}, test::TakerSide::unknown),
                                           {{test::kWorldStart, test::kWorldStart, 0.0001, Provenance::venue}},
                                           "test"}};
  const auto view = ColumnMarketView::make(std::move(sources));
  ASSERT_TRUE(view.has_value());
  world.context.instrument = InstrumentIx(0);
  world.context.market = &*view;
  world.context.as_of.time = test::kWorldStart + kHour * 15;
  EXPECT_TRUE(test::ask(world, "get_funding_rate").has_value());
  world.context.as_of.time = test::kWorldStart + kHour * 17;
  const ToolResult old = test::ask(world, "get_funding_rate");
  ASSERT_FALSE(old.has_value());
  EXPECT_NE(old.error().message.find("stale"), std::string::npos) << old.error().message;
}

TEST(Coverage, an_average_begins_where_its_bars_do) {
  const test::World world;
  const ToolResult vwap = test::ask(world, "vwap", R"({"anchor_time":"2010-01-01T00:00:00Z","timeframe":"1d"})");
  ASSERT_TRUE(vwap.has_value()) << vwap.error().message;
  EXPECT_EQ(to_json(*vwap->result.find("anchor")), "\"2025-03-01T00:00:00Z\"");
  const ToolResult profile = test::ask(world, "volume_profile", R"({"bars":5000,"timeframe":"1h"})");
  ASSERT_TRUE(profile.has_value()) << profile.error().message;
  EXPECT_EQ(profile->result.number("count"), 15.0 * 24 + 10);
  EXPECT_EQ(to_json(*profile->result.find("since")), "\"2025-03-01T00:00:00Z\"");
}

TEST(Coverage, a_speed_over_more_than_was_recorded_is_refused) {
  test::World world;
  world.at(test::kWorldStart + kDay * 15 + kMinute * 10);
  EXPECT_TRUE(test::ask(world, "get_tick_speed", R"({"window_seconds":300})").has_value());
  const ToolResult longer = test::ask(world, "get_tick_speed", R"({"window_seconds":3600})");
  ASSERT_FALSE(longer.has_value());
  EXPECT_EQ(longer.error().code, ToolErrorCode::not_enough_data);
  const ToolResult whales = test::ask(world, "get_whale_trades", R"({"minutes":1440})");
  ASSERT_TRUE(whales.has_value());
  EXPECT_EQ(to_json(*whales->result.find("since")), to_json(Value(world.tape.events.front().time)));
}

TEST(Coverage, trades_that_ended_while_the_book_goes_on_are_stale) {
  test::World world;
  const TimeNs ended = test::kWorldStart + kDay * 15 + kHour;
  std::erase_if(world.tape.events, [&](const TapeEvent& e) { return e.kind == TapeKind::trade && e.time > ended; });
  world.at(ended + kMinute * 10);
  EXPECT_TRUE(test::ask(world, "get_trades").has_value());
  world.at(ended + kMinute * 30);
  for (const std::string_view tool : {"get_trades", "get_tick_speed", "get_whale_trades"}) {
    const ToolResult result = test::ask(world, tool);
    ASSERT_FALSE(result.has_value()) << tool;
    EXPECT_NE(result.error().message.find("stale"), std::string::npos) << result.error().message;
  }
  EXPECT_TRUE(test::ask(world, "get_orderbook").has_value());
}

}  // namespace
}  // namespace prom
