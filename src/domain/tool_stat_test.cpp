// Counting tool calls from what decisions wrote down: each call once, what memory answered as such, times of what ran alone.
#include "domain/tool_stat.h"

#include <gtest/gtest.h>

#include <utility>

namespace prom {
namespace {

ReasoningStep call(std::string tool, std::uint32_t id, std::int64_t took = 0, std::string output = "{\"value\":1}") {
  return {StepKind::tool_call, "asked " + tool, std::move(tool), "{}", std::move(output), id, took};
}
std::string error(const std::string& code) { return R"({"error":{"code":")" + code + R"(","message":"m","hint":""}})"; }

DecisionRecord decision(TimeNs at, std::vector<Verdict> verdicts) {
  DecisionRecord record;
  record.as_of.time = at;
  record.verdicts = std::move(verdicts);
  return record;
}
Verdict verdict(AgentRole role, std::vector<ReasoningStep> steps) {
  Verdict out;
  out.role = role;
  out.steps = std::move(steps);
  return out;
}
ToolStat stat_of(const ToolTally& tally, AgentRole role, const std::string& tool) {
  for (const auto& [key, stat] : tally.stats())
    if (stat.agent == role && stat.tool == tool) return stat;
  return {};
}

constexpr TimeNs kNoon{20'000 * 86'400'000'000'000 + 43'200'000'000'000};

TEST(ToolStat, EachErrorHasItsKindAndARefusedCallNeverRan) {
  EXPECT_EQ(outcome_of(call("rsi", 1)), CallOutcome::answered);
  EXPECT_EQ(outcome_of(call("rsi", 1, 0, error("bad_argument"))), CallOutcome::bad_argument);
  EXPECT_EQ(outcome_of(call("rsi", 1, 0, error("unavailable"))), CallOutcome::unavailable);
  EXPECT_EQ(outcome_of(call("rsi", 1, 0, error("not_enough_data"))), CallOutcome::not_enough_data);
  EXPECT_EQ(outcome_of(call("rsi", 1, 0, error("limit_reached"))), CallOutcome::failed);
  EXPECT_EQ(outcome_of(call("rsi", 1, 0, R"({"error":{"code":")")), CallOutcome::failed) << "cut off";
  EXPECT_EQ(outcome_of(call("rsi", 0, 0, "")), CallOutcome::refused);
}

TEST(ToolStat, AnEqualCallOfTheSameDecisionIsCachedAndCostsNoTime) {
  ToolTally tally;
  tally.add(decision(kNoon, {verdict(AgentRole::market_analyst, {call("rsi", 1, 300), call("rsi", 2, 500)}),
                             verdict(AgentRole::smc_analyst, {call("rsi", 1, 300), call("macd", 0)})}),
            SharedCalls::counted);
  const ToolStat first = stat_of(tally, AgentRole::market_analyst, "rsi");
  EXPECT_EQ(first.day.ns % 86'400'000'000'000, 0);
  EXPECT_EQ(first.calls, 2U);
  EXPECT_EQ(first.cached, 0U);
  EXPECT_EQ(first.took_total.ns, 800);
  EXPECT_EQ(first.took_longest.ns, 500);
  const ToolStat second = stat_of(tally, AgentRole::smc_analyst, "rsi");
  EXPECT_EQ(second.calls, 1U);
  EXPECT_EQ(second.cached, 1U);
  EXPECT_EQ(second.ran(), 0U);
  EXPECT_EQ(second.took_total.ns, 0);
  const ToolStat refused = stat_of(tally, AgentRole::smc_analyst, "macd");
  EXPECT_EQ(refused.refused, 1U);
  EXPECT_EQ(refused.failures(), 1U);
}

TEST(ToolStat, WhatPairsShareIsCountedWithTheFirstOfThem) {
  ToolTally tally;
  const auto record = decision(kNoon, {verdict(AgentRole::market_analyst, {call("rsi", 1)}), verdict(AgentRole::risk_manager, {call("get_balance", 1001)})});
  tally.add(record, SharedCalls::counted);
  tally.add(record, SharedCalls::known);
  EXPECT_EQ(stat_of(tally, AgentRole::market_analyst, "rsi").calls, 1U);
  EXPECT_EQ(stat_of(tally, AgentRole::risk_manager, "get_balance").calls, 2U);
}

TEST(ToolStat, ThoughtsAndTheDesksOwnArithmeticAreNoCalls) {
  ToolTally tally;
  tally.add(decision(kNoon, {verdict(AgentRole::risk_manager, {call("desk.size", 2001), {StepKind::thought, "hm", "", "", "", 0, 0}})}), SharedCalls::counted);
  EXPECT_TRUE(tally.stats().empty());
}

TEST(ToolStat, DaysAreApart) {
  ToolTally tally;
  tally.add(decision(kNoon, {verdict(AgentRole::market_analyst, {call("rsi", 1)})}), SharedCalls::counted);
  tally.add(decision(kNoon + kDay, {verdict(AgentRole::market_analyst, {call("rsi", 1)})}), SharedCalls::counted);
  EXPECT_EQ(tally.stats().size(), 2U);
  EXPECT_EQ(day_of(TimeNs{-1}).ns, -86'400'000'000'000);
}

}  // namespace
}  // namespace prom
