// Migrations: applied once, in order, all or nothing; a newer database is refused in one sentence.
#include "io/sqlite/migrator.h"

#include <gtest/gtest.h>

#include <array>

namespace prom::sqlite {
namespace {

constexpr std::array<Migration, 3> kSteps{{{1, "0001_a.sql", "CREATE TABLE a(x INTEGER);"},
                                           {2, "0002_b.sql", "CREATE TABLE b(x INTEGER); INSERT INTO b VALUES(2);"},
                                           {3, "0003_c.sql", "ALTER TABLE a ADD COLUMN y INTEGER;"}}};

Database memory() {
  auto database = Database::open(":memory:", {});
  EXPECT_TRUE(database);
  return std::move(*database);
}

TEST(Migrator, AppliesOnlyWhatIsMissing) {
  Database db = memory();
  EXPECT_EQ(schema_version(db).value(), 0);
  EXPECT_EQ(migrate(db, std::span(kSteps).first(2), "test store").value(), 2);
  EXPECT_EQ(migrate(db, std::span(kSteps).first(2), "test store").value(), 2);
  EXPECT_EQ(db.query_int("SELECT count(*) FROM b").value(), 1) << "a second start changes nothing";
  EXPECT_EQ(migrate(db, kSteps, "test store").value(), 3);
  EXPECT_EQ(db.query_int("SELECT count(y) FROM a").value(), 0);
}

TEST(Migrator, RefusesANewerDatabase) {
  Database db = memory();
  ASSERT_TRUE(migrate(db, kSteps, "test store"));
  const auto refused = migrate(db, std::span(kSteps).first(1), "test store");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::version);
  EXPECT_EQ(refused.error().detail, "the test store at :memory: has schema version 3, but this program knows only up to 1");
}

TEST(Migrator, FailedStepLeavesTheVersionBefore) {
  Database db = memory();
  constexpr std::array<Migration, 2> kBad{
      {{1, "0001_a.sql", "CREATE TABLE a(x INTEGER);"}, {2, "0002_bad.sql", "CREATE TABLE half(x INTEGER); INSERT INTO nowhere VALUES(1);"}}};
  const auto failed = migrate(db, kBad, "test store");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().detail.find("0002_bad.sql"), std::string::npos);
  EXPECT_EQ(schema_version(db).value(), 1);
  EXPECT_EQ(db.query_int("SELECT count(*) FROM sqlite_master WHERE name='half'").value(), 0);
}

}  // namespace
}  // namespace prom::sqlite
