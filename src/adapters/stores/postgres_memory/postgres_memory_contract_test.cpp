// The contract of memories on a real PostgreSQL, with pgvector and as on a server without it; and the same answers as the embedded index on random memories.
#include "adapters/stores/postgres_memory/memory_server_test_support.h"
#include "ports/memory_contract.h"

namespace prom::memory_contract {
namespace {

using namespace std::chrono_literals;
using postgres_test::expect_same;
using postgres_test::memory_options;
using postgres_test::open_memory;
using postgres_test::OwnDatabase;

/// Every search waits until what was added is in the table, so that the table is what answers.
class Settled final : public MemoryKeeper {
 public:
  explicit Settled(std::unique_ptr<PostgresMemory> store) : store_(std::move(store)) {}
  ~Settled() override { EXPECT_EQ(store_->status().answered_here, 0U) << "the server was there all the time"; }
  Settled(const Settled&) = delete;
  Settled& operator=(const Settled&) = delete;
  void add(const Memory& memory) override { store_->add(memory); }
  const MemoryView& view() const override {
    EXPECT_TRUE(store_->settle(10s));
    return store_->view();
  }

 private:
  std::unique_ptr<PostgresMemory> store_;
};

/// Asks until the memories concerned are held in process, then once more.
class Held final : public MemoryKeeper, public MemoryView {
 public:
  explicit Held(std::unique_ptr<PostgresMemory> store) : store_(std::move(store)) {}
  ~Held() override { EXPECT_EQ(store_->status().ranked_here, questions_) << "every question was answered by what is held"; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void add(const Memory& memory) override { store_->add(memory); }
  const MemoryView& view() const override { return *this; }
  MemoryAnswer search(const MemoryQuery& query) const override {
    EXPECT_TRUE(store_->settle(10s));
    const std::uint64_t before = store_->status().ranked_here;
    auto answer = store_->view().search(query);
    if (store_->status().ranked_here == before) {
      EXPECT_TRUE(store_->settle(10s));
      answer = store_->view().search(query);
    }
    ++questions_;
    return answer;
  }

 private:
  std::unique_ptr<PostgresMemory> store_;
  mutable std::uint64_t questions_ = 0;
};

enum class Answering : std::uint8_t { with_pgvector, without, before_it_is_written, held };
class PostgresHarness final : public Harness {
 public:
  explicit PostgresHarness(Answering how) : how_(how) {}
  std::string why_not() const override { return postgres_test::why_not(); }
  std::unique_ptr<MemoryKeeper> open() override {
    PostgresMemoryOptions options = memory_options(database_.options());
    options.use_extension = how_ != Answering::without;
    if (how_ == Answering::with_pgvector || how_ == Answering::without) options.held_bytes = 0;
    auto store = open_memory(std::move(options));
    if (store && how_ == Answering::held) return std::make_unique<Held>(std::move(store));
    if (!store || how_ == Answering::before_it_is_written) return store;
    return std::make_unique<Settled>(std::move(store));
  }

 private:
  Answering how_;
  OwnDatabase database_;
};
MakeHarness making(Answering how) {
  return [how] { return std::make_unique<PostgresHarness>(how); };
}

INSTANTIATE_TEST_SUITE_P(PgvectorAnswers, MemoryContract, ::testing::Values(making(Answering::with_pgvector)));
INSTANTIATE_TEST_SUITE_P(PostgresWithoutPgvector, MemoryContract, ::testing::Values(making(Answering::without)));
INSTANTIATE_TEST_SUITE_P(PostgresHeldInProcess, MemoryContract, ::testing::Values(making(Answering::held)));
INSTANTIATE_TEST_SUITE_P(PostgresBeforeItIsWritten, MemoryContract, ::testing::Values(making(Answering::before_it_is_written)));

class PostgresMemories : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<OwnDatabase>();
  }
  PostgresMemoryOptions options() const {
    PostgresMemoryOptions out = memory_options(database->options());
    out.use_extension = GetParam();
    out.held_bytes = 0;
    return out;
  }
  std::unique_ptr<OwnDatabase> database;
};

TEST_P(PostgresMemories, RandomMemoriesAreFoundAsByTheEmbeddedIndex) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    database = std::make_unique<OwnDatabase>();
    const auto store = open_memory(options());
    ASSERT_TRUE(store);
    auto index = MemoryIndex::build({});
    Xoshiro256pp random(seed);
    for (int round = 0; round < 12; ++round) {
      for (int i = 0; i < 100; ++i) {
        const Memory memory = random_memory(random, 1 + random.below(900));
        store->add(memory);
        index = index->with_added(memory);
      }
      if (round % 2 == 0) ASSERT_TRUE(store->settle(10s));
      for (int i = 0; i < 20; ++i) {
        const MemoryQuery query = random_query(random);
        expect_same(store->view().search(query), index->find(query));
        if (HasFatalFailure()) return;
      }
    }
    EXPECT_EQ(store->status().answered_here, 0U);
  }
}

TEST_P(PostgresMemories, WhatWasKeptIsThereAfterANewStart) {
  auto index = MemoryIndex::build({});
  Xoshiro256pp random(9);
  {
    const auto store = open_memory(options());
    ASSERT_TRUE(store);
    for (std::uint64_t id = 1; id <= 300; ++id) {
      const Memory memory = random_memory(random, id);
      store->add(memory);
      index = index->with_added(memory);
    }
    ASSERT_TRUE(store->settle(10s));
  }
  const auto again = open_memory(options());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status().mirrored, 300U);
  for (int i = 0; i < 20; ++i) {
    const MemoryQuery query = random_query(random);
    expect_same(again->view().search(query), index->find(query));
  }
  again->add(memory_of(0, "the next one"));
  EXPECT_EQ(ids(again->view().search(query_of("the next one"))).front(), 301U);
}

TEST_P(PostgresMemories, WhatTheJournalDoesNotSayNeverHappened) {
  PostgresMemoryOptions from_journal = options();
  from_journal.history = MemoryHistory::journal;
  {
    const auto store = open_memory(std::move(from_journal));
    ASSERT_TRUE(store);
    for (const char* text : {"first words", "second words", "written, then the process died before its frame was durable"}) store->add(memory_of(0, text));
    ASSERT_TRUE(store->settle(10s));
  }
  from_journal = options();
  from_journal.history = MemoryHistory::journal;
  const auto again = open_memory(std::move(from_journal));
  ASSERT_TRUE(again);
  EXPECT_TRUE(ids(again->view().search(query_of("words"))).empty());
  again->add(memory_of(0, "first words"));
  again->add(memory_of(0, "second words"));
  EXPECT_EQ(again->status().pending, 0U) << "they are in the table already";
  EXPECT_EQ(ids(again->view().search(query_of("durable words"))), (std::vector<std::uint64_t>{1, 2}));
  again->add(memory_of(0, "another third"));
  ASSERT_TRUE(again->settle(10s));
  const auto answer = again->view().search(query_of("another third"));
  ASSERT_TRUE(answer && answer->size() == 3U);
  EXPECT_EQ(answer->front().memory->text, "another third");
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutPgvector, PostgresMemories, ::testing::Bool());

struct PostgresMemoryColumns : PostgresMemories {};
INSTANTIATE_TEST_SUITE_P(Pgvector, PostgresMemoryColumns, ::testing::Values(true));

TEST_P(PostgresMemoryColumns, AnExtensionThatComesLaterAndAnotherDimensionFillTheVectorsAnew) {
  auto index = MemoryIndex::build({});
  Xoshiro256pp random(4);
  PostgresMemoryOptions without = options();
  without.use_extension = false;
  {
    const auto store = open_memory(std::move(without));
    ASSERT_TRUE(store);
    for (std::uint64_t id = 1; id <= 600; ++id) {
      const Memory memory = random_memory(random, id);
      store->add(memory);
      index = index->with_added(memory);
    }
    ASSERT_TRUE(store->settle(10s));
  }
  for (const std::size_t dimensions : {128U, 256U, 600U, 128U}) {
    SCOPED_TRACE(dimensions);
    PostgresMemoryOptions with = options();
    with.dimensions = dimensions;
    const auto store = open_memory(std::move(with));
    ASSERT_TRUE(store);
    EXPECT_EQ(store->note(), "");
    for (int i = 0; i < 10; ++i) {
      const MemoryQuery query = random_query(random);
      expect_same(store->view().search(query), index->find(query));
    }
    EXPECT_EQ(store->status().answered_here, 0U);
  }
  PostgresMemoryOptions few = options();
  few.dimensions = 64;
  const auto refused = open_postgres_memory(std::move(few));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().detail, "vectors of memories have 128 to 2000 dimensions, not 64");
}

}  // namespace
}  // namespace prom::memory_contract
