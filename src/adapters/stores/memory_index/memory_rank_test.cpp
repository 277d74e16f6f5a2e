// Ranking by columns: bounds that hold for every memory, the same best ones as exact search, planted neighbours found; products the same on every CPU.
#include "adapters/stores/memory_index/memory_rank.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/prng.h"
#include "ports/memory_contract_values.h"

namespace prom {
namespace {

using memory_contract::query_of;
using memory_contract::random_memory;
using memory_contract::random_query;

std::shared_ptr<const MemoryBlock> block_of(const std::vector<Memory>& memories) {
  std::vector<MemoryRow> rows;
  for (const Memory& memory : memories) rows.push_back(row_of(memory));
  return MemoryBlock::of(std::move(rows), {});
}

std::vector<float> random_situation(Xoshiro256pp& random, std::size_t size) {
  std::vector<float> out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<float>(random.below(2001)) / 1000 - 1);
  return out;
}

/// Those that the question may see, by exact search, best first.
std::vector<MemoryHit> exact(const std::vector<Memory>& memories, const MemoryQuery& query, const MemoryScorer& scorer) {
  std::vector<MemoryHit> hits;
  for (const Memory& memory : memories) {
    if (visible(memory, query)) hits.push_back({&memory, scorer.score(memory)});
  }
  keep_best(hits, query.limit);
  return hits;
}

TEST(StepDotTest, EveryCpusLoopGivesTheSameSum) {
  Xoshiro256pp random(1);
  const StepDots all = step_dots();
  for (std::size_t size = 0; size <= 512; size = size == 512 ? 513 : std::min<std::size_t>(512, size + 1 + random.below(7))) {
    std::vector<std::int16_t> a;
    std::vector<std::int16_t> b;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const bool extreme = size > 400;
      const auto component = [&] { return static_cast<std::int16_t>(static_cast<int>(random.below(2 * kMostSteps + 1)) - kMostSteps); };
      a.push_back(extreme ? std::int16_t{-kMostSteps} : component());
      b.push_back(extreme ? std::int16_t{-kMostSteps} : component());
      sum += std::int64_t{a.back()} * std::int64_t{b.back()};
    }
    for (const StepDot dot : {all.plain, all.avx2, all.avx512, step_dot()}) {
      if (dot != nullptr) EXPECT_EQ(dot(a.data(), b.data(), size), sum) << size;
    }
  }
}

TEST(MemoryRankTest, EveryScoreLiesInItsRangeAndTheBestAreAmongTheCandidates) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Xoshiro256pp random(seed);
    std::vector<Memory> memories;
    for (std::uint64_t id = 1; id <= 300; ++id) {
      memories.push_back(random_memory(random, id));
      memories.back().scope = MemoryScope::user;
      memories.back().user = UserIx{1};
      if (random.chance(1, 20)) memories.back().situation = random_situation(random, 3 + random.below(400));
    }
    const auto block = block_of(memories);
    for (int i = 0; i < 20; ++i) {
      MemoryQuery query = random_query(random);
      query.user = UserIx{1};
      if (random.chance(1, 4)) query.situation = memories[random.below(300)].situation;
      const MemoryWeights weights;
      const MemoryScorer scorer(query, weights);
      std::vector<ScoreRange> ranges;
      MemoryRanker(query, scorer, weights).rank(*block, {}, ranges);
      const auto seen = std::ranges::count_if(memories, [&](const Memory& memory) { return visible(memory, query); });
      ASSERT_EQ(ranges.size(), static_cast<std::size_t>(seen));
      for (const ScoreRange& range : ranges) {
        const double sum = scorer.score(memories[range.id - 1]) * scorer.total();
        ASSERT_GE(sum, range.low) << range.id;
        ASSERT_LE(sum, range.high) << range.id;
      }
      const auto candidates = best_ranges(ranges, query.limit);
      for (const MemoryHit& hit : exact(memories, query, scorer))
        ASSERT_EQ(std::ranges::count(candidates, hit.memory->id, &ScoreRange::id), 1) << hit.memory->id;
    }
  }
}

TEST(MemoryRankTest, PlantedNeighboursAreAmongFewCandidatesOfTenThousand) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Xoshiro256pp random(seed);
    const auto sentence = [&random] {
      std::string text;
      for (int i = 0; i < 24; ++i) text.append("word").append(std::to_string(random.below(3000))).append(" ");
      return text;
    };
    std::vector<Memory> memories;
    for (std::uint64_t id = 1; id <= 10'000; ++id) {
      Memory memory = memory_contract::memory_of(id, sentence());
      memory.situation = random_situation(random, 32);
      memory.importance = 0.5;
      memories.push_back(std::move(memory));
    }
    MemoryQuery query = query_of(sentence());
    query.situation = random_situation(random, 32);
    std::vector<std::uint64_t> planted;
    for (std::size_t i = 0; i < 10; ++i) {  // the same but for a word or two
      Memory& memory = memories[random.below(10'000)];
      memory.text = query.text + "word" + std::to_string(random.below(3000));
      memory.situation = query.situation;
      memory.situation[i] += 0.1F;
      planted.push_back(memory.id);
    }
    const MemoryWeights weights;
    const MemoryScorer scorer(query, weights);
    std::vector<ScoreRange> ranges;
    MemoryRanker(query, scorer, weights).rank(*block_of(memories), {}, ranges);
    const auto candidates = best_ranges(ranges, 10);
    for (const std::uint64_t id : planted) EXPECT_EQ(std::ranges::count(candidates, id, &ScoreRange::id), 1) << id;
    // And where nothing was planted the bounds are tight enough that few must be told apart by whole memories.
    query.text = sentence();
    const MemoryScorer other(query, weights);
    ranges.clear();
    MemoryRanker(query, other, weights).rank(*block_of(memories), {}, ranges);
    EXPECT_LE(best_ranges(ranges, 10).size(), 16U);
  }
}

TEST(MemoryRankTest, WhatIsDeadHiddenOrNotHistoryYetIsLeftOut) {
  std::vector<Memory> memories;
  for (std::uint64_t id = 1; id <= 9; ++id) memories.push_back(memory_contract::memory_of(id, "same"));
  const MemoryQuery query = query_of("same");
  const MemoryWeights weights;
  const MemoryScorer scorer(query, weights);
  const std::vector<std::uint64_t> hidden = {2, 5}, dead = {1, 7};
  std::vector<ScoreRange> ranges;
  MemoryRanker(query, scorer, weights, hidden, 8).rank(*block_of(memories), dead, ranges);
  std::vector<std::uint64_t> ids;
  for (const ScoreRange& range : ranges) ids.push_back(range.id);
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{3, 4, 6, 8}));
}

}  // namespace
}  // namespace prom
