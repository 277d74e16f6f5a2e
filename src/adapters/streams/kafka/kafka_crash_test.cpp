// The real Kafka killed with -9, readers killed with -9, a group that is shared out anew under load: every event once by its id, those of a key in order.
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "adapters/streams/kafka/kafka_server_test_support.h"
#include "ports/event_stream_contract_events.h"

extern char** environ;  // POSIX declares it nowhere

namespace prom {
namespace {

using event_stream_contract::event_of;
using event_stream_contract::kPatience;
using event_stream_contract::read_until;
using namespace std::chrono_literals;

constexpr const char* kChildPrefix = "PROM_KAFKA_CHILD_PREFIX";
constexpr const char* kChildFile = "PROM_KAFKA_CHILD_FILE";

struct KafkaCrash : testing::Test {
  void SetUp() override {
    if (!kafka_test::there()) GTEST_SKIP() << kafka_test::servers().why_not("kafka");
  }
  kafka_test::Ground ground;
};

/// What a reader saw, repeats told apart by the event's id.
struct Seen {
  void note(const StreamEvent& event) {
    ++times;
    if (ids.insert(event.id).second) by_key[event.key].push_back(event.id);
  }
  std::set<std::string> ids;
  std::map<std::string, std::vector<std::string>> by_key;
  std::size_t times = 0;
};
void expect_in_order(const Seen& seen, const std::string& key, int count) {
  std::vector<std::string> wanted;
  for (int number = 0; number < count; ++number) wanted.push_back(key + "-" + std::to_string(number));
  EXPECT_EQ(seen.by_key.contains(key) ? seen.by_key.at(key) : std::vector<std::string>{}, wanted) << key;
}

TEST_F(KafkaCrash, EventsInFlightWhenTheBrokerIsKilledAreDeliveredOnceAndInOrder) {
  std::atomic<std::uint64_t> failed = 0;
  const auto producer = ground.producer([&](const Delivery& delivery) { failed += delivery.failed ? 1U : 0U; });
  ASSERT_TRUE(producer);
  constexpr int kKeys = 8;
  std::atomic<bool> stop = false;
  int published = 0;
  {
    // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
    std::jthread publisher([&] {
      while (!stop) {
        for (int key = 0; key < kKeys; ++key) {
          const StreamEvent event = event_of("user-" + std::to_string(key), published);
          while (producer->publish(event) == PublishResult::full) std::this_thread::sleep_for(1ms);
        }
        ++published;
        std::this_thread::sleep_for(1ms);
      }
    });
    for (int round = 0; round < 2; ++round) {
      std::this_thread::sleep_for(300ms);
      EXPECT_EQ(kafka_test::servers().command("kill kafka"), 0);
      std::this_thread::sleep_for(200ms);
      for (int i = 0; i < 2'000 && producer->counters().waiting == 0; ++i) std::this_thread::sleep_for(5ms);
      EXPECT_GT(producer->counters().waiting, 0U) << "some are in flight";
      EXPECT_EQ(kafka_test::servers().command("up kafka"), 0);
    }
    std::this_thread::sleep_for(300ms);
    stop = true;
  }
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto all = static_cast<std::size_t>(published) * kKeys;
  EXPECT_EQ(producer->counters().delivered, all);
  EXPECT_EQ(failed, 0U);
  Seen seen;
  const auto reader = ground.consumer("readers");
  ASSERT_TRUE(reader);
  read_until(*reader, [&] { return seen.ids.size() >= all; }, [&](const StreamRecord& record) { seen.note(record.event); });
  while (const auto more = reader->poll({500 * kMillisecond.ns})) {
    if (!*more) break;
    seen.note((*more)->event);
  }
  EXPECT_EQ(seen.ids.size(), all);
  EXPECT_EQ(seen.times, all) << "the producer is idempotent: no event is stored twice";
  for (int key = 0; key < kKeys; ++key) expect_in_order(seen, "user-" + std::to_string(key), published);
}

TEST_F(KafkaCrash, AReaderGoesOnFromItsCommitAfterTheBrokerWasKilled) {
  const auto producer = ground.producer({});
  ASSERT_TRUE(producer);
  for (int number = 0; number < 20; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto reader = ground.consumer("readers");
  ASSERT_TRUE(reader);
  Seen seen;
  const auto visit = [&](const StreamRecord& record) {
    seen.note(record.event);
    // While the broker is away a commit fails; the next one covers it.
    [[maybe_unused]] const auto tried = reader->commit(record.at);
  };
  read_until(*reader, [&] { return seen.ids.size() >= 10; }, visit);
  ASSERT_EQ(kafka_test::servers().command("kill kafka"), 0);
  ASSERT_EQ(kafka_test::servers().command("up kafka"), 0);
  for (int number = 20; number < 30; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  read_until(*reader, [&] { return seen.ids.size() >= 30; }, visit);
  expect_in_order(seen, "a", 30);
  std::int64_t lag = -1;
  read_until(
      *reader,
      [&] {
        const auto lags = reader->lag();
        if (lags) {
          lag = 0;
          for (const PartitionLag& partition : *lags) lag += partition.lag();
        }
        return lag == 0;
      },
      visit);
}

/// The effect of an event is a line in a file.
std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

/// In a process that the test below starts, before any test: takes effect for five events, commits but the last, and is killed.
class ChildLife final : public testing::Environment {
  void SetUp() override {
    const char* prefix = std::getenv(kChildPrefix);
    const char* file = std::getenv(kChildFile);
    if (prefix == nullptr || file == nullptr) return;
    auto reader = open_kafka_consumer(kafka_test::options(prefix), {"readers", {Topic::orders_filled}, 3, {}});
    ASSERT_TRUE(reader) << reader.error().detail;
    int done = 0;
    read_until(
        **reader, [] { return false; },
        [&](const StreamRecord& record) {
          std::ofstream(file, std::ios::app) << record.event.id << std::endl;
          if (++done == 5) ::kill(::getpid(), SIGKILL);
          EXPECT_TRUE((*reader)->commit(record.at));
        });
  }
};
const testing::Environment* const kChildLife = testing::AddGlobalTestEnvironment(new ChildLife);

TEST_F(KafkaCrash, AReaderKilledBetweenEffectAndCommitReadsAgain) {
  const auto producer = ground.producer({});
  ASSERT_TRUE(producer);
  for (int number = 0; number < 12; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto file = std::filesystem::temp_directory_path() / ("prom_kafka_effects_" + ground.given.prefix + "txt");
  std::filesystem::remove(file);
  ::setenv(kChildPrefix, ground.given.prefix.c_str(), 1);
  ::setenv(kChildFile, file.c_str(), 1);
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string filter = "--gtest_filter=KafkaTopics.*";
  char* arguments[] = {self.data(), filter.data(), nullptr};
  for (int life = 0; life < 2; ++life) {
    pid_t child = 0;
    ASSERT_EQ(::posix_spawn(&child, self.c_str(), nullptr, nullptr, arguments, environ), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it reached its fifth effect";
  }
  ::unsetenv(kChildPrefix);
  ::unsetenv(kChildFile);
  Seen seen;
  for (const std::string& id : lines_of(file)) seen.note({Topic::orders_filled, "a", 1, id, {}, {}});
  EXPECT_EQ(seen.times, 10U);
  EXPECT_EQ(seen.ids.size(), 9U) << "the event whose commit did not come was read again by the next one";
  const auto reader = ground.consumer("readers");
  ASSERT_TRUE(reader);
  read_until(*reader, [&] { return seen.ids.size() >= 12; }, [&](const StreamRecord& record) { seen.note(record.event); });
  EXPECT_EQ(seen.times, 14U);
  expect_in_order(seen, "a", 12);
  std::filesystem::remove(file);
}

/// For events without an effect: where they lie, if they lie anywhere, beside what the group has committed there.
std::string where_are_the_others(const kafka_test::Ground& ground, const std::set<std::string>& effects, StreamConsumer& last, std::size_t all) {
  std::string out;
  if (const auto lags = last.lag()) {
    for (const PartitionLag& lag : *lags)
      out += "partition " + std::to_string(lag.partition.partition) + " committed " + std::to_string(lag.committed) + " of " + std::to_string(lag.end) + "\n";
  }
  const auto witness = ground.consumer("witness");
  if (!witness || effects.size() == all) return out;
  std::set<std::string> seen;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (seen.size() < all && std::chrono::steady_clock::now() < end) {
    const auto record = witness->poll({50 * kMillisecond.ns});
    if (!record || !*record) continue;
    seen.insert((*record)->event.id);
    if (!effects.contains((*record)->event.id)) out += (*record)->event.id + " lies at " + to_text((*record)->at) + "\n";
  }
  return out + std::to_string(seen.size()) + " events lie in the topic";
}

TEST_F(KafkaCrash, ReadersThatComeAndGoUnderLoadLoseNothing) {
  const auto producer = ground.producer({});
  ASSERT_TRUE(producer);
  constexpr int kKeys = 24, kEach = 60;
  std::mutex mutex;
  std::set<std::string> effects;
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> skipped = 0;
  // Each has its own life: commits every third effect and what it has when a partition is taken; some end without a word.
  const auto live = [&](int lives) {
    for (int life = 0; life < lives && !stop; ++life) {
      std::map<StreamPartition, StreamPosition> done;
      const auto reader = ground.consumer("sharing", [&](const Rebalance& change, StreamConsumer& self) {
        for (const StreamPartition& partition : change.partitions) {
          const auto found = done.find(partition);
          if (found == done.end()) continue;
          if (change.kind == Rebalance::Kind::revoked) {
            [[maybe_unused]] const auto tried = self.commit(found->second);
          }
          done.erase(found);
        }
      });
      if (!reader) return;
      for (int effect = 0; effect < 150 && !stop;) {
        const auto record = reader->poll({50 * kMillisecond.ns});
        if (!record || !*record) continue;
        {
          const std::lock_guard lock(mutex);
          effects.insert((*record)->event.id);
        }
        const StreamPosition at = (*record)->at;
        done[{at.topic, at.partition}] = at;
        if (++effect % 3 == 0) {
          [[maybe_unused]] const auto tried = reader->commit(at);
        }
      }
      skipped += reader->counters().skipped;
      if (life % 2 == 0) EXPECT_TRUE(reader->close());
    }
  };
  constexpr std::size_t kAll = std::size_t{kKeys} * kEach;
  {
    // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
    std::vector<std::jthread> readers;
    for (int i = 0; i < 2; ++i) readers.emplace_back([&] { live(1'000); });
    for (int number = 0; number < kEach; ++number) {
      for (int key = 0; key < kKeys; ++key) ASSERT_EQ(producer->publish(event_of("user-" + std::to_string(key), number)), PublishResult::accepted);
      std::this_thread::sleep_for(20ms);
    }
    ASSERT_EQ(producer->flush(kPatience), 0U);
    EXPECT_EQ(producer->counters().delivered, kAll);
    const auto end = std::chrono::steady_clock::now() + 30s;
    const auto all_came = [&] {
      const std::lock_guard lock(mutex);
      return effects.size() == kAll;
    };
    while (!all_came() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(20ms);
    stop = true;
  }
  // What none of them has committed comes to the next one.
  const auto last = ground.consumer("sharing", {});
  ASSERT_TRUE(last);
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (effects.size() < kAll && std::chrono::steady_clock::now() < end) {
    if (const auto record = last->poll({50 * kMillisecond.ns}); record && *record) effects.insert((*record)->event.id);
  }
  EXPECT_EQ(skipped.load(), 0U) << "offsets that were passed over";
  EXPECT_EQ(effects.size(), kAll) << where_are_the_others(ground, effects, *last, kAll);
}

}  // namespace
}  // namespace prom
