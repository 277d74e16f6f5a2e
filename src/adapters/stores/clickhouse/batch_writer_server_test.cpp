// The batch writer on the real engine: killed with -9, cut and deaf in the middle of inserts. The table is one that keeps every row it is sent, so that a
// double shows; each row is there once in the end.
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/batch_writer.h"
#include "adapters/stores/clickhouse/clickhouse_market.h"
#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "adapters/stores/clickhouse/row_binary.h"
#include "io/testing/tcp_gate.h"
#include "ports/market_store_contract_bars.h"

namespace prom {
namespace {

using clickhouse_test::OwnDatabase;
using namespace std::chrono_literals;

struct BatchWriterServer : testing::Test {
  void SetUp() override {
    if (const std::string why = clickhouse_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database.ask("CREATE TABLE counted (number Int64, text String) ENGINE = MergeTree ORDER BY number SETTINGS non_replicated_deduplication_window = 1000");
    options.spill = std::filesystem::temp_directory_path() / ("prom_spill_server_" + std::to_string(::getpid()));
    options.rows = 2'000;
    options.interval = 20ms;
    options.pause = 20ms;
  }
  void TearDown() override { std::filesystem::remove_all(options.spill); }
  std::unique_ptr<BatchWriter> open(std::uint16_t port = 0) {
    ClickHouseOptions to = database.options(port);
    to.statement = 1'000ms;
    auto writer = open_batch_writer(clickhouse_sink(std::move(to)), {{"counted", "number, text"}}, options);
    EXPECT_TRUE(writer) << writer.error().detail;
    return writer ? *std::move(writer) : nullptr;
  }
  static void push(BatchWriter& writer, std::int64_t first, std::int64_t count) {
    for (std::int64_t i = first; i < first + count; ++i) {
      std::string row;
      clickhouse::RowWriter(row).i64(i).text("a row\n\nwith an empty line");
      ASSERT_TRUE(writer.push(0, row, 1));
    }
  }
  /// Until everything is stored, however often the server has to be asked.
  static void settle(BatchWriter& writer) {
    for (int i = 0; i < 500 && !writer.flush(); ++i) std::this_thread::sleep_for(20ms);
  }
  void expect_once(std::int64_t count) {
    EXPECT_EQ(database.ask("SELECT count(), uniqExact(number), min(number), max(number) FROM counted"),
              std::to_string(count) + "\t" + std::to_string(count) + "\t0\t" + std::to_string(count - 1));
  }
  OwnDatabase database;
  BatchWriterOptions options;
};

TEST_F(BatchWriterServer, an_answer_that_is_lost_stores_nothing_twice) {
  TcpGate gate(database.options().port);
  auto writer = open(gate.port());
  push(*writer, 0, 100);
  ASSERT_TRUE(writer->flush());
  gate.trap("an empty line", TcpGate::Mode::deaf);
  push(*writer, 100, 100);
  while (writer->counters().failures == 0) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(database.ask("SELECT count() FROM counted"), "200") << "it had arrived: the retry meets its token";
  gate.set(TcpGate::Mode::pass);
  gate.cut_now();
  settle(*writer);
  expect_once(200);
}

TEST_F(BatchWriterServer, cuts_in_the_middle_of_inserts_lose_and_double_nothing) {
  TcpGate gate(database.options().port);
  auto writer = open(gate.port());
  std::int64_t next = 0;
  // On a loaded machine a cut may come before any insert: the rounds go on until one has met one.
  for (int round = 0; round < 9 || (writer->counters().failures == 0 && round < 300); ++round) {
    gate.trap("an empty line", round % 3 == 0 ? TcpGate::Mode::cut : round % 3 == 1 ? TcpGate::Mode::deaf : TcpGate::Mode::half_open);
    push(*writer, next, 5'000);
    next += 5'000;
    std::this_thread::sleep_for(30ms);
    gate.trap("", TcpGate::Mode::pass);  // one that met no insert must not wait for a later one
    gate.set(TcpGate::Mode::pass);
    gate.cut_now();
  }
  settle(*writer);
  expect_once(next);
  EXPECT_GT(writer->counters().failures, 0U) << "no cut met an insert: the test shows nothing";
  EXPECT_EQ(writer->counters().stored, static_cast<std::uint64_t>(next));
}

TEST_F(BatchWriterServer, a_server_killed_in_the_middle_of_inserts_loses_and_doubles_nothing) {
  auto writer = open();
  std::int64_t next = 0;
  for (int round = 0; round < 3; ++round) {
    std::jthread killer([] { EXPECT_EQ(clickhouse_test::servers().command("kill clickhouse"), 0); });
    for (int i = 0; i < 20; ++i, next += 2'000) {
      push(*writer, next, 2'000);
      std::this_thread::sleep_for(5ms);
    }
    killer.join();
    push(*writer, next, 2'000);
    next += 2'000;
    EXPECT_FALSE(writer->flush()) << "nobody is there";
    ASSERT_EQ(clickhouse_test::servers().command("up clickhouse"), 0);
  }
  settle(*writer);
  expect_once(next);
  EXPECT_GT(writer->counters().spilled, 0U);
  EXPECT_EQ(writer->counters().spill_batches, 0U);
}

TEST_F(BatchWriterServer, compressed_rows_are_the_rows_and_a_second_sending_is_kept_once) {
  TcpGate gate(database.options().port);
  ClickHouseOptions to = database.options(gate.port());
  to.statement = 1'000ms;
  to.compression = ClickHouseCompression::lz4;
  auto writer = open_batch_writer(clickhouse_sink(std::move(to)), {{"counted", "number, text"}}, options);
  ASSERT_TRUE(writer) << writer.error().detail;
  push(**writer, 0, 5'000);
  ASSERT_TRUE((*writer)->flush());
  gate.trap("Content-Encoding: lz4", TcpGate::Mode::deaf);
  push(**writer, 5'000, 5'000);
  while ((*writer)->counters().failures == 0) std::this_thread::sleep_for(5ms);
  gate.set(TcpGate::Mode::pass);
  gate.cut_now();
  settle(**writer);
  expect_once(10'000);
  EXPECT_EQ(database.ask("SELECT countIf(text = 'a row\\n\\nwith an empty line') FROM counted"), "10000");
}

TEST_F(BatchWriterServer, bars_by_the_writer_are_the_stores_bars) {
  auto store = open_clickhouse_market_store(database.options());
  ASSERT_TRUE(store) << store.error().detail;
  const SeriesKey key{"binance:spot:BTCUSDT", kMinute};
  const BarColumns bars = contract_bars(0, 3'000, TakerSide::known);
  auto writer = open_batch_writer(clickhouse_sink(database.options()), {{std::string(clickhouse::kBarTable), std::string(clickhouse::kBarColumns)}}, options);
  ASSERT_TRUE(writer);
  std::string rows;
  clickhouse::append_bars(rows, key, bars, "stream", 0);
  ASSERT_TRUE((*writer)->push(0, rows, bars.size()));
  ASSERT_TRUE((*writer)->flush());
  ASSERT_TRUE((*store)->roll_up(key.instrument, TimeNs{0}, TimeNs{bars.open_time_ns.back()}));
  const auto got = (*store)->bars(key, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->open_time_ns, bars.open_time_ns);
  EXPECT_EQ(got->close, bars.close);
  EXPECT_EQ((*store)->rolled_up(key.instrument, kHour, TimeNs{0}, TimeNs{INT64_MAX}, UINT64_MAX)->close, resample(bars, kHour).close);
}

}  // namespace
}  // namespace prom
