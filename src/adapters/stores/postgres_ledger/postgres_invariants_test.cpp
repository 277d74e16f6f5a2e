// The constraints of the ledger's tables are those of the program: every enumeration's names, all of them and no other; and a row that breaks one is refused by the server.
#include <string>
#include <vector>

#include "adapters/stores/ledger_rows/invariants_cases.h"
#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/pg_migrate.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "io/sqlite/migrator.h"
#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom::sqlite {
std::span<const Migration> postgres_ledger_migrations();
}  // namespace prom::sqlite

namespace prom {
namespace {

using ledger_invariants::NamedColumn;

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
  for (const NamedColumn& one : ledger_invariants::named_columns()) {
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

TEST_F(PostgresInvariants, ALedgerThatCountedNoToolsYetCountsWhatItHas) {
  ledger_contract::Stream stream(23);
  const postgres_test::OwnDatabase old;
  ASSERT_TRUE((*open_postgres_ledger(old.options()))->project(stream.take(200)));
  {
    auto opened = postgres::PgConnection::open(old.options());
    ASSERT_TRUE(opened);
    ASSERT_TRUE(
        (*opened)->script("DROP TABLE tool_stats; DROP TABLE tool_stat_analyses; DROP TABLE tool_stats_owed;"
                          "DELETE FROM schema_version WHERE name = '0004_tool_stats.sql'"));
  }
  const auto ledger = open_postgres_ledger(old.options());
  ASSERT_TRUE(ledger) << ledger.error().detail;
  ledger_contract::expect_all(**ledger, stream.expected());
  ASSERT_TRUE((*ledger)->project(stream.take(200)));
  ledger_contract::expect_all(**ledger, stream.expected());
}

TEST_F(PostgresInvariants, WhatBreaksOneIsRefused) {
  for (const std::string& sql : ledger_invariants::sound_rows()) {
    const auto done = connection->script(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().detail;
  }
  for (const std::string& sql : ledger_invariants::later_rows()) ASSERT_TRUE(connection->script(sql)) << sql;
  for (const auto& broken : ledger_invariants::broken_rows()) {
    const auto done = connection->script(broken.sql);
    ASSERT_FALSE(done) << broken.sql;
    EXPECT_NE(done.error().detail.find("violates check constraint \"" + broken.constraint + '"'), std::string::npos) << done.error().detail;
  }
  for (const std::string& sql : ledger_invariants::sound_changes()) EXPECT_TRUE(connection->script(sql)) << sql;
}

}  // namespace
}  // namespace prom
