// The pool of connections on a real PostgreSQL: its bound, its patience, and connections that die while nobody looks.
#include "adapters/stores/postgres_link/pg_pool.h"

#include <thread>

#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "io/testing/tcp_gate.h"

namespace prom::postgres {
namespace {

using namespace std::chrono_literals;

struct PostgresPool : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
  }
  std::shared_ptr<const PostgresOptions> options(std::uint16_t port = 0) const {
    auto out = std::make_shared<PostgresOptions>(database->options(port));
    out->timeout = 1000ms;
    return out;
  }
  void end_all_sessions() const {
    postgres_test::OwnDatabase::admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database->options().db + "'");
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
};

TEST_F(PostgresPool, OpensNoMoreThanItsBoundAndSaysWhenAllAreInUse) {
  PgPool pool(options(), 2);
  auto first = pool.take(100ms);
  {
    auto second = pool.take(100ms);
    ASSERT_TRUE(first && second);
    const auto began = std::chrono::steady_clock::now();
    const auto third = pool.take(100ms);
    EXPECT_GE(std::chrono::steady_clock::now() - began, 100ms);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, StoreErrorKind::away);
    EXPECT_EQ(third.error().retry, Retry::after);
    EXPECT_NE(third.error().detail.find("all 2 connections to PostgreSQL at 127.0.0.1:"), std::string::npos) << third.error().detail;
    EXPECT_TRUE(third.error().detail.ends_with(" were in use for 100 ms")) << third.error().detail;
    EXPECT_EQ(third.error().hint, "raise POSTGRES_MAX_CONNS");
    EXPECT_EQ(pool.counts().waited_out, 1U);
  }
  EXPECT_TRUE(pool.take(100ms));
  EXPECT_EQ(pool.counts().opened, 2U) << "what was given back is used again";
}

TEST_F(PostgresPool, WhoeverWaitsGetsTheOneThatIsGivenBack) {
  PgPool pool(options(), 1);
  auto held = std::make_unique<StoreResult<PgPool::Lease>>(pool.take(1s));
  ASSERT_TRUE(*held);
  std::jthread other([&] {
    std::this_thread::sleep_for(50ms);
    held.reset();
  });
  const auto waited = pool.take(10s);
  ASSERT_TRUE(waited);
  EXPECT_TRUE(waited->used());
}

TEST_F(PostgresPool, ManyCallersShareAFewConnections) {
  PgPool pool(options(), 3);
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 12; ++caller) {
    callers.emplace_back([&pool, caller] {
      for (int i = 0; i < 20; ++i) {
        const auto rows = pool.read("SELECT ?::int", {std::to_string(caller)}, 20s);
        ASSERT_TRUE(rows) << rows.error().detail;
        ASSERT_EQ(rows->front().front(), std::to_string(caller));
      }
    });
  }
  callers.clear();
  EXPECT_LE(pool.counts().opened, 3U);
  EXPECT_EQ(pool.counts().idle, pool.counts().open);
}

TEST_F(PostgresPool, ConnectionsThatDiedWhileIdleAreReplaced) {
  PgPool pool(options(), 2);
  {
    const auto a = pool.take(1s);
    const auto b = pool.take(1s);
  }
  end_all_sessions();
  for (int i = 0; i < 3; ++i) {
    const auto rows = pool.read("SELECT 1", {}, 1s);
    EXPECT_TRUE(rows) << rows.error().detail;
  }
  EXPECT_LE(pool.counts().open, 2U);
}

TEST_F(PostgresPool, ADeadConnectionThatShowsNoSignCostsOneRepetitionAndNoError) {
  TcpGate gate(database->options().port);
  PgPool pool(options(gate.port()), 2);
  ASSERT_TRUE(pool.read("SELECT 1", {}, 1s));
  gate.trap("lost on the way", TcpGate::Mode::cut);  // the connection ends as the statement arrives
  std::jthread network([&] {
    std::this_thread::sleep_for(100ms);
    gate.set(TcpGate::Mode::pass);
  });
  auto rows = pool.read("SELECT 'lost on the way'", {}, 1s);
  for (int i = 0; !rows && i < 20; ++i) {  // the second try may still meet the cut
    EXPECT_EQ(rows.error().kind, StoreErrorKind::away);
    std::this_thread::sleep_for(20ms);
    rows = pool.read("SELECT 'lost on the way'", {}, 1s);
  }
  EXPECT_TRUE(rows);
}

}  // namespace
}  // namespace prom::postgres
