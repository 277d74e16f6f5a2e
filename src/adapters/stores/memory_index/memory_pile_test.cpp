// Piles of memories: the newest version of each, older states untouched, few blocks, the same content on the heap as in files.
#include "adapters/stores/memory_index/memory_pile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "base/prng.h"
#include "ports/memory_contract_values.h"

namespace prom {
namespace {

using memory_contract::memory_of;

MemoryRow row(std::uint64_t id, const std::string& text) {
  MemoryRow out = row_of(memory_of(id, text));
  for (const char c : text) out.body.push_back(static_cast<std::byte>(c));
  return out;
}
std::string text_of(const MemoryPile& pile, std::uint64_t id) {
  const auto kept = pile.find(id);
  if (!kept) return "absent";
  std::string out;
  for (const std::byte b : kept->body) out += static_cast<char>(b);
  if (!kept->text.empty()) EXPECT_TRUE(std::ranges::equal(kept->text, text_vector(out)));
  return out;
}

TEST(MemoryPileTest, AddedReplacedAndRemovedAsInAMap) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Xoshiro256pp random(seed);
    MemoryPile pile;
    std::map<std::uint64_t, std::string> model;
    for (int round = 0; round < 600; ++round) {
      if (random.chance(1, 10)) {
        const std::uint64_t id = random.below(500);
        pile = pile.without(id);
        model.erase(id);
      } else {
        std::vector<MemoryRow> rows;
        for (std::uint64_t n = random.below(5) + (random.chance(1, 50) ? 100 : 0); n > 0; --n) {
          const std::uint64_t id = random.below(500);
          rows.push_back(row(id, "round " + std::to_string(round) + " of " + std::to_string(n)));
          model[id] = "round " + std::to_string(round) + " of " + std::to_string(n);
        }
        pile = pile.with(std::move(rows), {});
      }
      ASSERT_EQ(pile.size(), model.size());
      if (round % 20 != 0) continue;
      for (std::uint64_t id = 0; id < 500; ++id) ASSERT_EQ(text_of(pile, id), model.contains(id) ? model[id] : "absent") << id;
      const MemoryQuery query = memory_contract::query_of("round");
      const MemoryWeights weights;
      const MemoryScorer scorer(query, weights);
      std::vector<ScoreRange> ranges;
      pile.rank(MemoryRanker(query, scorer, weights), ranges);
      ASSERT_EQ(ranges.size(), model.size()) << "each is ranked once";
    }
  }
}

TEST(MemoryPileTest, ManySingleAdditionsMakeFewBlocks) {
  MemoryPile pile;
  for (std::uint64_t id = 1; id <= 5000; ++id) {
    std::vector<MemoryRow> one;
    one.push_back(row(id, "words"));
    pile = pile.with(std::move(one), {});
  }
  EXPECT_EQ(pile.size(), 5000U);
  EXPECT_LE(pile.blocks(), 9U);
}

TEST(MemoryPileTest, AnOlderStateStaysAsItWas) {
  std::vector<MemoryRow> rows;
  rows.push_back(row(1, "old"));
  const MemoryPile older = MemoryPile().with(std::move(rows), {});
  std::vector<MemoryRow> again;
  again.push_back(row(1, "new"));
  const MemoryPile newer = older.with(std::move(again), {});
  EXPECT_EQ(text_of(older, 1), "old");
  EXPECT_EQ(text_of(newer, 1), "new");
  EXPECT_EQ(text_of(newer.without(1), 1), "absent");
  EXPECT_EQ(newer.without(1).size(), 0U);
}

TEST(MemoryPileTest, LargeBlocksLieInFilesWithoutNamesAndHoldTheSame) {
  const std::filesystem::path dir = std::filesystem::path(testing::TempDir()) / "memory_pile_test";
  std::filesystem::create_directories(dir);
  std::vector<MemoryRow> rows, same;
  for (std::uint64_t id = 1; id <= 3000; ++id) rows.push_back(row(id, "memory number " + std::to_string(id)));
  same = rows;
  const MemoryPile heap = MemoryPile().with(std::move(rows), {}), files = MemoryPile().with(std::move(same), dir);
  EXPECT_EQ(heap.mapped_bytes(), 0U);
  EXPECT_EQ(files.mapped_bytes(), files.bytes());
  EXPECT_TRUE(std::filesystem::is_empty(dir)) << "nothing is left behind, whatever ends the process";
  for (std::uint64_t id = 1; id <= 3000; ++id) ASSERT_EQ(text_of(files, id), text_of(heap, id));
  const MemoryPile nowhere = files.without(5).with({}, dir / "absent");
  EXPECT_EQ(nowhere.size(), 2999U);
  std::filesystem::remove_all(dir);
}

TEST(MemoryPileTest, AFolderThatIsNotThereMeansTheHeap) {
  std::vector<MemoryRow> rows;
  for (std::uint64_t id = 1; id <= 3000; ++id) rows.push_back(row(id, "x"));
  const MemoryPile pile = MemoryPile().with(std::move(rows), "/nonexistent/folder");
  EXPECT_EQ(pile.size(), 3000U);
  EXPECT_EQ(pile.mapped_bytes(), 0U);
}

}  // namespace
}  // namespace prom
