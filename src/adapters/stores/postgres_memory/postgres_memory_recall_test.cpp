// What the index of nearest neighbours keeps and what it does not, on seeded data: among one user's memories the store is exact, because there the index would lose most of them; among very
// many collective memories it takes candidates from the index, and that must find at least 95 of 100 that exact search finds.
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_memory/memory_server_test_support.h"
#include "adapters/stores/postgres_memory/memory_table.h"
#include "ports/memory_contract_values.h"

namespace prom {
namespace {

using namespace std::chrono_literals;
using memory_contract::kNow;
using memory_contract::query_of;
using postgres_test::memory_options;
using postgres_test::open_memory;

constexpr std::uint32_t kLimit = 10;

struct PostgresMemoryRecall : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
  }
  /// Lessons as the desk writes them: few forms of sentence, many names and numbers.
  Memory lesson(std::uint64_t id) {
    Memory memory = memory_contract::memory_of(id, sentence());
    memory.kind = MemoryKind::lesson;
    memory.importance = static_cast<double>(random.below(1000)) / 1000;
    memory.created_at = kNow - DurationNs{static_cast<std::int64_t>(random.below(200'000)) * kMinute.ns};
    for (int i = 0; i < 16; ++i) memory.situation.push_back(static_cast<float>(random.below(200)) / 100 - 1);
    return memory;
  }
  std::string sentence() {
    constexpr const char* kWords[] = {"breakout", "funding", "squeeze", "range", "sweep", "retest", "volume", "divergence", "news", "gap", "trend", "reversal"};
    return "pair" + std::to_string(random.below(60)) + (random.chance(1, 2) ? " long " : " short ") + kWords[random.below(12)] + " after " +
           kWords[random.below(12)] + ", net " + std::to_string(random.below(500)) + " in regime " + kWords[random.below(12)];
  }
  double recall(const MemoryAnswer& found, const std::vector<MemoryHit>& exact) const {
    EXPECT_TRUE(found) << found.error();
    if (!found) return 0;
    std::size_t same = 0;
    for (const MemoryHit& hit : exact)
      same += static_cast<std::size_t>(std::ranges::any_of(*found, [&](const MemoryHit& other) { return other.memory->id == hit.memory->id; }));
    return static_cast<double>(same) / static_cast<double>(exact.size());
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
  Xoshiro256pp random{11};
};

TEST_F(PostgresMemoryRecall, AmongVeryManyCollectiveMemoriesAtLeast95Of100) {
  PostgresMemoryOptions options = memory_options(database->options());
  options.exact_collective = 1000;
  options.mirrored = 0;
  const auto store = open_memory(std::move(options));
  ASSERT_TRUE(store);
  std::vector<Memory> all;
  for (std::uint64_t id = 1; id <= 8000; ++id) {
    all.push_back(lesson(id));
    if (id % 10 == 0) {  // some are a user's own, and must not be lost among the others
      all.back().scope = MemoryScope::user;
      all.back().user = UserIx{static_cast<std::uint32_t>(id / 10 % 3)};
    }
    store->add(all.back());
  }
  ASSERT_TRUE(store->settle(120s));
  const auto index = MemoryIndex::build(std::move(all));
  double sum = 0;
  constexpr int kQueries = 60;
  for (int i = 0; i < kQueries; ++i) {
    MemoryQuery query = query_of(sentence());
    query.user = UserIx{static_cast<std::uint32_t>(i % 3)};
    query.limit = kLimit;
    if (i % 2 == 0)
      for (int d = 0; d < 16; ++d) query.situation.push_back(static_cast<float>(random.below(200)) / 100 - 1);
    sum += recall(store->view().search(query), index->find(query));
  }
  const double mean = sum / kQueries;
  RecordProperty("recall", std::to_string(mean));
  std::cout << "recall among 8,000, by the index: " << mean << "\n";
  EXPECT_GE(mean, 0.95);
}

TEST_F(PostgresMemoryRecall, FilteredToOneUserTheIndexAloneWouldLoseMostAndTheStoreLosesNone) {
  const auto store = open_memory(memory_options(database->options()));
  ASSERT_TRUE(store);
  constexpr std::uint32_t kUsers = 40;
  std::vector<Memory> all;
  for (std::uint64_t id = 1; id <= 4000; ++id) {
    all.push_back(lesson(id));
    all.back().scope = MemoryScope::user;
    all.back().user = UserIx{static_cast<std::uint32_t>(id % kUsers)};
    store->add(all.back());
  }
  ASSERT_TRUE(store->settle(60s));
  const auto index = MemoryIndex::build(std::move(all));
  // An index over everybody's memories, as one would build it first; pgvector filters after it has found its neighbours.
  PostgresOptions server = database->options();
  server.schema = "run_of_a_test";
  auto connection = postgres::PgConnection::open(server);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(
      (*connection)
          ->script("CREATE INDEX all_near ON kept_memories USING hnsw (embedding public.vector_ip_ops); SET enable_seqscan = off; SET enable_sort = off; "
                   "DROP INDEX kept_memories_of_user"));
  double by_store = 0, by_index = 0;
  constexpr int kQueries = 40;
  for (int i = 0; i < kQueries; ++i) {
    MemoryQuery query = query_of(sentence());
    query.user = UserIx{static_cast<std::uint32_t>(i) % kUsers};
    query.limit = kLimit;
    const auto exact = index->find(query);
    by_store += recall(store->view().search(query), exact);
    const auto near = (*connection)
                          ->run("SELECT id FROM kept_memories WHERE owner = ? ORDER BY embedding OPERATOR(public.<#>) ?::public.vector LIMIT 10",
                                postgres::flat_rows::Parameters().put(*query.user).put(postgres::vector_text(text_vector(query.text), 128)).values());
    ASSERT_TRUE(near) << near.error().detail;
    EXPECT_LT(near->size(), 10U) << "of the forty neighbours that pgvector looks at about one is the user's";
    by_index += static_cast<double>(near->size()) / 10;
  }
  std::cout << "one user's memories: recall of the store " << by_store / kQueries << ", of an index over all at most " << by_index / kQueries << "\n";
  EXPECT_EQ(by_store / kQueries, 1.0);
  EXPECT_LT(by_index / kQueries, 0.5);
}

}  // namespace
}  // namespace prom
