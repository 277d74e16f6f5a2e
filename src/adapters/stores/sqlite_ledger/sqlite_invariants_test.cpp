// The ledger's file refuses what PostgreSQL's tables refuse, and knows every enumeration whole; a file of the first version is brought up with its rows.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "adapters/stores/ledger_rows/invariants_cases.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "io/sqlite/database.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> ledger_migrations();
}  // namespace prom::sqlite

namespace prom {
namespace {

struct SqliteInvariants : testing::Test {
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "prom_ledger_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
    options.path = directory + "/ledger.db";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }
  sqlite::Database connection() const { return *sqlite::Database::open(options.path, {}); }
  static std::string text_of(sqlite::Database& database, const std::string& sql) {
    auto asked = database.prepare(sql);
    EXPECT_TRUE(asked) << sql;
    return asked && *asked->step() == sqlite::Step::row ? std::string(asked->column_text(0)) : "";
  }
  std::string directory;
  SqliteLedgerOptions options;
};

TEST_F(SqliteInvariants, EveryEnumerationIsKnownWholeToItsColumn) {
  ASSERT_TRUE(open_sqlite_ledger(options));
  auto database = connection();
  for (const auto& one : ledger_invariants::named_columns()) {
    SCOPED_TRACE(one.table + "." + one.column);
    const std::string table = text_of(database, "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '" + one.table + "'");
    const std::size_t begin = table.find("CONSTRAINT " + one.table + "_" + one.column + "_known CHECK (");
    ASSERT_NE(begin, std::string::npos) << table;
    const std::string text = table.substr(begin, table.find('\n', begin) - begin);
    for (const std::string& name : one.names) EXPECT_NE(text.find("'" + name + "'"), std::string::npos) << name << " needs a migration";
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text, '\'')) / 2, one.names.size()) << text;
  }
}

TEST_F(SqliteInvariants, WhatBreaksOneIsRefused) {
  ASSERT_TRUE(open_sqlite_ledger(options));
  auto database = connection();
  for (const std::string& sql : ledger_invariants::sound_rows()) {
    const auto done = database.exec(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().detail;
  }
  for (const std::string& sql : ledger_invariants::later_rows()) ASSERT_TRUE(database.exec(sql)) << sql;
  for (const auto& broken : ledger_invariants::broken_rows()) {
    const auto done = database.exec(broken.sql);
    ASSERT_FALSE(done) << broken.sql;
    EXPECT_NE(done.error().detail.find("CHECK constraint failed: " + broken.constraint), std::string::npos) << done.error().detail;
  }
  for (const std::string& sql : ledger_invariants::sound_changes()) EXPECT_TRUE(database.exec(sql)) << sql;
}

TEST_F(SqliteInvariants, ALedgerOfTheFirstVersionIsBroughtUpWithItsRowsAndIndexes) {
  const auto indexes = [&](sqlite::Database& database) {
    return text_of(database,
                   "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> 'tool_stats' "
                   "ORDER BY name)");
  };
  std::string before;
  {
    auto database = connection();
    ASSERT_TRUE(sqlite::migrate(database, sqlite::ledger_migrations().first(1), "ledger"));
    for (const std::string& sql : ledger_invariants::sound_rows()) ASSERT_TRUE(database.exec(sql)) << sql;
    before = indexes(database);
  }
  ASSERT_TRUE(open_sqlite_ledger(options));
  auto database = connection();
  EXPECT_EQ(*sqlite::schema_version(database), static_cast<int>(sqlite::ledger_migrations().size()));
  EXPECT_EQ(indexes(database), before);
  for (const std::string& sql : ledger_invariants::sound_rows()) {
    const std::string table = sql.substr(12, sql.find(' ', 12) - 12);
    EXPECT_EQ(*database.query_int("SELECT count(*) FROM " + table), 1) << table;
  }
  EXPECT_FALSE(database.exec("UPDATE fills SET quantity = 0"));
}

}  // namespace
}  // namespace prom
