// The contract on SQLite, and what is SQLite's own: refusals at the door, readers beside a writer.
#include "adapters/stores/sqlite_market/market_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "io/sqlite/database.h"
#include "ports/market_store_contract.h"

namespace prom {
namespace {

INSTANTIATE_TEST_SUITE_P(Sqlite, MarketStoreContract,
                         testing::Values(MarketStoreCase{
                             "sqlite", [](const std::filesystem::path& dir) { return open_sqlite_market_store((dir / "market.db").string()); }}),
                         [](const auto& info) { return info.param.name; });

class SqliteMarket : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::temp_directory_path() / ("prom_sqlite_market_" + std::to_string(::getpid()));
    std::filesystem::remove_all(dir_);
    path_ = (dir_ / "market.db").string();
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  std::filesystem::path dir_;
  std::string path_;
};

TEST_F(SqliteMarket, NewerDatabaseIsRefusedInOneSentence) {
  ASSERT_TRUE(open_sqlite_market_store(path_));
  {
    auto raw = sqlite::Database::open(path_, {});
    ASSERT_TRUE(raw);
    ASSERT_TRUE(raw->exec("INSERT INTO schema_version(version, name) VALUES(9999, 'future')"));
  }
  const auto refused = open_sqlite_market_store(path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::version);
  EXPECT_NE(refused.error().detail.find("schema version 9999"), std::string::npos);
  EXPECT_FALSE(open_sqlite_market_store(path_, {.access = StoreAccess::read_only}));
}

TEST_F(SqliteMarket, ReadOnlyNeedsAnExistingFileAndCannotPut) {
  const auto missing = open_sqlite_market_store(path_, {.access = StoreAccess::read_only});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, StoreErrorKind::not_found);
  const SeriesKey key{"a:b:c", kMinute};
  auto writer = open_sqlite_market_store(path_);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->put_bars(key, contract_bars(0, 5, TakerSide::unknown), "x"));
  auto reader = open_sqlite_market_store(path_, {.access = StoreAccess::read_only});
  ASSERT_TRUE(reader) << reader.error().detail;
  EXPECT_EQ((*reader)->bars(key, TimeNs{0}, TimeNs{kDay.ns}, 10)->size(), 5u);
  EXPECT_FALSE((*reader)->put_bars(key, contract_bars(5, 5, TakerSide::unknown), "x"));
  ASSERT_TRUE((*writer)->put_bars(key, contract_bars(5, 5, TakerSide::unknown), "x"));
  EXPECT_EQ((*reader)->bars(key, TimeNs{0}, TimeNs{kDay.ns}, 10)->size(), 10u) << "a reader sees what was committed after it opened";
}

TEST_F(SqliteMarket, SecondWriterIsToldToComeBack) {
  auto store = open_sqlite_market_store(path_, {.busy_timeout_ms = 20});
  ASSERT_TRUE(store);
  auto other = sqlite::Database::open(path_, {});
  auto held = sqlite::Transaction::begin(*other);
  ASSERT_TRUE(held);
  const auto refused = (*store)->put_bars({"a:b:c", kMinute}, contract_bars(0, 5, TakerSide::unknown), "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::away);
  EXPECT_EQ(refused.error().retry, Retry::after);
}

TEST_F(SqliteMarket, ScaleThatDoesNotFitChangesNothing) {
  auto store = open_sqlite_market_store(path_);
  const SeriesKey key{"a:b:c", kMinute};
  BarColumns huge = contract_bars(0, 1, TakerSide::unknown, 0);
  huge.volume[0] = 4'000'000'000'000'000'000;
  ASSERT_TRUE((*store)->put_bars(key, huge, "x"));
  BarColumns fine = contract_bars(1, 1, TakerSide::unknown, 0);
  fine.quantity_digits = 9;
  EXPECT_FALSE((*store)->put_bars(key, fine, "y"));
  const auto got = (*store)->bars(key, TimeNs{0}, TimeNs{kDay.ns}, 10);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->size(), 1u);
  EXPECT_EQ(got->volume[0], huge.volume[0]);
}

}  // namespace
}  // namespace prom
