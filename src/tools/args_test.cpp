// Argument errors: typed, naming the argument, what is allowed and the nearest name. Single thread.
#include "tools/args.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tools/spec.h"
#include "tools/test_support.h"

namespace prom {
namespace {

ToolError error_of(const test::World& world, std::string_view tool, std::string_view arguments) {
  const auto result = test::ask(world, tool, arguments);
  EXPECT_FALSE(result.has_value()) << tool << ' ' << arguments;
  return result ? ToolError{} : result.error();
}

bool mentions(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Args, name_the_argument_the_range_and_what_was_given) {
  const test::World world;
  const ToolError big = error_of(world, "rsi", R"({"period":1000000000})");
  EXPECT_EQ(big.code, ToolErrorCode::bad_argument);
  EXPECT_EQ(big.message, "argument `period` of rsi must be an integer from 2 to 5000, got 1000000000");
  EXPECT_EQ(big.hint, "leave it out for 14");
  for (const std::string_view wrong : {R"({"period":"14"})", R"({"period":14.5})", R"({"period":null})", R"({"period":[14]})", R"({"period":true})",
                                       R"({"period":1})", R"({"period":-3})", R"({"period":1e300})"}) {
    EXPECT_EQ(error_of(world, "rsi", wrong).code, ToolErrorCode::bad_argument) << wrong;
  }
  EXPECT_TRUE(test::ask(world, "rsi", R"({"period":14.0})").has_value()) << "JSON Schema counts 14.0 as an integer";
}

TEST(Args, suggest_the_nearest_argument_choice_and_instrument) {
  const test::World world;
  EXPECT_TRUE(mentions(error_of(world, "rsi", R"({"priod":14})").hint, "`period`"));
  EXPECT_TRUE(mentions(error_of(world, "pivot_points", R"({"method":"camarila"})").hint, "`camarilla`"));
  EXPECT_TRUE(mentions(error_of(world, "get_price", R"({"instrument":"BTCUSTD"})").hint, "`BTCUSDT`"));
  EXPECT_TRUE(mentions(error_of(world, "get_price", R"({"instrument":"BTCUSTD"})").hint, "binance:linear:ETHUSDT"));
  EXPECT_TRUE(mentions(error_of(world, "rsi", R"({"timeframe":"2h"})").message, "1m, 5m, 15m, 1h, 4h, 1d"));
}

TEST(Args, not_a_number_and_infinity_are_refused) {
  const test::World world;
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    for (const auto& [tool, argument] : std::vector<std::pair<const char*, const char*>>{
             {"rsi", "period"}, {"bollinger", "std_dev"}, {"keltner", "multiplier"}, {"volume_profile", "value_area"}, {"detect_fvg", "min_size"}}) {
      const auto result = call_tool(tool, world.context, {Value(ValueObject{{argument, bad}}), SeriesWanted::no});
      ASSERT_FALSE(result.has_value()) << tool;
      EXPECT_EQ(result.error().code, ToolErrorCode::bad_argument) << tool;
    }
  }
}

TEST(Args, the_longest_text_is_counted_in_characters_as_its_schema_says) {
  const test::World world;
  std::string longest;
  for (int i = 0; i < 2000; ++i) longest += "\u00e9";  // two bytes each
  const auto stored = [&](const std::string& text) {
    return call_tool("store_memory", world.context, {Value(ValueObject{{"kind", "lesson"}, {"text", text}}), SeriesWanted::no}).has_value();
  };
  EXPECT_TRUE(stored(longest));
  EXPECT_FALSE(stored(longest + "\u00e9"));
  EXPECT_FALSE(stored(std::string(2001, 'a')));
}

TEST(Args, required_arguments_and_objects) {
  const test::World world;
  const ToolError missing = error_of(world, "place_order", R"({"quantity":1,"reason":"x"})");
  EXPECT_TRUE(mentions(missing.message, "`side`")) << missing.message;
  EXPECT_EQ(error_of(world, "rsi", "[]").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error_of(world, "rsi", "7").code, ToolErrorCode::bad_argument);
  EXPECT_TRUE(call_tool("rsi", world.context, {}).has_value()) << "no arguments at all means {}";
  const auto twice = call_tool("rsi", world.context, {Value(ValueObject{{"period", 14}, {"period", 15}}), SeriesWanted::no});
  EXPECT_FALSE(twice.has_value());
}

TEST(Args, parameters_that_contradict_one_another) {
  const test::World world;
  EXPECT_EQ(error_of(world, "macd", R"({"fast":26,"slow":12})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error_of(world, "ema_ribbon", R"({"periods":[10,5]})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error_of(world, "ema_ribbon", R"({"periods":[10]})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error_of(world, "ichimoku", R"({"tenkan":30,"kijun":26})").code, ToolErrorCode::bad_argument);
  EXPECT_EQ(error_of(world, "vwap", R"({"anchor_time":"2030-01-01T00:00:00Z"})").code, ToolErrorCode::bad_argument);
}

/// Each declared argument of each tool with values of every wrong kind, and unknown ones: an error or a result, never a crash, and never a bad_argument without
/// words.
TEST(Args, hostile_values_of_every_argument_of_every_tool) {
  const test::World world;
  std::vector<Value> hostile{Value(),
                             Value(true),
                             Value(-1),
                             Value(0),
                             Value(std::numeric_limits<std::int64_t>::max()),
                             Value(std::numeric_limits<std::int64_t>::min()),
                             Value(1e308),
                             Value(-1e308),
                             Value(5e-324),
                             Value(std::numeric_limits<double>::quiet_NaN()),
                             Value(""),
                             Value(std::string(100'000, 'a')),
                             Value("\xff\xfe"),
                             Value("99999999999999999999999999"),
                             Value("1e400"),
                             Value("0.0000000000001"),
                             Value("-5"),
                             Value(ValueList{}),
                             Value(ValueList(1000, Value(1))),
                             Value(ValueObject{}),
                             Value(ValueList{Value(ValueObject{{"price", 1}})}),
                             Value(ValueList{Value(ValueObject{{"price", 1e18}, {"fraction", 1}})}),
                             Value(TimeNs{-5}),
                             Value(1e17),
                             Value("1000000000"),
                             Value("100000000000000"),
                             Value(ValueList{Value(1e15), Value(1e14)})};
  std::size_t calls = 0;
  for (const ToolSpec& spec : all_tool_specs()) {
    for (const ArgSpec& arg : spec.arguments) {
      for (const Value& value : hostile) {
        Value arguments = test::sample_of(spec.name);
        auto& object = std::get<ValueObject>(arguments.storage());
        std::erase_if(object, [&](const auto& member) { return member.first == arg.name; });
        object.emplace_back(std::string(arg.name), value);
        const auto result = call_tool(spec.name, world.context, {arguments, SeriesWanted::no});
        ++calls;
        if (!result) EXPECT_FALSE(result.error().message.empty()) << spec.name;
        if (!result) EXPECT_LT(result.error().message.size() + result.error().hint.size(), 2000U) << spec.name;
      }
    }
  }
  EXPECT_GT(calls, 5000U);
}

TEST(Args, absent_sources_are_typed_errors) {
  test::World world;
  ToolContext empty;
  empty.as_of.time = world.context.as_of.time;
  empty.timeframe = kHour;
  for (const ToolSpec& spec : all_tool_specs()) {
    const auto result = call_tool(spec.name, empty, {test::sample_of(spec.name), SeriesWanted::no});
    const bool needs_nothing = spec.name == "store_memory";
    EXPECT_EQ(result.has_value(), needs_nothing) << spec.name;
    if (!result) EXPECT_EQ(result.error().code, ToolErrorCode::unavailable) << spec.name;
  }
}

TEST(Args, before_the_first_bar_there_is_not_enough_data) {
  test::World world;
  world.at(test::kWorldStart - kDay);
  std::size_t checked = 0;
  for (const Tool& tool : all_tools()) {
    const auto category = tool.info.category;
    const bool from_bars = category == ToolCategory::momentum || category == ToolCategory::volatility || category == ToolCategory::trend ||
                           category == ToolCategory::volume || category == ToolCategory::levels || category == ToolCategory::smart_money;
    if (!from_bars) continue;
    const auto result = call_tool(tool.info.name, world.context, {tool.info.name == "vwap" ? Value() : test::sample_of(tool.info.name), SeriesWanted::no});
    ASSERT_FALSE(result.has_value()) << tool.info.name;
    EXPECT_EQ(result.error().code, ToolErrorCode::not_enough_data) << tool.info.name;
    EXPECT_TRUE(mentions(result.error().message, "0 are there")) << tool.info.name << ": " << result.error().message;
    ++checked;
  }
  EXPECT_EQ(checked, 26U);
}

TEST(Args, too_few_bars_say_how_many_are_needed_and_present) {
  test::World world;
  world.at(test::kWorldStart + kHour * 10);
  EXPECT_EQ(error_of(world, "rsi", "{}").message, "needs 15 closed bars at this instant, 10 are there");
  EXPECT_EQ(error_of(world, "macd", "{}").message, "needs 34 closed bars at this instant, 10 are there");
  EXPECT_TRUE(test::ask(world, "sma", R"({"period":10})").has_value());
  EXPECT_FALSE(test::ask(world, "sma", R"({"period":11})").has_value());
}

TEST(Args, taker_volume_that_the_source_does_not_tell_is_unavailable) {
  const test::World world;
  for (const std::string_view tool : {"delta_volume", "get_cvd", "get_trade_imbalance", "get_absorption_zones"}) {
    const ToolError error = error_of(world, tool, R"({"instrument":"BTCUSDT"})");
    EXPECT_EQ(error.code, ToolErrorCode::unavailable) << tool;
    EXPECT_TRUE(mentions(error.message, "taker")) << tool;
  }
}

}  // namespace
}  // namespace prom
