// Sessions: allowed tools, limits, ids, cache within an instant, durations from the passed clock. Single thread.
#include "tools/session.h"

#include <gtest/gtest.h>

#include "domain/tool_stat.h"
#include "tools/test_support.h"

namespace prom {
namespace {

constexpr std::string_view kAllowed[] = {"rsi", "get_price", "place_order", "get_fed_watch"};

std::int64_t ticking_clock() {
  static std::int64_t now = 0;
  return now += 250;
}

TEST(Session, refuses_tools_outside_the_list_and_unknown_ones) {
  const test::World world;
  ToolRecord record;
  ToolSession session(record, world.context, {kAllowed, 10});
  const auto foreign = session.call("emergency_close_all", test::json(R"({"reason":"x"})"));
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().code, ToolErrorCode::not_allowed);
  EXPECT_EQ(session.call("rsj").error().code, ToolErrorCode::unknown_tool);
  EXPECT_EQ(record.size(), 0U) << "nothing ran";
  ASSERT_EQ(session.log().size(), 2U);
  EXPECT_EQ(session.log()[0].origin, CallOrigin::refused);
  EXPECT_TRUE(session.counts().empty());
}

TEST(Session, gives_ids_from_one_and_the_same_id_for_the_same_question) {
  const test::World world;
  ToolRecord record;
  ToolSession first(record, world.context, {kAllowed, 10});
  ToolSession second(record, world.context, {kAllowed, 10});
  const auto a = first.call("rsi");
  const auto b = first.call("rsi", test::json(R"({"period":21})"));
  const auto c = second.call("rsi");
  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(a->id, 1U);
  EXPECT_EQ(b->id, 2U);
  EXPECT_EQ(c->id, 1U) << "agents of one decision share results";
  EXPECT_EQ(c->origin, CallOrigin::cached);
  EXPECT_EQ(c->output, a->output);
  EXPECT_EQ(record.size(), 2U);
  EXPECT_EQ(record.find(0), nullptr);
  EXPECT_EQ(record.find(3), nullptr);
  EXPECT_EQ(record.find(2)->tool, "rsi");
  EXPECT_EQ(a->output->result.number("value"), record.find(1)->result->result.number("value"));
}

TEST(Session, another_instrument_timeframe_or_instant_is_another_question) {
  test::World world;
  ToolRecord record;
  ToolContext context = world.context;
  EXPECT_EQ(ToolSession(record, context, {kAllowed, 10}).call("rsi")->id, 1U);
  context.timeframe = kMinute * 15;
  EXPECT_EQ(ToolSession(record, context, {kAllowed, 10}).call("rsi")->id, 2U);
  context.instrument = InstrumentIx(1);
  EXPECT_EQ(ToolSession(record, context, {kAllowed, 10}).call("rsi")->id, 3U);
  context.as_of.time = context.as_of.time - kDay;
  EXPECT_EQ(ToolSession(record, context, {kAllowed, 10}).call("rsi")->id, 4U);
}

TEST(Session, proposing_tools_run_each_time) {
  const test::World world;
  ToolRecord record;
  ToolSession session(record, world.context, {kAllowed, 10});
  const auto a = session.call("place_order", test::sample_of("place_order"));
  const auto b = session.call("place_order", test::sample_of("place_order"));
  ASSERT_TRUE(a && b);
  EXPECT_NE(a->id, b->id);
  EXPECT_EQ(b->origin, CallOrigin::fresh);
  EXPECT_EQ(a->output->actions.size(), 1U);
}

TEST(Session, counts_every_call_against_the_limit) {
  const test::World world;
  ToolRecord record;
  ToolSession session(record, world.context, {kAllowed, 3});
  EXPECT_TRUE(session.call("rsi"));
  EXPECT_TRUE(session.call("rsi"));
  EXPECT_FALSE(session.call("get_fed_watch"));
  EXPECT_EQ(session.left(), 0U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(session.call("rsi").error().code, ToolErrorCode::limit_reached);
  EXPECT_LE(session.log().size(), 4U) << "the log is bounded too";
  ASSERT_EQ(session.counts().size(), 2U);
  EXPECT_EQ(session.counts()[0].tool, "rsi");
  EXPECT_EQ(session.counts()[0].calls, 2U);
}

TEST(Session, measures_with_the_clock_it_was_given) {
  const test::World world;
  ToolRecord record(ticking_clock);
  ToolSession session(record, world.context, {kAllowed, 3});
  ASSERT_TRUE(session.call("rsi"));
  EXPECT_EQ(record.find(1)->duration_ns, 250);
}

TEST(Session, reasoning_steps_hold_name_input_and_bounded_output) {
  const test::World world;
  constexpr std::string_view kBars[] = {"get_ohlcv", "get_fed_watch"};
  ToolRecord record;
  ToolSession session(record, world.context, {kBars, 5});
  ASSERT_TRUE(session.call("get_ohlcv", test::json(R"({"bars":500,"timeframe":"1m"})")));
  const ReasoningStep step = reasoning_step(*record.find(1));
  EXPECT_EQ(step.kind, StepKind::tool_call);
  EXPECT_EQ(step.tool, "get_ohlcv");
  EXPECT_EQ(step.input, R"({"bars":500,"timeframe":"1m"})");
  EXPECT_EQ(step.tool_result, 1U);
  EXPECT_LT(step.output.size(), 1500U);
  const Value output = test::json(step.output);
  EXPECT_EQ(output.find("close")->find("7")->number(), record.find(1)->result->result.number("close.7"));
  EXPECT_EQ(output.text("close.8"), "and 492 more");
  EXPECT_FALSE(session.call("get_fed_watch"));
  EXPECT_EQ(test::json(reasoning_step(*record.find(2)).output).text("error.code"), "unavailable");
}

TEST(Session, each_error_is_known_again_in_the_log) {
  const auto outcome = [](ToolErrorCode code) {
    RecordedCall call;
    call.id = 1;
    call.tool = "rsi";
    call.result = std::unexpected(ToolError{code, "a \"quoted\" reason", "a hint"});
    return outcome_of(reasoning_step(call));
  };
  EXPECT_EQ(outcome(ToolErrorCode::bad_argument), CallOutcome::bad_argument);
  EXPECT_EQ(outcome(ToolErrorCode::unavailable), CallOutcome::unavailable);
  EXPECT_EQ(outcome(ToolErrorCode::not_enough_data), CallOutcome::not_enough_data);
  EXPECT_EQ(outcome(ToolErrorCode::limit_reached), CallOutcome::failed);
  RecordedCall answered;
  answered.id = 1;
  answered.result = ToolOutput{};
  EXPECT_EQ(outcome_of(reasoning_step(answered)), CallOutcome::answered);
}

}  // namespace
}  // namespace prom
