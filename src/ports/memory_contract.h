// What every store of memories must do, as tests: include from one test file of the implementation and instantiate MemoryContract with a maker of harnesses. Tests only.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): a suite that test files include

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/memory_contract_values.h"
#include "ports/memory_keeper.h"

namespace prom::memory_contract {

class Harness {
 public:
  virtual ~Harness() = default;
  /// Why there is no store to open (a server that is missing), in one sentence; empty when there is.
  virtual std::string why_not() const { return ""; }
  /// A new, empty store with the usual weights: text 0.5, situation 0.25, recency 0.15 with a half-life of 14 days, importance 0.1.
  virtual std::unique_ptr<MemoryKeeper> open() = 0;
};
using MakeHarness = std::function<std::unique_ptr<Harness>()>;

class MemoryContract : public ::testing::TestWithParam<MakeHarness> {
 protected:
  void SetUp() override {
    harness_ = GetParam()();
    if (const std::string why = harness_->why_not(); !why.empty()) GTEST_SKIP() << why;
    keeper_ = harness_->open();
    ASSERT_TRUE(keeper_);
  }
  MemoryAnswer search(const MemoryQuery& query) const { return keeper_->view().search(query); }
  double score_of_first(const MemoryQuery& query) const {
    const auto answer = search(query);
    EXPECT_TRUE(answer && !answer->empty());
    return answer && !answer->empty() ? answer->front().score : NAN;
  }
  std::unique_ptr<Harness> harness_;
  std::unique_ptr<MemoryKeeper> keeper_;
};

TEST_P(MemoryContract, ANewOneIsEmpty) { EXPECT_TRUE(ids(search(query_of("anything"))).empty()); }

TEST_P(MemoryContract, TheTextThatSaysItWins) {
  keeper_->add(memory_of(1, "breakout above resistance failed because volume was low"));
  keeper_->add(memory_of(2, "funding was very high, longs were squeezed"));
  keeper_->add(memory_of(3, "range day: mean reversion worked at the edges"));
  keeper_->add(memory_of(4, "a stop below the swing low was hunted"));
  EXPECT_EQ(ids(search(query_of("high funding squeezes longs"))).front(), 2U);
  EXPECT_EQ(ids(search(query_of("volume too low at a breakout"))).front(), 1U);
  EXPECT_EQ(ids(search(query_of("mean reversions in a range"))).front(), 3U);
}

TEST_P(MemoryContract, TheScoreIsTheDocumentedSum) {
  Memory memory = memory_of(1, "alpha");
  memory.situation = {3, 4};
  memory.importance = 0.6;
  memory.created_at = kNow - DurationNs{28 * kDay.ns};
  keeper_->add(memory);
  MemoryQuery query = query_of("alpha");
  query.situation = {4, 3};
  // 0.5 * 1 + 0.25 * 24/25 + 0.15 * 2^-2 + 0.1 * 0.6
  EXPECT_NEAR(score_of_first(query), 0.5 + 0.24 + 0.0375 + 0.06, 1e-6);
  query.situation.clear();
  EXPECT_NEAR(score_of_first(query), (0.5 + 0.0375 + 0.06) / 0.75, 1e-6);
  query.text.clear();
  EXPECT_NEAR(score_of_first(query), (0.0375 + 0.06) / 0.25, 1e-6);
  query.situation = {-4, -3};
  EXPECT_NEAR(score_of_first(query), (0.0375 + 0.06) / 0.5, 1e-6) << "an opposite situation is worth nothing, not less";
  query.situation = {4, 3, 0};
  EXPECT_NEAR(score_of_first(query), (0.0375 + 0.06) / 0.5, 1e-6) << "one of another length cannot be compared";
  query.situation = {NAN, 1};
  EXPECT_NEAR(score_of_first(query), (0.0375 + 0.06) / 0.25, 1e-6) << "an unusable situation is none";
}

TEST_P(MemoryContract, WhatIsRememberedComesBackWhole) {
  Memory memory = memory_of(7, "every field, 'quoted' \\ and with umlauts: \u00e4\u00f6\u00fc", MemoryScope::agent);
  memory.kind = MemoryKind::pattern;
  memory.user = UserIx{3};
  memory.agent = AgentRole::smc_analyst;
  memory.instrument = InstrumentIx{2};
  memory.trade = RoundTripId{11};
  memory.situation = {0.1F, -3.5e-8F, 1e9F};
  memory.importance = 0.123456789012345;
  memory.validations = 4;
  memory.score = 0.75;
  memory.expires_at = kNow + kDay;
  keeper_->add(memory);
  MemoryQuery query = query_of("umlauts");
  query.user = UserIx{3};
  const auto answer = search(query);
  ASSERT_TRUE(answer && answer->size() == 1);
  const Memory& back = *answer->front().memory;
  EXPECT_EQ(back.text, memory.text);
  EXPECT_EQ(back.kind, memory.kind);
  EXPECT_EQ(back.scope, memory.scope);
  EXPECT_EQ(back.user, memory.user);
  EXPECT_EQ(back.agent, memory.agent);
  EXPECT_EQ(back.instrument, memory.instrument);
  EXPECT_EQ(back.trade, memory.trade);
  EXPECT_EQ(back.situation, memory.situation);
  EXPECT_EQ(back.importance, memory.importance);
  EXPECT_EQ(back.validations, memory.validations);
  EXPECT_EQ(back.score, memory.score);
  EXPECT_EQ(back.created_at, memory.created_at);
  EXPECT_EQ(back.expires_at, memory.expires_at);
}

TEST_P(MemoryContract, TiesGoToTheLowerIdAlsoAtTheLimit) {
  for (std::uint64_t id = 40; id > 0; --id) keeper_->add(memory_of(id, "same"));
  MemoryQuery query = query_of("same");
  query.limit = 3;
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{1, 2, 3}));
  query.limit = 0;
  EXPECT_TRUE(ids(search(query)).empty());
  query.limit = 1000;
  EXPECT_EQ(ids(search(query)).size(), 40U);
}

TEST_P(MemoryContract, NobodySeesWhatIsNotTheirs) {
  Memory mine = memory_of(1, "x", MemoryScope::user);
  mine.user = UserIx{1};
  Memory theirs = memory_of(2, "x", MemoryScope::user);
  theirs.user = UserIx{2};
  Memory analysts = memory_of(3, "x", MemoryScope::agent);
  analysts.agent = AgentRole::smc_analyst;
  Memory analysts_of_user_2 = memory_of(4, "x", MemoryScope::agent);
  analysts_of_user_2.agent = AgentRole::smc_analyst;
  analysts_of_user_2.user = UserIx{2};
  const Memory everyones = memory_of(5, "x");
  Memory expired = memory_of(6, "x");
  expired.expires_at = kNow;
  Memory future = memory_of(7, "x");
  future.created_at = kNow + kNanosecond;
  Memory lesson = memory_of(8, "x");
  lesson.kind = MemoryKind::lesson;
  Memory promoted = memory_of(9, "x");  // a lesson that became everybody's, whoever learned it
  promoted.user = UserIx{2};
  promoted.agent = AgentRole::smc_analyst;
  const Memory nobodys = memory_of(10, "x", MemoryScope::user);
  for (const Memory& memory : {mine, theirs, analysts, analysts_of_user_2, everyones, expired, future, lesson, promoted, nobodys}) keeper_->add(memory);
  MemoryQuery query = query_of("x");
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{3, 5, 8, 9}));
  query.user = UserIx{1};
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{1, 3, 5, 8, 9}));
  query.user = UserIx{2};
  query.agent = AgentRole::smc_analyst;
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{2, 3, 4, 5, 8, 9}));
  query.agent = AgentRole::executor;
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{2, 5, 8, 9}));
  query.kind = MemoryKind::lesson;
  EXPECT_EQ(ids(search(query)), (std::vector<std::uint64_t>{8}));
}

TEST_P(MemoryContract, ANewerVersionReplacesTheOlderOne) {
  keeper_->add(memory_of(1, "old words"));
  keeper_->add(memory_of(2, "other words"));
  keeper_->add(memory_of(1, "new words"));
  const auto answer = search(query_of("new words"));
  ASSERT_TRUE(answer && answer->size() == 2);
  EXPECT_EQ(answer->front().memory->text, "new words");
}

TEST_P(MemoryContract, OneWithoutAnIdGetsTheNext) {
  keeper_->add(memory_of(0, "first"));
  keeper_->add(memory_of(9, "ninth"));
  keeper_->add(memory_of(0, "tenth"));
  EXPECT_EQ(ids(search(query_of("first"))).front(), 1U);
  EXPECT_EQ(ids(search(query_of("tenth"))).front(), 10U);
}

}  // namespace prom::memory_contract
