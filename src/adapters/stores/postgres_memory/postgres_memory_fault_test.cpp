// The server of memories away, slow, killed: nothing waits long, nothing is lost, and no answer is wrong.
#include <thread>

#include "adapters/stores/postgres_memory/memory_server_test_support.h"
#include "io/testing/tcp_gate.h"
#include "ports/memory_contract_values.h"

namespace prom {
namespace {

using namespace std::chrono_literals;
using memory_contract::memory_of;
using memory_contract::query_of;
using memory_contract::random_memory;
using memory_contract::random_query;
using postgres_test::expect_same;
using postgres_test::memory_options;
using postgres_test::open_memory;

struct PostgresMemoryFaults : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
    gate = std::make_unique<TcpGate>(database->options().port);
  }
  PostgresMemoryOptions options() const {
    PostgresMemoryOptions out = memory_options(database->options(gate->port()));
    out.server.timeout = 1000ms;
    out.search_timeout = 300ms;
    return out;
  }
  void add(MemoryKeeper& store, int count) {
    for (int i = 0; i < count; ++i) {
      const Memory memory = random_memory(random, ++last);
      store.add(memory);
      index = index->with_added(memory);
    }
  }
  void expect_same_answers(const PostgresMemory& store) {
    for (int i = 0; i < 10; ++i) {
      const MemoryQuery query = random_query(random);
      expect_same(store.view().search(query), index->find(query));
    }
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
  std::unique_ptr<TcpGate> gate;
  Xoshiro256pp random{3};
  std::uint64_t last = 0;
  std::shared_ptr<const MemoryIndex> index = MemoryIndex::build({});
};

TEST_F(PostgresMemoryFaults, AwayTheMirrorAnswersTheSameAndEverythingIsWrittenAfterTheReturn) {
  for (const auto mode : {TcpGate::Mode::cut, TcpGate::Mode::half_open, TcpGate::Mode::deaf, TcpGate::Mode::garbage, TcpGate::Mode::drip}) {
    SCOPED_TRACE(static_cast<int>(mode));
    SetUp();
    last = 0;
    index = MemoryIndex::build({});
    const auto store = open_memory(options());
    ASSERT_TRUE(store);
    add(*store, 200);
    ASSERT_TRUE(store->settle(10s));
    expect_same_answers(*store);
    gate->set(mode);
    add(*store, 100);
    const auto began = std::chrono::steady_clock::now();
    expect_same_answers(*store);
    expect_same_answers(*store);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 8s) << "one search may wait for the server, the others know that it is away";
    gate->set(TcpGate::Mode::pass);
    gate->cut_now();
    EXPECT_TRUE(store->settle(30s));
    const auto fresh = open_memory(memory_options(database->options()));
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->status().mirrored, 300U);
    expect_same_answers(*fresh);
  }
}

TEST_F(PostgresMemoryFaults, WithoutAMirrorItSaysWhyInsteadOfAnsweringWrong) {
  PostgresMemoryOptions no_mirror = options();
  no_mirror.mirrored = 50;
  const auto store = open_memory(std::move(no_mirror));
  ASSERT_TRUE(store);
  add(*store, 200);
  ASSERT_TRUE(store->settle(10s));
  EXPECT_FALSE(store->status().mirror);
  expect_same_answers(*store);
  gate->set(TcpGate::Mode::cut);
  gate->cut_now();
  const auto answer = store->view().search(query_of("lesson"));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().starts_with("memories cannot be searched now: ")) << answer.error();
  EXPECT_FALSE(store->status().reachable);
  gate->set(TcpGate::Mode::pass);
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!store->view().search(query_of("lesson")) && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(20ms);
  expect_same_answers(*store);
  EXPECT_TRUE(store->status().reachable);
}

TEST_F(PostgresMemoryFaults, KilledInTheMiddleItLosesNothing) {
  PostgresMemoryOptions direct = memory_options(database->options());
  direct.search_timeout = 300ms;
  const auto store = open_memory(std::move(direct));
  ASSERT_TRUE(store);
  std::jthread killer([] {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(200ms);
      EXPECT_EQ(postgres_test::servers().command("kill postgres"), 0);
      EXPECT_EQ(postgres_test::servers().command("up postgres"), 0);
    }
  });
  for (int i = 0; i < 60; ++i) {
    add(*store, 10);
    expect_same_answers(*store);
    std::this_thread::sleep_for(5ms);
  }
  killer.join();
  EXPECT_TRUE(store->settle(30s));
  const auto fresh = open_memory(memory_options(database->options()));
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->status().mirrored, 600U);
  expect_same_answers(*fresh);
}

TEST_F(PostgresMemoryFaults, AServerWithoutTheExtensionIsToldInOneSentence) {
  const auto store = open_memory(options());
  ASSERT_TRUE(store);
  EXPECT_EQ(store->note(), "") << "the server of the tests has pgvector";
  // A user who may not create it, in a database where nobody has: the same sentence that a person would read.
  postgres_test::OwnDatabase other;
  postgres_test::OwnDatabase::admin("DROP ROLE IF EXISTS plain");
  postgres_test::OwnDatabase::admin("CREATE ROLE plain LOGIN PASSWORD 'pw'");
  {
    auto connection = postgres::PgConnection::open(other.options());
    ASSERT_TRUE(connection);
    ASSERT_TRUE((*connection)->script("CREATE SCHEMA run_of_a_test; GRANT ALL ON SCHEMA run_of_a_test TO plain; REVOKE ALL ON SCHEMA public FROM PUBLIC"));
  }
  PostgresMemoryOptions plain = memory_options(other.options());
  plain.server.user = "plain";
  plain.server.password = SecretString(std::string("pw"));
  const auto without = open_memory(std::move(plain));
  ASSERT_TRUE(without);
  {
    EXPECT_TRUE(
        without->note().starts_with("this PostgreSQL has pgvector but it could not be enabled, so memories are searched exactly and without an index: "))
        << without->note();
    without->add(memory_of(0, "found all the same"));
    EXPECT_TRUE(without->settle(10s));
    const auto answer = without->view().search(query_of("found"));
    EXPECT_TRUE(answer && answer->size() == 1U);
  }
  auto connection = postgres::PgConnection::open(other.options());
  ASSERT_TRUE(connection);
  EXPECT_TRUE((*connection)->script("DROP OWNED BY plain CASCADE"));
  postgres_test::OwnDatabase::admin("DROP ROLE plain");
}

TEST(PostgresMemoryWithoutPgvector, AServerThatHasNoneIsToldInOneSentenceAndSearchedExactly) {
  const auto setting = [](const char* name) { return postgres_test::servers().setting(name).value_or(""); };
  if (setting("POSTGRES15_PORT").empty()) GTEST_SKIP() << postgres_test::servers().why_not("postgres15");
  PostgresOptions server;
  server.host = "localhost";
  server.port = static_cast<std::uint16_t>(std::stoi(setting("POSTGRES15_PORT")));
  server.password = SecretString(setting("POSTGRES15_PASSWORD"));
  server.db = "postgres";
  server.ssl_mode = "verify-full";
  server.ssl_root_cert = setting("POSTGRES15_CA");
  PostgresMemoryOptions options = memory_options(std::move(server));
  options.server.schema = "without_pgvector";
  {
    auto connection = postgres::PgConnection::open(options.server);
    ASSERT_TRUE(connection) << connection.error().detail;
    ASSERT_TRUE((*connection)->script("DROP SCHEMA IF EXISTS without_pgvector CASCADE"));
  }
  const auto store = open_memory(std::move(options));
  ASSERT_TRUE(store);
  EXPECT_EQ(
      store->note(),
      "this PostgreSQL has no pgvector, so memories are searched exactly and without an index: install it (Debian: postgresql-NN-pgvector) and start again");
  Xoshiro256pp random(8);
  auto index = MemoryIndex::build({});
  for (std::uint64_t id = 1; id <= 300; ++id) {
    const Memory memory = random_memory(random, id);
    store->add(memory);
    index = index->with_added(memory);
  }
  ASSERT_TRUE(store->settle(10s));
  for (int i = 0; i < 20; ++i) {
    const MemoryQuery query = random_query(random);
    expect_same(store->view().search(query), index->find(query));
  }
  EXPECT_EQ(store->status().answered_here, 0U);
}

}  // namespace
}  // namespace prom
