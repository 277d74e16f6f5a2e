// What is SQLite's own in the ledger: query plans, schema, version, a locked database, kill -9.
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/stores/ledger_rows/ledger_queries.h"
#include "adapters/stores/sqlite_ledger/flat_rows.h"
#include "io/sqlite/database.h"
#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom {
namespace {

using ledger_contract::expect_all;
using ledger_contract::Stream;

class SqliteLedgerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "prom_ledger_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    options_.path = directory_ + "/ledger.db";
    options_.busy_timeout_ms = 20;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::unique_ptr<Ledger> open() {
    auto opened = open_sqlite_ledger(options_);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  sqlite::Database other_connection() { return *sqlite::Database::open(options_.path, {}); }

  std::string directory_;
  SqliteLedgerOptions options_;
};

TEST_F(SqliteLedgerTest, NoQueryOfAFewRowsReadsAWholeTable) {
  static_cast<void>(open());
  auto database = other_connection();
  for (const auto& query : ledger_queries::all(ledger_queries::Lead::by_narrowest)) {
    auto plan = database.prepare("EXPLAIN QUERY PLAN " + query.sql);
    ASSERT_TRUE(plan) << query.name << ": " << plan.error().detail;
    const bool limited = query.sql.ends_with("LIMIT ?");
    while (*plan->step() == sqlite::Step::row) {
      const std::string line(plan->column_text(3));
      EXPECT_EQ(line.find("TEMP B-TREE"), std::string::npos) << query.name << ": " << line;
      if (query.reads == ledger_queries::Reads::whole_table || !line.starts_with("SCAN")) continue;
      // Without a condition, walking the newest N by row id and an index that holds just the rows wanted are no full scans.
      const bool newest = limited && query.sql.find("WHERE") == std::string::npos;
      EXPECT_TRUE(newest || line.find("USING INDEX orders_open") != std::string::npos) << query.name << ": " << line;
    }
  }
}

template <class T>
void expect_columns(sqlite::Database& database, const std::string& table) {
  auto rows = database.prepare("SELECT name FROM pragma_table_info('" + table + "')");
  ASSERT_TRUE(rows);
  std::string have;
  while (*rows->step() == sqlite::Step::row) have += "\"" + std::string(rows->column_text(0)) + "\", ";
  EXPECT_NE(have.find(ledger_rows::columns_of<T>() + ", "), std::string::npos) << table << " has " << have;
}

TEST_F(SqliteLedgerTest, TablesHaveTheirRecordsColumnsInOrder) {
  static_cast<void>(open());
  auto database = other_connection();
  expect_columns<User>(database, "users");
  expect_columns<Account>(database, "accounts");
  expect_columns<TradingPair>(database, "pairs");
  expect_columns<OrderSpec>(database, "orders");
  expect_columns<Fill>(database, "fills");
  expect_columns<Posting>(database, "postings");
  expect_columns<Position>(database, "positions");
  expect_columns<JournalEntry>(database, "trades");
  expect_columns<Denial>(database, "denials");
  expect_columns<BreakerTripped>(database, "breakers");
  expect_columns<ToolStat>(database, "tool_stats");
}

TEST_F(SqliteLedgerTest, ANewerSchemaIsAVersionError) {
  static_cast<void>(open());
  ASSERT_TRUE(other_connection().exec("INSERT INTO schema_version (version, name) VALUES (99, '0099_later.sql')"));
  const auto refused = open_sqlite_ledger(options_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::version);
}

TEST_F(SqliteLedgerTest, ALedgerThatCountedNoToolsYetCountsWhatItHas) {
  Stream stream(23);
  ASSERT_TRUE(open()->project(stream.take(200)));
  ASSERT_TRUE(
      other_connection().exec("DROP TABLE tool_stats; DROP TABLE tool_stat_analyses; DROP TABLE tool_stats_owed;"
                              "DELETE FROM schema_version WHERE name = '0003_tool_stats.sql'"));
  expect_all(*open(), stream.expected());
  const auto ledger = open();
  expect_all(*ledger, stream.expected());
  ASSERT_TRUE(ledger->project(stream.take(200)));
  expect_all(*ledger, stream.expected());
}

TEST_F(SqliteLedgerTest, ABatchThatWasNotStoredCountsNothing) {
  Stream stream(24);
  const auto frames = stream.take(200);
  const auto ledger = open();
  std::vector<RecordedFrame> holed(frames.begin(), frames.begin() + 150);
  holed.insert(holed.end(), frames.begin() + 151, frames.end());
  ASSERT_FALSE(ledger->project(holed));
  ASSERT_TRUE(ledger->project(frames));
  expect_all(*ledger, stream.expected());
}

TEST_F(SqliteLedgerTest, WhileLockedItIsAwayAndCatchesUpAfterwards) {
  Stream stream(21);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(stream.take(50)));
  const ledger_contract::Expected before = stream.expected();
  auto missed = stream.take(70);
  {
    auto holder = other_connection();
    auto lock = sqlite::Transaction::begin(holder, sqlite::Lock::write);
    ASSERT_TRUE(lock);
    for (int i = 0; i < 3; ++i) {
      const auto away = ledger->project(missed);
      ASSERT_FALSE(away);
      EXPECT_EQ(away.error().kind, StoreErrorKind::away);
      EXPECT_EQ(away.error().retry, Retry::after);
    }
    expect_all(*ledger, before);  // queries answer meanwhile
  }
  const auto later = stream.take(30);
  missed.insert(missed.end(), later.begin(), later.end());
  ASSERT_TRUE(ledger->project(missed));
  EXPECT_EQ(*ledger->applied_seq(), 150U);
  expect_all(*ledger, stream.expected());
}

TEST_F(SqliteLedgerTest, ADatabaseInMemoryWorksToo) {
  options_.path = ":memory:";
  Stream stream(22);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(stream.take(200)));
  expect_all(*ledger, stream.expected());
}

TEST_F(SqliteLedgerTest, ShardsCountTheirSequencesApart) {
  Stream stream(23);
  const auto frames = stream.take(40);
  ASSERT_TRUE(open()->project(frames));
  options_.shard = 1;
  EXPECT_EQ(*open()->applied_seq(), 0U);
}

TEST_F(SqliteLedgerTest, DamagedRowsAreCorruptNotInvented) {
  Stream stream(24);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(stream.take(200)));
  ASSERT_TRUE(other_connection().exec(
      "PRAGMA ignore_check_constraints = ON; UPDATE balances SET amount = '12,5'; UPDATE orders SET state = 'lost'; UPDATE instruments SET body = x'00'"));
  EXPECT_EQ(ledger->balances(std::nullopt).error().kind, StoreErrorKind::corrupt);
  EXPECT_EQ(ledger->orders(std::nullopt, 5).error().kind, StoreErrorKind::corrupt);
  EXPECT_EQ(ledger->instruments().error().kind, StoreErrorKind::corrupt);
}

// A child projects in random batches until it is killed at a random moment; the next one goes on from applied_seq(). Each frame counts once.
TEST_F(SqliteLedgerTest, KillMinusNineAppliesEachFrameOnce) {
  Stream stream(25);
  const auto frames = stream.take(1500);
  Xoshiro256pp random(99);
  for (int round = 0; round < 10; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::uint64_t batch_seed = random.next();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto ledger = open_sqlite_ledger(options_);
      if (!ledger) ::_exit(1);
      Xoshiro256pp sizes(batch_seed);
      std::uint64_t at = *(*ledger)->applied_seq();
      while (at < frames.size()) {
        const auto count = std::min<std::uint64_t>(1 + sizes.below(20), frames.size() - at);
        if (!(*ledger)->project(std::span(frames).subspan(at, count))) ::_exit(2);
        at += count;
        if (::write(ends[1], "x", 1) != 1) ::_exit(3);
      }
      ::close(ends[1]);  // done before it was killed: the parent must not wait for more
      ::pause();
    }
    ::close(ends[1]);
    char byte = 0;
    for (std::uint64_t i = random.below(12); i > 0 && ::read(ends[0], &byte, 1) == 1;) --i;
    ::usleep(static_cast<useconds_t>(random.below(3000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    ::close(ends[0]);
  }
  const auto ledger = open();
  EXPECT_GT(*ledger->applied_seq(), 0U);
  ASSERT_TRUE(ledger->project(frames));
  expect_all(*ledger, stream.expected());
}

}  // namespace
}  // namespace prom
