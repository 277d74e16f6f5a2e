// The contract on the real engine, and what is ClickHouse's own: imports over months, roll-ups against the program's own resampling.
#include "adapters/stores/clickhouse/clickhouse_market.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "ports/market_store_contract.h"

namespace prom {
namespace {

using clickhouse_test::OwnDatabase;

StoreResult<std::unique_ptr<MarketStore>> open_for(const std::filesystem::path& dir) {
  PROM_TRY(auto store, open_clickhouse_market_store(clickhouse_test::options_for(dir)));
  return std::unique_ptr<MarketStore>(std::move(store));
}

std::vector<MarketStoreCase> cases() {
  if (!clickhouse_test::why_not().empty()) return {};
  return {MarketStoreCase{"clickhouse", open_for}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MarketStoreContract);
INSTANTIATE_TEST_SUITE_P(ClickHouse, MarketStoreContract, testing::ValuesIn(cases()), [](const auto& info) { return info.param.name; });

struct ClickHouseMarket : testing::Test {
  void SetUp() override {
    if (const std::string why = clickhouse_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    auto opened = open_clickhouse_market_store(database.options());
    ASSERT_TRUE(opened) << opened.error().detail;
    store = *std::move(opened);
  }
  std::size_t stored() { return store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX).value_or(BarColumns{}).size(); }
  OwnDatabase database;
  std::unique_ptr<ClickHouseMarketStore> store;
  const SeriesKey key{"binance:spot:BTCUSDT", kMinute};
};

TEST_F(ClickHouseMarket, an_import_over_months_is_invisible_until_it_is_whole) {
  ASSERT_TRUE(store->put_bars(key, contract_bars(0, 10, TakerSide::known), "first"));
  BarColumns half = contract_bars(5, 90'000, TakerSide::known);
  for (auto& close : half.close) close += 1;
  // What a program that died before its last statement leaves behind.
  std::string rows;
  clickhouse::append_bars(rows, key, half, "dead", 77);
  auto link = clickhouse::Link::open(database.options());
  ASSERT_TRUE(link) << link.error().detail;
  const auto half_done = link->insert(clickhouse::kBarTable, clickhouse::kBarColumns, rows, "");
  ASSERT_TRUE(half_done) << half_done.error().detail;
  EXPECT_EQ(stored(), 10U);
  EXPECT_EQ(store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 99)->close[5], 10'005) << "nothing of it replaces";
  EXPECT_EQ(store->series()->at(0).origin, "first");
  EXPECT_EQ(store->series()->at(0).bars, 10U);
  database.ask("OPTIMIZE TABLE ohlcv FINAL");
  EXPECT_EQ(store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 99)->close[5], 10'005) << "not by merging either";
  ASSERT_TRUE(store->put_bars(key, half, "again"));
  EXPECT_EQ(stored(), 90'005U);
  EXPECT_EQ(store->bars(key, TimeNs{0}, TimeNs{10 * kMinute.ns}, 99)->close[5], 10'006);
}

TEST_F(ClickHouseMarket, roll_ups_are_the_programs_own_resampling_also_when_bars_are_sent_again) {
  ASSERT_TRUE(store->put_bars(key, contract_bars(0, 2'000, TakerSide::known), "a"));
  const auto again = store->put_bars(key, contract_bars(1'500, 1'600, TakerSide::known), "b");
  ASSERT_TRUE(again) << again.error().detail;
  ASSERT_TRUE(store->put_bars(key, contract_bars(3'110, 50, TakerSide::unknown, 4), "finer, and after a gap"));
  const auto all = store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
  ASSERT_TRUE(all);
  for (const DurationNs interval : {5 * kMinute, 15 * kMinute, kHour, 4 * kHour, kDay}) {
    const BarColumns& source = *all;
    // resample() is given what the store knows about the takers of each stretch: here the first 3,100 minutes.
    const auto known = store->bars(key, TimeNs{0}, TimeNs{3'100 * kMinute.ns}, UINT64_MAX);
    ASSERT_TRUE(known);
    const BarColumns expected = resample(source, interval);
    const auto got = store->rolled_up(key.instrument, interval, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->open_time_ns, expected.open_time_ns) << interval.ns;
    EXPECT_EQ(got->open, expected.open);
    EXPECT_EQ(got->high, expected.high);
    EXPECT_EQ(got->low, expected.low);
    EXPECT_EQ(got->close, expected.close);
    EXPECT_EQ(got->volume, expected.volume) << "a bar sent twice counts once";
    const auto taker = store->rolled_up(key.instrument, interval, TimeNs{0}, TimeNs{2'880 * kMinute.ns}, UINT64_MAX);
    const auto first = store->bars(key, TimeNs{0}, TimeNs{2'880 * kMinute.ns}, UINT64_MAX);
    EXPECT_EQ(taker->taker_buy_volume, resample(*first, interval).taker_buy_volume);
  }
  EXPECT_FALSE(store->rolled_up(key.instrument, kMinute, TimeNs{0}, TimeNs{1}, 1));
}

TEST_F(ClickHouseMarket, the_newest_bars_are_right_whatever_the_summary_of_the_series_says) {
  ASSERT_TRUE(store->put_bars(key, contract_bars(0, 40'000, TakerSide::known), "a"));
  ASSERT_TRUE(store->put_bars(key, contract_bars(60'000, 500, TakerSide::known, 4), "b"));
  EXPECT_EQ(database.ask("SELECT max(price_digits), max(quantity_digits), toUnixTimestamp(max(open_time)) FROM ohlcv_series"), "4\t3\t3629940");
  const auto expect_newest = [&](std::string_view when) {
    const auto opened = open_clickhouse_market_store(database.options());  // one that knows nothing yet
    ASSERT_TRUE(opened) << when;
    ClickHouseMarketStore* const store = opened->get();
    const auto all = store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
    ASSERT_TRUE(all) << when << ": " << all.error().detail;
    ASSERT_EQ(all->size(), 40'500U) << when;
    for (const std::uint64_t limit : {1, 500, 700, 2'000}) {
      const auto newest = store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, limit);
      ASSERT_TRUE(newest) << when;
      EXPECT_EQ(newest->open_time_ns, std::vector<std::int64_t>(all->open_time_ns.end() - static_cast<std::ptrdiff_t>(limit), all->open_time_ns.end())) << when;
      EXPECT_EQ(newest->close, std::vector<std::int64_t>(all->close.end() - static_cast<std::ptrdiff_t>(limit), all->close.end())) << when;
    }
  };
  expect_newest("kept by the server");
  // A server killed between bars and summary.
  database.ask("TRUNCATE TABLE ohlcv_series");
  expect_newest("empty");
  database.ask("INSERT INTO ohlcv_series VALUES ('binance:spot:BTCUSDT', 60000, 0, 2, 3, '1970-01-02 00:00:00')");
  expect_newest("behind");
  database.ask("INSERT INTO ohlcv_series VALUES ('binance:spot:BTCUSDT', 60000, 0, 2, 3, '1999-01-01 00:00:00')");
  expect_newest("ahead");
  // What an older program had stored before there was a summary.
  database.ask("TRUNCATE TABLE ohlcv_series");
  database.ask("ALTER TABLE schema_version DELETE WHERE version >= 4 SETTINGS mutations_sync = 1");
  ASSERT_TRUE(open_clickhouse_market_store(database.options()));
  EXPECT_EQ(database.ask("SELECT max(price_digits), max(quantity_digits), toUnixTimestamp(max(open_time)) FROM ohlcv_series"), "4\t3\t3629940");
}

TEST_F(ClickHouseMarket, what_another_store_puts_or_drops_is_seen_though_the_series_is_known) {
  ASSERT_TRUE(store->put_bars(key, contract_bars(0, 2'000, TakerSide::known), "a"));
  ASSERT_EQ(store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 10)->price_digits, 2);
  const auto other = open_clickhouse_market_store(database.options());
  ASSERT_TRUE(other);
  ASSERT_TRUE((*other)->put_bars(key, contract_bars(2'000, 7, TakerSide::known, 4), "finer"));
  const auto newest = store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 10);
  ASSERT_TRUE(newest) << newest.error().detail;
  EXPECT_EQ(newest->open_time_ns, (*other)->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 10)->open_time_ns);
  EXPECT_EQ(newest->close, (*other)->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 10)->close);
  EXPECT_EQ(newest->price_digits, 4);
  database.ask("TRUNCATE TABLE ohlcv");
  database.ask("TRUNCATE TABLE ohlcv_series");
  const auto none = store->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, 10);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, StoreErrorKind::not_found);
}

TEST_F(ClickHouseMarket, a_scale_that_does_not_fit_is_refused_before_anything_is_stored) {
  BarColumns huge = contract_bars(0, 1, TakerSide::unknown, 0);
  huge.volume[0] = 4'000'000'000'000'000'000;
  ASSERT_TRUE(store->put_bars(key, huge, "x"));
  BarColumns fine = contract_bars(1, 1, TakerSide::unknown, 0);
  fine.quantity_digits = 9;
  const auto refused = store->put_bars(key, fine, "y");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::conflict);
  const auto got = store->bars(key, TimeNs{0}, TimeNs{kDay.ns}, 10);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->volume, huge.volume);
}

TEST_F(ClickHouseMarket, every_table_of_the_product_is_there_and_opening_again_migrates_nothing) {
  for (const char* table : {"ohlcv", "trades", "orderbook_snapshots", "tickers", "funding", "open_interest", "liquidations", "news", "social_sentiment",
                            "options", "macro_events", "onchain"})
    EXPECT_EQ(database.ask("EXISTS " + std::string(table)), "1") << table;
  const std::string before = database.ask("SELECT arraySort(groupArray(name)) FROM schema_version");
  ASSERT_TRUE(open_clickhouse_market_store(database.options()));
  EXPECT_EQ(database.ask("SELECT arraySort(groupArray(name)) FROM schema_version"), before);
}

TEST_F(ClickHouseMarket, quotes_and_tabs_in_names_stay_what_they_are) {
  const SeriesKey odd{"it's\ta \\ name\n\xC3\xA9", kMinute};
  ASSERT_TRUE(store->put_bars(odd, contract_bars(0, 2, TakerSide::unknown), "o'rigin"));
  EXPECT_EQ(store->bars(odd, TimeNs{0}, TimeNs{INT64_MAX}, 9)->size(), 2U);
  EXPECT_EQ(store->series()->at(0).key, odd);
}

}  // namespace
}  // namespace prom
