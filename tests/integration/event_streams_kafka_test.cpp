// A whole run beside its publisher, into the real Kafka, which is killed with -9 meanwhile: the engine does not notice, and the topics hold the run once by id.
#include <atomic>
#include <thread>

#include "adapters/streams/kafka/kafka_server_test_support.h"
#include "event_streams_run.h"

namespace prom {
namespace {

using namespace event_streams;

TEST(EventStreamsOnKafka, ARunIsPublishedWholeThroughAKillOfTheBroker) {
  if (!kafka_test::there()) GTEST_SKIP() << kafka_test::servers().why_not("kafka");
  const Folder folder;
  const kafka_test::Ground ground;
  std::vector<Topic> topics = kPublished;
  topics.push_back(Topic::dead_letters);
  ASSERT_TRUE(kafka::prepare_topics(ground.given, topics));
  const auto reader = open_journal_reader(folder.path());
  // A queue of a few events, so that the kill finds the publisher at work.
  KafkaOptions given = ground.given;
  given.queue_events = 50;
  given.timeout = std::chrono::milliseconds(1'000);
  StreamPublisher publisher(*reader, [&](OnDelivery told) { return open_kafka_producer(given, kPublished, std::move(told)); }, {.run = "wave"});
  ASSERT_EQ(kafka_test::servers().command("kill kafka"), 0);
  run_market(folder.path(), publisher);  // to its end, with the broker away from the start
  const Wanted wanted = wanted_of(folder.path());
  EXPECT_LT(publisher.status().published, wanted.last);
  ASSERT_EQ(kafka_test::servers().command("up kafka"), 0);
  const auto delivered = [&](std::uint64_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (publisher.status().published < count && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  delivered(1);
  ASSERT_EQ(kafka_test::servers().command("kill kafka"), 0);
  ASSERT_EQ(kafka_test::servers().command("up kafka"), 0);
  delivered(wanted.last);
  const auto status = publisher.finish(kMinute);
  EXPECT_EQ(status.published, wanted.last) << status.why;
  EXPECT_EQ(status.lost, 0U);
  auto consumer = open_kafka_consumer(ground.given, {"all", kPublished, 3, {}});
  ASSERT_TRUE(consumer) << consumer.error().detail;
  expect_whole(read_all(**consumer, total(wanted)), wanted);
}

}  // namespace
}  // namespace prom
