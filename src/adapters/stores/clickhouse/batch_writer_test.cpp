// The faults of naive writers, one test each, against a sink that fails as told. No server.
#include "adapters/stores/clickhouse/batch_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "adapters/stores/clickhouse/batch_spill.h"

namespace prom {
namespace {

using namespace std::chrono_literals;

/// A server: keeps one batch of a token, answers as `behave` says. "stored_but_lost" is the answer that never arrives.
struct Server {
  enum class Mood : std::uint8_t { well, away, stored_but_lost, never };
  std::function<Mood(unsigned call, const Batch&)> behave = [](unsigned, const Batch&) { return Mood::well; };
  std::mutex mutex;
  unsigned calls = 0;
  std::set<std::string> tokens;
  std::map<std::string, std::string> bytes_of_token;
  std::string stored;  ///< all rows in the order in which they arrived
  bool same_bytes = true;

  StoreResult<void> insert(const Batch& batch) {
    const std::lock_guard lock(mutex);
    const Mood mood = behave(++calls, batch);
    if (const auto [seen, fresh] = bytes_of_token.emplace(batch.token, batch.bytes); !fresh) same_bytes = same_bytes && seen->second == batch.bytes;
    if (mood == Mood::away) return err(StoreError{StoreErrorKind::away, Retry::after, "the server is away", ""});
    if (mood == Mood::never) return err(StoreError{StoreErrorKind::conflict, Retry::never, "refuses the rows", ""});
    if (tokens.insert(batch.token).second) stored += batch.bytes;
    if (mood == Mood::stored_but_lost) return err(StoreError{StoreErrorKind::away, Retry::in_doubt, "did not answer", ""});
    return {};
  }
  std::string all() {
    const std::lock_guard lock(mutex);
    return stored;
  }
};
using Mood = Server::Mood;

struct Sink final : BatchSink {
  explicit Sink(Server& to) : server(to) {}
  StoreResult<void> insert(const Batch& batch) override { return server.insert(batch); }
  Server& server;
};

struct BatchWriterTest : testing::Test {
  void SetUp() override {
    static int serial = 0;
    options.spill = std::filesystem::temp_directory_path() / ("prom_spill_" + std::to_string(::getpid()) + "_" + std::to_string(++serial));
    options.interval = 1h;
    options.pause = 1ms;
  }
  void TearDown() override { std::filesystem::remove_all(options.spill); }
  std::unique_ptr<BatchWriter> open() {
    auto writer = open_batch_writer(std::make_unique<Sink>(server), {{"t", "c"}, {"u", "c"}}, options);
    EXPECT_TRUE(writer) << writer.error().detail;
    return writer ? *std::move(writer) : nullptr;
  }
  Server server;
  BatchWriterOptions options;
};

std::string row(int number) {
  char out[9];
  std::snprintf(out, sizeof out, "%07d;", number);
  return out;
}
std::string rows(int first, int count) {
  std::string out;
  for (int i = first; i < first + count; ++i) out += row(i);
  return out;
}

TEST_F(BatchWriterTest, rows_arrive_once_and_in_order) {
  auto writer = open();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(writer->push(0, row(i), 1));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(server.all(), rows(0, 1000));
  EXPECT_EQ(writer->counters().stored, 1000U);
  EXPECT_EQ(writer->counters().memory, 0U);
}

TEST_F(BatchWriterTest, a_batch_goes_by_rows_by_bytes_and_by_interval) {
  options.rows = 10;
  auto by_rows = open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(by_rows->push(0, row(i), 1));
  while (by_rows->counters().stored < 10) std::this_thread::yield();
  by_rows.reset();
  options.rows = 1'000'000;
  options.bytes = 80;
  auto by_bytes = open();
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(by_bytes->push(0, row(i), 1));
  while (by_bytes->counters().stored < 10) std::this_thread::yield();
  by_bytes.reset();
  options.bytes = 1 << 20;
  options.interval = 1ms;
  auto by_interval = open();
  ASSERT_TRUE(by_interval->push(0, row(1), 1));
  while (by_interval->counters().stored < 1) std::this_thread::yield();
}

TEST_F(BatchWriterTest, a_buffer_is_not_reused_while_its_batch_is_under_way) {
  std::atomic<bool> inside = false;
  std::atomic<bool> go_on = false;
  server.behave = [&](unsigned call, const Batch&) {
    if (call == 1) {
      inside = true;
      while (!go_on) std::this_thread::yield();
    }
    return Mood::well;
  };
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 100), 100));
  std::thread flusher([&] { [[maybe_unused]] const auto flushed = writer->flush(); });
  while (!inside) std::this_thread::yield();
  for (int i = 100; i < 5'000; ++i) ASSERT_TRUE(writer->push(0, row(i), 1));
  go_on = true;
  flusher.join();
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(server.all(), rows(0, 5'000));
}

TEST_F(BatchWriterTest, a_retry_neither_adds_again_nor_changes_the_order) {
  server.behave = [](unsigned call, const Batch&) { return call % 3 == 1 ? Mood::stored_but_lost : call % 3 == 2 ? Mood::away : Mood::well; };
  auto writer = open();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(writer->push(0, rows(i * 10, 10), 10));
    ASSERT_TRUE(writer->flush());
  }
  EXPECT_EQ(server.all(), rows(0, 500));
  EXPECT_TRUE(server.same_bytes) << "one token, one content";
  EXPECT_EQ(writer->counters().failures, 100U) << "every failure is counted";
}

TEST_F(BatchWriterTest, what_the_server_does_not_take_is_spilled_and_drained_before_newer_rows) {
  std::atomic<bool> away = true;
  server.behave = [&](unsigned, const Batch&) { return away ? Mood::stored_but_lost : Mood::well; };
  auto writer = open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(writer->push(0, rows(i * 10, 10), 10));
    const auto flushed = writer->flush();
    ASSERT_FALSE(flushed) << "the caller hears of it";
    EXPECT_NE(flushed.error().detail.find("did not answer"), std::string::npos);
  }
  EXPECT_EQ(writer->counters().spilled, 50U);
  EXPECT_EQ(writer->counters().memory, 0U) << "on disk, not in memory";
  away = false;
  ASSERT_TRUE(writer->push(0, rows(50, 10), 10));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(server.all(), rows(0, 60));
  EXPECT_TRUE(server.same_bytes);
  EXPECT_EQ(writer->counters().stored, 60U);
  EXPECT_EQ(writer->counters().spill_batches, 0U);
}

TEST_F(BatchWriterTest, a_timers_failure_is_not_swallowed) {
  options.interval = 1ms;
  server.behave = [](unsigned, const Batch&) { return Mood::away; };
  auto writer = open();
  ASSERT_TRUE(writer->push(0, row(1), 1));
  while (writer->counters().failures == 0) std::this_thread::yield();
  EXPECT_EQ(writer->last_error().detail, "the server is away");
  EXPECT_FALSE(writer->flush());
}

TEST_F(BatchWriterTest, closing_sends_what_is_there_and_closing_twice_is_the_same) {
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 10), 10));
  ASSERT_TRUE(writer->push(1, rows(10, 10), 10));
  for (int i = 0; i < 2; ++i) {
    const BatchClosed closed = writer->close();
    EXPECT_EQ(closed.rows_in_spill + closed.rows_lost, 0U);
    EXPECT_EQ(closed.why, "");
  }
  EXPECT_EQ(server.all().size(), 160U);
}

TEST_F(BatchWriterTest, closing_on_several_threads_ends_once) {
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 10), 10));
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_EQ(writer->close().rows_lost, 0U); });
  }
  EXPECT_EQ(server.all(), rows(0, 10));
}

TEST_F(BatchWriterTest, rows_after_closing_are_refused_and_counted) {
  auto writer = open();
  writer->close();
  const auto late = writer->push(0, rows(0, 3), 3);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, StoreErrorKind::bad_argument);
  EXPECT_FALSE(writer->flush());
  EXPECT_EQ(writer->counters().refused, 3U);
  EXPECT_EQ(server.all(), "");
}

TEST_F(BatchWriterTest, what_close_could_not_send_is_told_and_sent_by_the_next_writer) {
  server.behave = [](unsigned, const Batch&) { return Mood::stored_but_lost; };
  {
    auto writer = open();
    ASSERT_TRUE(writer->push(0, rows(0, 10), 10));
    const BatchClosed closed = writer->close();
    EXPECT_EQ(closed.rows_in_spill, 10U);
    EXPECT_EQ(closed.rows_lost, 0U);
    EXPECT_EQ(closed.why, "did not answer");
  }
  server.behave = [](unsigned, const Batch&) { return Mood::well; };
  auto next = open();
  EXPECT_EQ(next->counters().spill_batches, 1U);
  ASSERT_TRUE(next->push(0, rows(10, 10), 10));
  ASSERT_TRUE(next->flush());
  EXPECT_EQ(server.all(), rows(0, 20)) << "once, although the first sending had arrived";
}

TEST_F(BatchWriterTest, closing_does_not_wait_for_a_long_spill_and_leaves_it_in_order_for_the_next_writer) {
  std::atomic<bool> away = true;
  server.behave = [&](unsigned, const Batch&) { return away ? Mood::away : Mood::well; };
  {
    auto writer = open();
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(writer->push(0, rows(i * 10, 10), 10));
      ASSERT_FALSE(writer->flush());
    }
  }
  away = false;
  options.last_drain = 0ms;
  {
    auto writer = open();
    ASSERT_TRUE(writer->push(0, rows(50, 10), 10));
    const BatchClosed closed = writer->close();
    EXPECT_EQ(closed.rows_in_spill, 10U) << "behind what lies there";
    EXPECT_EQ(closed.rows_lost, 0U);
    EXPECT_EQ(writer->counters().spill_batches, 6U);
    EXPECT_EQ(server.all(), "");
  }
  options.last_drain = 1min;
  EXPECT_EQ(open()->close().rows_in_spill, 0U);
  EXPECT_EQ(server.all(), rows(0, 60));
}

TEST_F(BatchWriterTest, memory_is_bounded_and_refusing_is_visible) {
  options.memory = 800;
  options.when_full = WhenFull::refuse;
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 100), 100));
  const auto refused = writer->push(0, row(100), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::full);
  EXPECT_EQ(writer->counters().refused, 1U);
  ASSERT_TRUE(writer->flush());
  ASSERT_TRUE(writer->push(0, row(100), 1));
  EXPECT_FALSE(writer->push(0, rows(0, 101), 101)) << "larger than the bound by itself";
}

TEST_F(BatchWriterTest, blocked_producers_lose_and_double_nothing) {
  options.memory = 400;
  options.rows = 20;
  server.behave = [](unsigned call, const Batch&) { return call % 5 == 2 ? Mood::stored_but_lost : Mood::well; };
  auto writer = open();
  {
    std::vector<std::jthread> producers;
    for (int p = 0; p < 4; ++p) {
      producers.emplace_back([&, p] {
        for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(writer->push(p % 2, row(p * 10'000 + i), 1));
      });
    }
  }
  ASSERT_TRUE(writer->flush());
  const std::string all = server.all();
  ASSERT_EQ(all.size(), 8U * 8'000);
  std::map<int, int> last;
  for (std::size_t at = 0; at < all.size(); at += 8) {
    const int number = std::stoi(all.substr(at, 7));
    const int producer = number / 10'000;
    ASSERT_EQ(number % 10'000, last[producer]++) << "each producer's rows once and in their order";
  }
}

TEST_F(BatchWriterTest, a_producer_that_waits_for_room_is_let_go_by_closing) {
  options.memory = 80;
  options.spill_bytes = 1;  // no room on disk either
  server.behave = [](unsigned, const Batch&) { return Mood::away; };
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 10), 10));
  std::thread producer([&] { EXPECT_FALSE(writer->push(0, row(10), 1)); });
  while (writer->counters().failures < 4) std::this_thread::yield();
  const BatchClosed closed = writer->close();
  producer.join();
  EXPECT_EQ(closed.rows_lost, 10U) << "told, when neither server nor disk takes them";
  EXPECT_FALSE(closed.why.empty());
}

TEST_F(BatchWriterTest, rows_that_the_server_will_never_take_are_set_aside_and_do_not_stop_the_rest) {
  server.behave = [](unsigned, const Batch& batch) { return batch.bytes.starts_with(row(0)) ? Mood::never : Mood::well; };
  auto writer = open();
  ASSERT_TRUE(writer->push(0, rows(0, 10), 10));
  [[maybe_unused]] const auto flushed = writer->flush();
  ASSERT_TRUE(writer->push(0, rows(10, 10), 10));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(server.all(), rows(10, 10));
  EXPECT_EQ(writer->counters().set_aside, 10U);
  int kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(options.spill)) kept += entry.path().extension() == ".refused" ? 1 : 0;
  EXPECT_EQ(kept, 1);
}

TEST_F(BatchWriterTest, a_spill_has_one_owner) {
  auto writer = open();
  const auto second = open_batch_writer(std::make_unique<Sink>(server), {}, options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, StoreErrorKind::conflict);
}

TEST_F(BatchWriterTest, every_flipped_or_missing_byte_of_a_spilled_batch_is_noticed_and_the_rest_still_drains) {
  const Batch batch{"t", "c", "token", 1, row(1)};
  {
    auto spill = BatchSpill::open(options.spill, 1 << 20);
    ASSERT_TRUE(spill && spill->append(batch));
  }
  const auto path = options.spill / "0000000000000001.spill";
  std::ifstream in(path, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto verdict = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    return BatchSpill::open(options.spill, 1 << 20)->front();
  };
  EXPECT_EQ(verdict(good)->bytes, batch.bytes);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= 4;
    EXPECT_FALSE(verdict(bad)) << "flipped at " << at;
    EXPECT_FALSE(verdict(good.substr(0, at))) << "cut at " << at;
  }
  std::string bad = good;
  bad.back() ^= 1;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bad;
  auto writer = open();
  ASSERT_TRUE(writer->push(0, row(2), 1));
  ASSERT_TRUE(writer->flush());
  EXPECT_EQ(writer->counters().damaged, 1U);
  EXPECT_EQ(writer->last_error().kind, StoreErrorKind::corrupt);
  EXPECT_EQ(server.all(), row(2));
}

}  // namespace
}  // namespace prom
