// Connection, statements, transactions: values come back as bound, failures become the right kind, nothing survives a rollback.
#include "io/sqlite/database.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

namespace prom::sqlite {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    dir_ = std::filesystem::temp_directory_path() / (std::string("prom_sqlite_") + info->name() + "_" + std::to_string(::getpid()));
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::string path() const { return (dir_ / "deep" / "test.db").string(); }
  Database open(OpenMode mode = OpenMode::create) {
    auto database = Database::open(path(), {.mode = mode, .busy_timeout_ms = 20});
    EXPECT_TRUE(database.has_value()) << database.error().detail;
    return std::move(*database);
  }
  std::filesystem::path dir_;
};

// A reader of a WAL file makes an index file beside it; where that cannot be had (a folder without write permission) nothing could be read at all. The folder
// in the index file's place refuses it to root as well.
TEST_F(DatabaseTest, ReadsWhereNoFileCanBeMadeBesideIt) {
  {
    Database db = open();
    ASSERT_TRUE(db.exec("CREATE TABLE t(a INTEGER); INSERT INTO t VALUES(7)"));
  }
  ASSERT_FALSE(std::filesystem::exists(path() + "-wal")) << "a last connection that closes leaves no log";
  std::filesystem::create_directory(path() + "-shm");
  Database reader = open(OpenMode::read_only);
  auto select = reader.prepare("SELECT a FROM t");
  ASSERT_TRUE(select) << select.error().detail;
  ASSERT_EQ(select->step().value(), Step::row);
  EXPECT_EQ(select->column_int(0), 7);
  EXPECT_FALSE(reader.exec("INSERT INTO t VALUES(8)"));
}

TEST_F(DatabaseTest, ValuesComeBackAsBound) {
  Database db = open();
  ASSERT_TRUE(db.exec("CREATE TABLE t(a INTEGER, b REAL, c TEXT, d BLOB, e TEXT)"));
  const std::string text("a\0b\xc3\xa9", 5);
  const std::byte blob[] = {std::byte{0}, std::byte{255}, std::byte{7}};
  auto insert = db.prepare("INSERT INTO t VALUES(?1,?2,?3,?4,?5)");
  ASSERT_TRUE(insert);
  ASSERT_TRUE(insert->bind(1, std::numeric_limits<std::int64_t>::min()).bind(2, 0.1).bind(3, text).bind(4, std::span(blob)).bind_null(5).run());
  ASSERT_TRUE(insert->bind(1, std::int64_t{1}).bind(2, 0.0).bind(3, std::string_view{}).bind(4, std::span<const std::byte>{}).bind(5, "x").run());
  EXPECT_EQ(db.changes(), 1);
  EXPECT_EQ(db.last_insert_id(), 2);
  auto select = db.prepare("SELECT a,b,c,d,e FROM t ORDER BY rowid");
  ASSERT_TRUE(select);
  ASSERT_EQ(select->step().value(), Step::row);
  EXPECT_EQ(select->column_int(0), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(select->column_double(1), 0.1);
  EXPECT_EQ(select->column_text(2), text);
  ASSERT_EQ(select->column_blob(3).size(), 3u);
  EXPECT_EQ(select->column_blob(3)[1], std::byte{255});
  EXPECT_TRUE(select->column_is_null(4));
  ASSERT_EQ(select->step().value(), Step::row);
  EXPECT_FALSE(select->column_is_null(2));
  EXPECT_FALSE(select->column_is_null(3));
  EXPECT_EQ(select->column_text(4), "x");
  EXPECT_EQ(select->step().value(), Step::done);
}

TEST_F(DatabaseTest, RollsBackUnlessCommitted) {
  Database db = open();
  ASSERT_TRUE(db.exec("CREATE TABLE t(a INTEGER)"));
  {
    auto transaction = Transaction::begin(db);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1)"));
  }
  EXPECT_EQ(db.query_int("SELECT count(*) FROM t").value(), 0);
  {
    auto transaction = Transaction::begin(db);
    ASSERT_TRUE(db.exec("INSERT INTO t VALUES(1)"));
    ASSERT_TRUE(transaction->commit());
  }
  EXPECT_EQ(db.query_int("SELECT count(*) FROM t").value(), 1);
}

TEST_F(DatabaseTest, WriterWhoMeetsAWriterIsToldToComeBack) {
  Database first = open();
  Database second = open();
  auto held = Transaction::begin(first);
  ASSERT_TRUE(held);
  auto refused = Transaction::begin(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::away);
  EXPECT_EQ(refused.error().retry, Retry::after);
}

TEST_F(DatabaseTest, FailuresHaveKinds) {
  EXPECT_EQ(Database::open(path(), {.mode = OpenMode::existing}).error().kind, ErrorKind::not_found);
  Database db = open();
  ASSERT_TRUE(db.exec("CREATE TABLE t(a INTEGER UNIQUE); INSERT INTO t VALUES(1)"));
  EXPECT_EQ(db.exec("INSERT INTO t VALUES(1)").error().kind, ErrorKind::conflict);
  EXPECT_EQ(db.prepare("SELEKT 1").error().kind, ErrorKind::bad_argument);
  EXPECT_EQ(db.query_int("SELECT a FROM t WHERE a=2").error().kind, ErrorKind::not_found);
  auto statement = db.prepare("INSERT INTO t VALUES(?1)");
  EXPECT_EQ(statement->bind(7, std::int64_t{1}).run().error().kind, ErrorKind::bad_argument);
  EXPECT_TRUE(statement->bind(1, std::int64_t{5}).run()) << "a reset clears the failed bind";
  const std::string junk = (dir_ / "junk.db").string();
  std::ofstream(junk) << std::string(5000, 'x');
  const auto corrupt = Database::open(junk, {});
  ASSERT_FALSE(corrupt);
  EXPECT_EQ(corrupt.error().kind, ErrorKind::corrupt);
  EXPECT_NE(corrupt.error().detail.find("junk.db"), std::string::npos);
}

TEST_F(DatabaseTest, ReaderCannotWrite) {
  {
    ASSERT_TRUE(open().exec("CREATE TABLE t(a INTEGER)"));
  }
  Database reader = open(OpenMode::read_only);
  EXPECT_EQ(reader.query_int("SELECT count(*) FROM t").value(), 0);
  EXPECT_FALSE(reader.exec("INSERT INTO t VALUES(1)"));
}

// The shape of the ports' StoreError, which this floor may not include.
enum class OtherKind : std::uint8_t { away, io, full, corrupt, version, conflict, not_found, bad_argument };
struct OtherError {
  OtherKind kind = OtherKind::io;
  Retry retry = Retry::never;
  std::string detail;
  std::string hint;
};

std::expected<int, OtherError> carried_out() {
  PROM_TRY(const int value, SqlResult<int>(err(SqlError{ErrorKind::full, Retry::after, "d", "h"})));
  return value;
}

TEST(SqlError, ConvertsToTheStoresError) {
  const auto result = carried_out();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, OtherKind::full);
  EXPECT_EQ(result.error().retry, Retry::after);
  EXPECT_EQ(result.error().detail, "d");
}

}  // namespace
}  // namespace prom::sqlite
