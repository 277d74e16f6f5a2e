// Hybrid memory search: ranking, visibility, ties, determinism, equality with a plain rescan.
#include "adapters/stores/memory_index/memory_index.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/prng.h"

namespace prom {
namespace {

constexpr TimeNs kNow{1'750'000'000'000'000'000};

Memory memory_of(std::uint64_t id, std::string text, MemoryScope scope = MemoryScope::collective) {
  Memory memory;
  memory.id = id;
  memory.scope = scope;
  memory.text = std::move(text);
  memory.created_at = kNow - kDay;
  return memory;
}
MemoryQuery query_of(std::string text) {
  MemoryQuery query;
  query.text = std::move(text);
  query.now = kNow;
  return query;
}
std::vector<std::uint64_t> ids(const std::vector<MemoryHit>& hits) {
  std::vector<std::uint64_t> out;
  for (const auto& hit : hits) out.push_back(hit.memory->id);
  return out;
}

TEST(TextVectorTest, UnitLengthCaseAndPunctuationDoNotMatter) {
  const auto a = text_vector("Breakout failed; funding HIGH");
  const auto b = text_vector("breakout  failed - funding high!");
  EXPECT_EQ(a, b);
  double square = 0;
  for (const float v : a) square += static_cast<double>(v) * static_cast<double>(v);
  EXPECT_NEAR(square, 1.0, 1e-6);
  EXPECT_EQ(text_vector(" ,;-"), TextVector{});
  EXPECT_NE(text_vector("long"), text_vector("short"));
}

TEST(MemoryIndexTest, TheTextThatSaysItWins) {
  const auto index =
      MemoryIndex::build({memory_of(1, "breakout above resistance failed because volume was low"), memory_of(2, "funding was very high, longs were squeezed"),
                          memory_of(3, "range day: mean reversion worked at the edges"), memory_of(4, "a stop below the swing low was hunted")});
  EXPECT_EQ(ids(index->find(query_of("high funding squeezes longs"))).front(), 2U);
  EXPECT_EQ(ids(index->find(query_of("volume too low at a breakout"))).front(), 1U);
  EXPECT_EQ(ids(index->find(query_of("mean reversions in a range"))).front(), 3U);  // other forms of the words: trigrams
}

TEST(MemoryIndexTest, TheScoreIsTheDocumentedSum) {
  Memory memory = memory_of(1, "alpha");
  memory.situation = {3, 4};
  memory.importance = 0.6;
  memory.created_at = kNow - DurationNs{28 * kDay.ns};
  const auto index = MemoryIndex::build({memory});
  MemoryQuery query = query_of("alpha");
  query.situation = {4, 3};
  // 0.5 * 1 + 0.25 * 24/25 + 0.15 * 2^-2 + 0.1 * 0.6
  EXPECT_NEAR(index->find(query).front().score, 0.5 + 0.24 + 0.0375 + 0.06, 1e-6);
  query.situation.clear();
  EXPECT_NEAR(index->find(query).front().score, (0.5 + 0.0375 + 0.06) / 0.75, 1e-6);
  query.text.clear();
  EXPECT_NEAR(index->find(query).front().score, (0.0375 + 0.06) / 0.25, 1e-6);
  query.situation = {-4, -3};
  EXPECT_NEAR(index->find(query).front().score, (0.0375 + 0.06) / 0.5, 1e-6) << "an opposite situation is worth nothing, not less";
  query.situation = {NAN, 1};
  EXPECT_NEAR(index->find(query).front().score, (0.0375 + 0.06) / 0.25, 1e-6) << "an unusable situation is none";
}

TEST(MemoryIndexTest, TiesGoToTheLowerId) {
  const auto index = MemoryIndex::build({memory_of(9, "same"), memory_of(3, "same"), memory_of(7, "same")});
  EXPECT_EQ(ids(index->find(query_of("same"))), (std::vector<std::uint64_t>{3, 7, 9}));
}

TEST(MemoryIndexTest, NobodySeesWhatIsNotTheirs) {
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
  const auto index = MemoryIndex::build({mine, theirs, analysts, analysts_of_user_2, everyones, expired, future, lesson});
  MemoryQuery query = query_of("x");
  EXPECT_EQ(ids(index->find(query)), (std::vector<std::uint64_t>{3, 5, 8}));
  query.user = UserIx{1};
  EXPECT_EQ(ids(index->find(query)), (std::vector<std::uint64_t>{1, 3, 5, 8}));
  query.user = UserIx{2};
  query.agent = AgentRole::smc_analyst;
  EXPECT_EQ(ids(index->find(query)), (std::vector<std::uint64_t>{2, 3, 4, 5, 8}));
  query.agent = AgentRole::executor;
  EXPECT_EQ(ids(index->find(query)), (std::vector<std::uint64_t>{2, 5, 8}));
  query.kind = MemoryKind::lesson;
  EXPECT_EQ(ids(index->find(query)), (std::vector<std::uint64_t>{8}));
  query.limit = 0;
  EXPECT_TRUE(index->find(query).empty());
}

TEST(MemoryIndexTest, AddingIsTheSameAsBuildingAnew) {
  Xoshiro256pp random(5);
  std::vector<Memory> all;
  auto index = MemoryIndex::build({});
  for (int i = 0; i < 400; ++i) {
    Memory memory = memory_of(random.below(150), "lesson " + std::to_string(random.below(40)) + " on pair " + std::to_string(random.below(9)));
    memory.importance = static_cast<double>(random.below(100)) / 100;
    if (random.chance(1, 2)) memory.situation = {static_cast<float>(random.below(9)), 1, static_cast<float>(random.below(5))};
    all.push_back(memory);
    index = index->with_added(memory);
    if (i % 37 != 0) continue;
    const auto anew = MemoryIndex::build(all);
    ASSERT_EQ(index->size(), anew->size());
    MemoryQuery query = query_of("lesson 7 pair 3");
    query.situation = {1, 2, 3};
    query.limit = 20;
    const auto a = index->find(query);
    const auto b = anew->find(query);
    ASSERT_EQ(ids(a), ids(b));
    for (std::size_t n = 0; n < a.size(); ++n) ASSERT_EQ(a[n].score, b[n].score);
  }
}

TEST(MemoryIndexTest, AnOlderIndexIsNotChangedByItsSuccessor) {
  const auto first = MemoryIndex::build({memory_of(1, "old text")});
  const auto second = first->with_added(memory_of(1, "new text"));
  EXPECT_EQ(first->find(query_of("text")).front().memory->text, "old text");
  ASSERT_EQ(second->find(query_of("text")).size(), 1U);
  EXPECT_EQ(second->find(query_of("text")).front().memory->text, "new text");
}

}  // namespace
}  // namespace prom
