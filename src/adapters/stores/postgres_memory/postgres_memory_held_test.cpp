// Memories of an owner that are held in process: the same answers to the last bit as the embedded index, whoever else writes, deletes or kills the server meanwhile, and no more of them than
// there is room for.
#include "adapters/stores/memory_index/text_vector.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_memory/memory_server_test_support.h"
#include "adapters/stores/postgres_memory/memory_table.h"
#include "ports/memory_contract_values.h"

namespace prom {
namespace {

using namespace std::chrono_literals;
using memory_contract::ids;
using memory_contract::memory_of;
using memory_contract::query_of;
using memory_contract::random_memory;
using memory_contract::random_query;
using postgres_test::expect_same;
using postgres_test::memory_options;
using postgres_test::open_memory;

struct PostgresMemoryHeld : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
  }
  std::unique_ptr<PostgresMemory> open() const { return open_memory(memory_options(database->options())); }
  std::unique_ptr<postgres::PgConnection> connect() const {
    PostgresOptions server = database->options();
    server.schema = "run_of_a_test";
    auto opened = postgres::PgConnection::open(server);
    EXPECT_TRUE(opened);
    return opened ? *std::move(opened) : nullptr;
  }
  /// So that what the next question concerns is held.
  static void hold(const PostgresMemory& store, const MemoryQuery& query) {
    for (int i = 0; i < 2; ++i) {
      ASSERT_TRUE(store.view().search(query));
      ASSERT_TRUE(const_cast<PostgresMemory&>(store).settle(20s));
    }
  }
  static MemoryQuery question_of(std::uint32_t user, std::string text) {
    MemoryQuery query = query_of(std::move(text));
    query.user = UserIx{user};
    return query;
  }
  static Memory own(std::uint64_t id, std::uint32_t user, std::string text) {
    Memory memory = memory_of(id, std::move(text), MemoryScope::user);
    memory.user = UserIx{user};
    return memory;
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
};

TEST_F(PostgresMemoryHeld, RandomMemoriesAreFoundAsByTheEmbeddedIndexWhileTheyAreAddedAndReplaced) {
  const auto store = open();
  ASSERT_TRUE(store);
  auto index = MemoryIndex::build({});
  Xoshiro256pp random(5);
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 100; ++i) {
      const Memory memory = random_memory(random, 1 + random.below(900));
      store->add(memory);
      index = index->with_added(memory);
    }
    if (round % 2 == 0) ASSERT_TRUE(store->settle(10s));
    // Some have changed their owner, whose columns are then read anew: wait for that too.
    for (std::uint32_t user = 0; user < 4; ++user) hold(*store, question_of(user, "lesson"));
    for (int i = 0; i < 20; ++i) {
      const MemoryQuery query = random_query(random);
      expect_same(store->view().search(query), index->find(query));
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(store->status().answered_here, 0U);
  EXPECT_GT(store->status().ranked_here, 150U) << "of 240 questions";
}

TEST_F(PostgresMemoryHeld, TenThousandOfOneUserAreRankedExactlyByColumnsInFiles) {
  PostgresMemoryOptions options = memory_options(database->options());
  options.held_dir = testing::TempDir();
  const auto store = open_memory(std::move(options));
  ASSERT_TRUE(store);
  Xoshiro256pp random(6);
  std::vector<Memory> all;
  for (std::uint64_t id = 1; id <= 10'000; ++id) {
    all.push_back(random_memory(random, id));
    all.back().scope = MemoryScope::user;
    all.back().user = UserIx{1};
    all.back().text += " net " + std::to_string(random.below(100'000));
    store->add(all.back());
  }
  ASSERT_TRUE(store->settle(120s));
  const auto index = MemoryIndex::build(std::move(all));
  hold(*store, question_of(1, "x"));
  const std::uint64_t before = store->status().ranked_here;
  for (int i = 0; i < 40; ++i) {
    MemoryQuery query = random_query(random);
    query.user = UserIx{1};
    query.limit = 10;
    query.text += " net " + std::to_string(random.below(100'000));
    expect_same(store->view().search(query), index->find(query));
  }
  EXPECT_EQ(store->status().ranked_here - before, 40U);
}

TEST_F(PostgresMemoryHeld, WhatAnotherInstanceWritesIsSeenAlsoWhenItsTransactionBeganBefore) {
  const auto store = open(), other = open();
  ASSERT_TRUE(store && other);
  const auto layout = postgres::prepare_memories(*connect(), kTextDimensions, postgres::Extension::use);
  ASSERT_TRUE(layout) << layout.error().detail;
  store->add(own(1, 1, "words"));
  ASSERT_TRUE(store->settle(10s));
  const MemoryQuery query = question_of(1, "words");
  hold(*store, query);
  other->add(own(2, 1, "words"));
  ASSERT_TRUE(other->settle(10s));
  EXPECT_EQ(ids(store->view().search(query)), (std::vector<std::uint64_t>{1, 2}));

  const auto slow = connect();
  ASSERT_TRUE(slow && slow->begin());
  const auto fourth = std::make_shared<const Memory>(own(4, 1, "words"));
  ASSERT_TRUE(postgres::write_memories(*slow, *layout, std::span(&fourth, 1)));
  other->add(own(3, 1, "words"));
  ASSERT_TRUE(other->settle(10s));
  EXPECT_EQ(ids(store->view().search(query)), (std::vector<std::uint64_t>{1, 2, 3})) << "the fourth is not committed yet";
  ASSERT_TRUE(slow->commit());
  EXPECT_EQ(ids(store->view().search(query)), (std::vector<std::uint64_t>{1, 2, 3, 4})) << "its transaction is older than the third's";
  EXPECT_GE(store->status().ranked_here, 4U);
}

TEST_F(PostgresMemoryHeld, ALessonThatBecomesEverybodysIsFoundOnce) {
  const auto store = open();
  ASSERT_TRUE(store);
  store->add(own(1, 1, "funding was high"));
  store->add(own(2, 1, "volume was low"));
  ASSERT_TRUE(store->settle(10s));
  hold(*store, question_of(1, "funding"));
  hold(*store, question_of(2, "funding"));
  store->add(memory_of(1, "funding was high"));
  ASSERT_TRUE(store->settle(10s));
  EXPECT_EQ(ids(store->view().search(question_of(1, "funding"))), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(ids(store->view().search(question_of(2, "funding"))), (std::vector<std::uint64_t>{1}));
}

TEST_F(PostgresMemoryHeld, WhatSomebodyDeletesIsNotShownAndNothingBehindItIsLost) {
  const auto store = open();
  ASSERT_TRUE(store);
  for (std::uint64_t id = 1; id <= 300; ++id) store->add(own(id, 1, "pair " + std::to_string(id)));
  ASSERT_TRUE(store->settle(10s));
  const MemoryQuery query = question_of(1, "pair 7");
  hold(*store, query);
  const auto best = ids(store->view().search(query));
  ASSERT_EQ(best.size(), 10U);
  std::string list;
  for (const std::uint64_t id : best) list += (list.empty() ? "" : ",") + std::to_string(id);
  ASSERT_TRUE(connect()->script("DELETE FROM kept_memories WHERE id IN (" + list + ")"));
  const auto rest = ids(store->view().search(query));
  EXPECT_EQ(rest.size(), 10U);
  for (const std::uint64_t id : rest) EXPECT_EQ(std::ranges::count(best, id), 0) << id;
}

TEST_F(PostgresMemoryHeld, ThereAreNoMoreBytesOfThemThanAllowed) {
  PostgresMemoryOptions options = memory_options(database->options());
  options.held_bytes = 120'000;
  const auto store = open_memory(std::move(options));
  ASSERT_TRUE(store);
  for (std::uint64_t id = 1; id <= 1000; ++id) store->add(own(id, static_cast<std::uint32_t>(id % 5), "pair " + std::to_string(id)));
  ASSERT_TRUE(store->settle(10s));
  for (std::uint32_t user = 0; user < 5; ++user) hold(*store, question_of(user, "pair"));
  EXPECT_LE(store->status().held_bytes, 120'000U);
  EXPECT_GT(store->status().held_bytes, 40'000U);
  for (std::uint32_t user = 0; user < 5; ++user) EXPECT_EQ(ids(store->view().search(question_of(user, "pair"))).size(), 10U);
}

TEST_F(PostgresMemoryHeld, AServerThatWasAwayIsAskedAnew) {
  PostgresMemoryOptions direct = memory_options(database->options());
  direct.mirrored = 0;
  const auto store = open_memory(std::move(direct));
  ASSERT_TRUE(store);
  store->add(own(1, 1, "first words"));
  ASSERT_TRUE(store->settle(10s));
  const MemoryQuery query = question_of(1, "words");
  hold(*store, query);
  EXPECT_GT(store->status().held_bytes, 0U);
  ASSERT_EQ(postgres_test::servers().command("kill postgres"), 0);
  EXPECT_FALSE(store->view().search(query));
  EXPECT_EQ(store->status().held_bytes, 0U);
  ASSERT_EQ(postgres_test::servers().command("up postgres"), 0);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!store->view().search(query) && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(20ms);
  hold(*store, query);
  EXPECT_EQ(ids(store->view().search(query)), (std::vector<std::uint64_t>{1}));
  EXPECT_GT(store->status().held_bytes, 0U);
}

}  // namespace
}  // namespace prom
