// Every tool under every kind of bad input: an answer of a sane shape or a typed error in words, never a crash, never a silent number. One matrix; the counts come
// from the registry, so a new tool is in it or the test fails. Single thread.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tools/spec.h"
#include "tools/test_support.h"

namespace prom {
namespace {

/// Every number in the tree is finite, and nothing is nested beyond sense.
::testing::AssertionResult sane(const Value& value, int depth = 0) {
  if (depth > 8) return ::testing::AssertionFailure() << "nested " << depth << " deep";
  if (const auto* x = std::get_if<double>(&value.storage()); x != nullptr && !std::isfinite(*x))
    return ::testing::AssertionFailure() << "a number that is none";
  if (const auto* list = std::get_if<ValueList>(&value.storage())) {
    for (const Value& item : *list) {
      if (auto verdict = sane(item, depth + 1); !verdict) return verdict;
    }
  }
  if (const auto* object = std::get_if<ValueObject>(&value.storage())) {
    for (const auto& [key, member] : *object) {
      if (auto verdict = sane(member, depth + 1); !verdict) return verdict << " in " << key;
    }
  }
  return ::testing::AssertionSuccess();
}

/// An answer that keeps to its declaration, or an error that says something.
::testing::AssertionResult sound(const ToolSpec& spec, const ToolResult& result) {
  if (!result) {
    const ToolError& error = result.error();
    if (error.message.size() < 10) return ::testing::AssertionFailure() << "an error without words: '" << error.message << "'";
    if (error.message.size() + error.hint.size() > 2000) return ::testing::AssertionFailure() << "an error of " << error.message.size() << " characters";
    return ::testing::AssertionSuccess();
  }
  for (const ResultField& field : spec.results) {
    const auto* object = std::get_if<ValueObject>(&result->result.storage());
    const Value* given = object == nullptr ? nullptr : member(*object, field.name);
    if (given == nullptr) return ::testing::AssertionFailure() << "no " << field.name;
    if (given->is_null() && field.presence == ResultPresence::always) return ::testing::AssertionFailure() << field.name << " is null and must not be";
  }
  return sane(result->result);
}

Value with(std::string_view tool, std::string_view name, Value value) {
  Value arguments = test::sample_of(tool);
  if (arguments.is_null()) arguments = Value(ValueObject{});
  auto& object = std::get<ValueObject>(arguments.storage());
  std::erase_if(object, [&](const auto& one) { return one.first == name; });
  object.emplace_back(std::string(name), std::move(value));
  return arguments;
}

ToolResult call(const ToolSpec& spec, const ToolContext& context, Value arguments) {
  return call_tool(spec.name, context, {std::move(arguments), SeriesWanted::no});
}

bool refused(const ToolResult& result) { return !result && result.error().code == ToolErrorCode::bad_argument; }

TEST(BadInput, arguments_of_the_wrong_kind_are_refused_by_every_tool) {
  const test::World world;
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  std::map<std::string, std::size_t> cells;
  std::set<std::string_view> tools;
  for (const ToolSpec& spec : all_tool_specs()) {
    const auto refuses = [&](const std::string& kind, const Value& arguments) {
      const ToolResult result = call(spec, world.context, arguments);
      EXPECT_TRUE(refused(result)) << spec.name << ' ' << kind << ' ' << to_json(arguments) << (result ? " is answered" : ": " + result.error().message);
      EXPECT_TRUE(sound(spec, result)) << spec.name << ' ' << kind;
      ++cells[kind];
      tools.insert(spec.name);
    };
    refuses("unknown argument", with(spec.name, "no_such_argument", Value(1)));
    refuses("no object", Value(ValueList{Value(1)}));
    refuses("text for arguments", Value("{}"));
    for (const ArgSpec& arg : spec.arguments) {
      refuses("wrong type", with(spec.name, arg.name, Value(true)));
      refuses("null", with(spec.name, arg.name, Value()));
      refuses("object for a value", with(spec.name, arg.name, Value(ValueObject{{"x", 1}})));
      const bool numeric = arg.type == ArgType::integer || arg.type == ArgType::number;
      if (numeric || arg.type == ArgType::amount) {
        for (const double x : {nan, infinity, -infinity}) refuses("NaN and infinity", with(spec.name, arg.name, Value(x)));
        for (const char* text : {"NaN", "nan", "Infinity", "-inf", "1e999", "0x10"})
          refuses("NaN and infinity as text", with(spec.name, arg.name, Value(text)));
      }
      if (numeric && arg.maximum < 1e9) refuses("a thousand million", with(spec.name, arg.name, Value(std::int64_t{1'000'000'000})));
      if (arg.need == ArgNeed::required) {
        Value arguments = test::sample_of(spec.name);
        std::erase_if(std::get<ValueObject>(arguments.storage()), [&](const auto& one) { return one.first == arg.name; });
        const ToolResult result = call(spec, world.context, arguments);
        EXPECT_TRUE(refused(result) && result.error().message.find(arg.name) != std::string::npos) << spec.name << " without " << arg.name;
        ++cells["missing argument"];
      }
    }
  }
  EXPECT_EQ(tools.size(), all_tools().size()) << "every tool of the registry";
  for (const auto& [kind, least] : std::map<std::string, std::size_t>{
           {"unknown argument", 108}, {"wrong type", 150}, {"NaN and infinity as text", 300}, {"a thousand million", 40}, {"missing argument", 20}}) {
    EXPECT_GE(cells[kind], least) << kind;
  }
}

TEST(BadInput, an_unknown_instrument_is_named_by_every_tool_that_takes_one) {
  const test::World world;
  std::size_t asked = 0;
  for (const ToolSpec& spec : all_tool_specs()) {
    for (const ArgSpec& arg : spec.arguments) {
      if (arg.name != "instrument" && arg.name != "against") continue;
      for (const std::string_view unknown : {"NOSUCHUSDT", "binance:linear:NOSUCH", "::", "moon:linear:BTCUSDT"}) {
        const ToolResult result = call(spec, world.context, with(spec.name, arg.name, Value(unknown)));
        ASSERT_FALSE(result.has_value()) << spec.name << " answers for " << unknown;
        const bool has_no_source = spec.run == nullptr && result.error().code == ToolErrorCode::unavailable;
        EXPECT_TRUE(has_no_source || (refused(result) && result.error().message.find(unknown) != std::string::npos))
            << spec.name << ": " << result.error().message;
        ++asked;
      }
    }
  }
  EXPECT_GE(asked, 4U * 60U);
}

/// What there is to look at is nothing, or a single bar, or full of holes; asked before, in and long after it.
TEST(BadInput, empty_series_and_gaps_give_typed_errors_or_sane_answers) {
  struct Scene {
    std::string name;
    std::size_t bars;
    std::uint64_t gap_every;
    bool answers;  ///< whether any tool of bars may answer
  };
  std::size_t cells = 0;
  for (const Scene& scene : {Scene{"no bar", 0, 0, false}, Scene{"one bar", 1, 0, true}, Scene{"every second bar missing", 20 * 1440, 2, true},
                             Scene{"every seventh bar missing", 20 * 1440, 7, true}}) {
    test::World world;
    std::vector<ColumnMarketSource> sources;
    for (const Instrument& instrument : world.view.instruments()) {
      sources.push_back({instrument, test::walk({.seed = 5, .bars = scene.bars, .gap_every = scene.gap_every}, test::TakerSide::known), {}, scene.name});
    }
    auto view = ColumnMarketView::make(std::move(sources));
    ASSERT_TRUE(view.has_value()) << scene.name;
    world.view = std::move(*view);
    for (const bool feeds : {true, false}) {
      const ObservationTable nothing;
      for (const DurationNs at : {DurationNs{-kDay.ns}, kMinute, kDay * 15 + kHour * 10 + kMinute * 7, kDay * 400}) {
        world.at(test::kWorldStart + at);
        world.account.as_of.time = test::kWorldStart - kDay * 2;
        if (!feeds) world.context.observations = &nothing;
        for (const ToolSpec& spec : all_tool_specs()) {
          const ToolResult result = call(spec, world.context, test::sample_of(spec.name));
          EXPECT_TRUE(sound(spec, result)) << spec.name << ", " << scene.name << ", " << format_rfc3339(world.context.as_of.time) << ' '
                                           << (result ? to_json(result->result) : result.error().message);
          const bool of_bars = spec.category == ToolCategory::momentum || spec.category == ToolCategory::volatility || spec.category == ToolCategory::trend ||
                               spec.category == ToolCategory::volume || spec.category == ToolCategory::levels || spec.category == ToolCategory::smart_money;
          if (of_bars && !scene.answers) EXPECT_FALSE(result.has_value()) << spec.name << " answers from nothing";
          ++cells;
        }
      }
    }
  }
  EXPECT_EQ(cells, 4U * 2U * 4U * all_tools().size());
}

}  // namespace
}  // namespace prom
