// Nothing after its instant is seen: two worlds that agree up to an instant and differ afterwards give the same output of every tool. Also gaps. Single thread.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tools/test_support.h"

namespace prom {
namespace {

std::string everything(const ToolResult& result) {
  if (!result) return std::string(name_of(result.error().code)) + result.error().message + result.error().hint;
  std::string out = to_json(result->result);
  for (const ToolSource& source : result->sources) out += source.name + format_rfc3339(source.time);
  for (const ToolSeries& series : result->series) {
    out += series.output;
    for (const double x : series.values) out += to_json(Value(x));
  }
  for (const ToolAction& action : result->actions) {
    if (const auto* proposal = std::get_if<TradeProposal>(&action)) {
      out += std::to_string(proposal->quantity.v) + "@" + std::to_string(proposal->limit ? proposal->limit->v : 0);
    }
  }
  return out;
}

TEST(LookAhead, changing_what_comes_later_changes_no_output_of_any_tool) {
  constexpr std::size_t kChanged = 15 * 1440 + 607;  // the bar that opens at the world's default instant
  test::World world, changed(kChanged);
  const TimeNs now = test::kWorldStart + kMinute * static_cast<std::int64_t>(kChanged);
  ASSERT_EQ(world.context.as_of.time, now);
  // The worlds do differ after the instant.
  world.at(now + kDay);
  changed.at(now + kDay);
  EXPECT_NE(everything(test::ask(world, "get_price")), everything(test::ask(changed, "get_price")));
  std::size_t compared = 0;
  for (const DurationNs back : {DurationNs{0}, kMinute, kMinute * 7, kHour * 5, kDay * 3}) {
    world.at(now - back);
    changed.at(now - back);
    for (const Tool& tool : all_tools()) {
      for (const DurationNs timeframe : {kMinute, kHour, kHour * 4}) {
        world.context.timeframe = changed.context.timeframe = timeframe;
        const ToolArguments arguments{test::sample_of(tool.info.name), timeframe == kHour ? SeriesWanted::yes : SeriesWanted::no};
        ASSERT_EQ(everything(call_tool(tool.info.name, world.context, arguments)), everything(call_tool(tool.info.name, changed.context, arguments)))
            << tool.info.name;
        ++compared;
      }
    }
  }
  EXPECT_EQ(compared, 108U * 15U);
}

/// A word of the feed is nobody's before it came, however long ago it happened; and it is everybody's from then on.
TEST(LookAhead, a_recording_is_seen_as_it_came_and_not_as_it_happened) {
  constexpr std::size_t kChanged = 15 * 1440 + 607;
  test::World world, changed(kChanged);
  const TimeNs now = test::kWorldStart + kMinute * static_cast<std::int64_t>(kChanged);
  const auto last = std::ranges::find_if(changed.tape.events, [&](const TapeEvent& e) { return known_at(e) > now; });
  ASSERT_LT(last->time, known_at(*last) - kNanosecond) << "it happens, and comes later";
  const auto both = [&](TimeNs at, std::string_view tool) {
    world.at(at);
    changed.at(at);
    return std::pair(everything(test::ask(world, tool)), everything(test::ask(changed, tool)));
  };
  for (const std::string_view tool : {"get_orderbook", "get_trades", "get_orderbook_imbalance", "get_tick_speed", "get_whale_trades"}) {
    const auto hidden = both(known_at(*last) - kNanosecond, tool), told = both(known_at(*last), tool);
    EXPECT_EQ(hidden.first, hidden.second) << tool;
    if (tool != "get_whale_trades") EXPECT_NE(told.first, told.second) << tool;
  }
}

TEST(LookAhead, trades_and_memories_from_later_stay_hidden) {
  const test::World world;
  EXPECT_EQ(test::ask(world, "get_trade_history")->result.number("count"), 30.0);
  EXPECT_EQ(test::ask(world, "get_strategy_stats")->result.number("trades"), 30.0);
  EXPECT_EQ(test::ask(world, "search_memory", R"({"query":"stops"})")->result.number("count"), 1.0);
  test::World later;
  later.at(test::kWorldStart + kDay * 19);
  EXPECT_EQ(test::ask(later, "get_trade_history")->result.number("count"), 40.0);
  EXPECT_EQ(test::ask(later, "search_memory", R"({"query":"stops"})")->result.number("count"), 2.0);
}

TEST(LookAhead, an_account_view_from_later_is_refused) {
  test::World world;
  world.account.as_of.time = world.context.as_of.time + kNanosecond;
  EXPECT_EQ(test::ask(world, "get_balance").error().code, ToolErrorCode::unavailable);
}

TEST(Gaps, every_tool_answers_over_bars_with_gaps_or_says_what_is_missing) {
  const test::World world(SIZE_MAX, 7);
  std::size_t answered = 0;
  for (const Tool& tool : all_tools()) {
    if (!tool.info.unavailable.empty()) continue;
    const auto result = call_tool(tool.info.name, world.context, {test::sample_of(tool.info.name), SeriesWanted::yes});
    if (result) ++answered;
    if (!result) EXPECT_EQ(result.error().code, ToolErrorCode::not_enough_data) << tool.info.name << ": " << result.error().message;
  }
  EXPECT_GE(answered, 60U);
  EXPECT_GT(test::ask(world, "get_ohlcv", R"({"timeframe":"1m","bars":500})")->result.number("missing"), 20.0);
}

TEST(Series, have_one_value_a_bar_named_as_the_convention_says) {
  const test::World world;
  const std::map<std::string_view, std::vector<std::string>> names{{"rsi", {"value"}},
                                                                   {"stochastic", {"k", "d"}},
                                                                   {"cci", {"value"}},
                                                                   {"roc", {"value"}},
                                                                   {"atr", {"value"}},
                                                                   {"sma", {"value"}},
                                                                   {"ema", {"value"}},
                                                                   {"bollinger", {"upper", "middle", "lower"}},
                                                                   {"keltner", {"upper", "middle", "lower"}},
                                                                   {"macd", {"macd", "signal", "histogram"}},
                                                                   {"supertrend", {"value", "upper", "lower"}},
                                                                   {"ichimoku", {"tenkan", "kijun", "senkou_a", "senkou_b", "chikou"}},
                                                                   {"vwap", {"value"}},
                                                                   {"obv", {"value"}},
                                                                   {"ema_ribbon", {"fastest", "slowest", "spread"}},
                                                                   {"volume_profile", {"point_of_control", "value_area_high", "value_area_low"}}};
  const std::size_t bars = world.view.bars(InstrumentIx(0), kHour, SIZE_MAX, world.context.as_of.time).size();
  ASSERT_EQ(bars, 15U * 24U + 10U);
  for (const auto& [tool, expected] : names) {
    const auto result = test::ask(world, tool, "{}", SeriesWanted::yes);
    ASSERT_TRUE(result.has_value()) << tool;
    std::vector<std::string> got;
    for (const ToolSeries& series : result->series) {
      got.push_back(series.output);
      EXPECT_EQ(series.values.size(), bars) << tool;
    }
    EXPECT_EQ(got, expected) << tool;
    const auto last = result->result.number(expected.front());
    ASSERT_TRUE(last.has_value()) << tool;
    EXPECT_DOUBLE_EQ(*last, result->series.front().values.back()) << tool;
  }
}

/// What a call without a series reads is enough: it agrees with the value over all bars.
TEST(Series, short_look_back_gives_the_value_of_the_whole_history) {
  const test::World world;
  for (const std::string_view tool : {"rsi", "cci", "roc", "atr", "sma", "ema"}) {
    for (const std::string_view timeframe : {R"({"timeframe":"1m"})", R"({"timeframe":"5m","period":50})"}) {
      const double some = *test::ask(world, tool, timeframe)->result.number("value");
      const double all = *test::ask(world, tool, timeframe, SeriesWanted::yes)->result.number("value");
      EXPECT_NEAR(some, all, 1e-9 * std::max(1.0, std::abs(all))) << tool << ' ' << timeframe;
    }
  }
  const double some = *test::ask(world, "macd", R"({"timeframe":"1m"})")->result.number("signal");
  EXPECT_NEAR(some, *test::ask(world, "macd", R"({"timeframe":"1m"})", SeriesWanted::yes)->result.number("signal"), 1e-7);
}

}  // namespace
}  // namespace prom
