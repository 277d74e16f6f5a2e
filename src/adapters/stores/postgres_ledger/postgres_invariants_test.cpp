// The constraints of the ledger's tables are those of the program: every enumeration's names, all of them and no other; and a row that breaks one is refused by the server.
#include <string>
#include <vector>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/pg_migrate.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "domain/account.h"
#include "domain/enum_text.h"
#include "domain/event.h"
#include "domain/fill.h"
#include "domain/input.h"
#include "domain/memory.h"
#include "domain/order.h"
#include "domain/proposal.h"
#include "domain/verdict.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> postgres_ledger_migrations();
}  // namespace prom::sqlite

namespace prom {
namespace {

struct NamedColumn {
  std::string table, column;
  std::vector<std::string> names;
};
template <class E>
std::vector<std::string> names() {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < kEnumCount<E>; ++i) out.emplace_back(enum_text(static_cast<E>(i)));
  return out;
}
std::vector<NamedColumn> named_columns() {
  return {
      {"users", "level", names<RiskLevel>()},
      {"users", "limits_mandatory_stop", names<Switch>()},
      {"users", "limits_circuit_breaker", names<Switch>()},
      {"accounts", "venue", names<Venue>()},
      {"accounts", "kind", names<AccountKind>()},
      {"accounts", "position_mode", names<PositionMode>()},
      {"accounts", "margin_mode", names<MarginMode>()},
      {"pairs", "leg", names<PositionLeg>()},
      {"pairs", "mode", names<PairMode>()},
      {"pairs", "state", names<PairState>()},
      {"decider_status", "status", names<DeciderStatus>()},
      {"orders", "leg", names<PositionLeg>()},
      {"orders", "side", names<Side>()},
      {"orders", "type", names<OrderType>()},
      {"orders", "time_in_force", names<TimeInForce>()},
      {"orders", "effect", names<Effect>()},
      {"orders", "purpose", names<OrderPurpose>()},
      {"orders", "state", names<OrderState>()},
      {"fills", "leg", names<PositionLeg>()},
      {"fills", "side", names<Side>()},
      {"fills", "liquidity", names<Liquidity>()},
      {"fills", "source", names<FillSource>()},
      {"postings", "kind", names<PostingKind>()},
      {"positions", "leg", names<PositionLeg>()},
      {"coverage", "leg", names<PositionLeg>()},
      {"coverage", "state", names<CoverageState>()},
      {"proposals", "intent", names<Intent>()},
      {"proposals", "side", names<Side>()},
      {"trades", "side", names<Side>()},
      {"decisions", "action", names<DecisionAction>()},
      {"verdicts", "role", names<AgentRole>()},
      {"verdicts", "stance", names<Stance>()},
      {"memories", "kind", names<MemoryKind>()},
      {"memories", "scope", names<MemoryScope>()},
      {"memories", "agent", names<AgentRole>()},
      {"breakers", "kind", names<BreakerKind>()},
      {"risk_state", "trading_state", names<TradingState>()},
      {"risk_state", "kill_phase", names<KillPhase>()},
  };
}

struct PostgresInvariants : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
    ASSERT_TRUE(open_postgres_ledger(database->options()));
    auto opened = postgres::PgConnection::open(database->options());
    ASSERT_TRUE(opened);
    connection = *std::move(opened);
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
  std::unique_ptr<postgres::PgConnection> connection;
};

TEST_F(PostgresInvariants, EveryEnumerationIsKnownWholeToItsColumn) {
  for (const NamedColumn& one : named_columns()) {
    SCOPED_TRACE(one.table + "." + one.column);
    const auto rows = connection->run("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ?", {one.table + "_" + one.column + "_known"});
    ASSERT_TRUE(rows && rows->size() == 1U);
    const std::string text = rows->front().front().value_or("");
    std::size_t quoted = 0;
    for (const std::string& name : one.names) EXPECT_NE(text.find("'" + name + "'"), std::string::npos) << name << " needs a migration";
    for (const char c : text) quoted += static_cast<std::size_t>(c == '\'');
    EXPECT_EQ(quoted / 2, one.names.size()) << text;
  }
}

TEST_F(PostgresInvariants, ALedgerOfTheFirstVersionIsBroughtUpWithItsRows) {
  const postgres_test::OwnDatabase old;
  {
    auto opened = postgres::PgConnection::open(old.options());
    ASSERT_TRUE(opened);
    ASSERT_TRUE(postgres::migrate(**opened, {"ledger", "schema_version", 7'736'870, sqlite::postgres_ledger_migrations().first(1)}));
    ASSERT_TRUE((*opened)->script("INSERT INTO decider_status VALUES (1, 'probation', '', 1)"));
  }
  ASSERT_TRUE(open_postgres_ledger(old.options()));
  auto opened = postgres::PgConnection::open(old.options());
  ASSERT_TRUE(opened);
  const auto rows = (*opened)->ask("SELECT (SELECT max(version) FROM schema_version), count(*) FROM decider_status");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front()[0], std::to_string(sqlite::postgres_ledger_migrations().size()));
  EXPECT_EQ(rows->front()[1], "1");
}

TEST_F(PostgresInvariants, WhatBreaksOneIsRefused) {
  const auto refused = [&](const std::string& sql, const std::string& constraint) {
    const auto done = connection->script(sql);
    ASSERT_FALSE(done) << sql;
    EXPECT_NE(done.error().detail.find("violates check constraint \"" + constraint + '"'), std::string::npos) << done.error().detail;
  };
  const std::string fill =
      "INSERT INTO fills (trade, \"order\", account, instrument, leg, side, price, quantity, fee_asset, fee_amount, slippage, liquidity, source, time_ns) "
      "VALUES ";
  refused(fill + "(1, 1, 0, 0, 'net', 'bought', 1, 1, 0, '0', '0', 'taker', 'venue', 1)", "fills_side_known");
  refused(fill + "(1, 1, 0, 0, 'net', 'buy', 1, 0, 0, '0', '0', 'taker', 'venue', 1)", "fills_quantity_positive");
  EXPECT_TRUE(connection->script(fill + "(1, 1, 0, 0, 'net', 'buy', 1, 1, 0, '0', '0', 'taker', 'venue', 1)"));
  refused("INSERT INTO verdicts VALUES (1, 1, 'executor', 'bullish', 1.5, 1, '')", "verdicts_confidence_is_a_share");
  refused("INSERT INTO decider_status VALUES (1, 'asleep', '', 1)", "decider_status_status_known");
}

}  // namespace
}  // namespace prom
