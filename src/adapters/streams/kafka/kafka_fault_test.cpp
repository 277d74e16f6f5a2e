// A cluster that errs, is away and comes back: nothing is lost, doubled or out of order, the queue's bound speaks, and what is given up is named.
#include <map>
#include <mutex>

#include "adapters/streams/kafka/kafka_mock_test_support.h"

namespace prom {
namespace {

using event_stream_contract::kPatience;
using kafka_test::event_of;
using kafka_test::MockCluster;
using kafka_test::wait_for;
constexpr DurationNs kSoon{50 * kMillisecond.ns};

struct KafkaFaults : testing::Test {
  std::unique_ptr<StreamProducer> open(const std::function<void(KafkaOptions&)>& change = {}) {
    KafkaOptions given = cluster.options();
    if (change) change(given);
    auto opened = open_kafka_producer(given, {Topic::orders_filled}, [this](const Delivery& delivery) {
      const std::lock_guard lock(mutex);
      told.push_back(delivery);
    });
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<StreamConsumer> reader() {
    auto opened = open_kafka_consumer(cluster.options(), {"readers", {Topic::orders_filled}, 3, {}});
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  /// Every event of `keys` once, in order.
  void expect_stored(const std::vector<std::string>& keys, int each) {
    const auto consumer = reader();
    std::map<std::string, std::vector<std::string>> seen;
    for (const StreamRecord& record : event_stream_contract::read(*consumer, keys.size() * static_cast<std::size_t>(each)))
      seen[record.event.key].push_back(record.event.id);
    for (const std::string& key : keys) {
      std::vector<std::string> wanted;
      for (int number = 0; number < each; ++number) wanted.push_back(key + "-" + std::to_string(number));
      EXPECT_EQ(seen[key], wanted);
    }
    EXPECT_TRUE(event_stream_contract::quiet(*consumer)) << "nothing twice";
  }
  MockCluster cluster;
  std::mutex mutex;
  std::vector<Delivery> told;
};

TEST_F(KafkaFaults, RefusedWritesAreWrittenAgainInOrderAndOnce) {
  const auto producer = open();
  cluster.push_errors(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                              RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE});
  for (int number = 0; number < 50; ++number) {
    for (const char* key : {"a", "b", "c"}) ASSERT_EQ(producer->publish(event_of(key, number)), PublishResult::accepted);
    if (number % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(producer->flush(kPatience), 0U);
  EXPECT_EQ(producer->counters().delivered, 150U);
  expect_stored({"a", "b", "c"}, 50);
}

// A broker takes any batch as the first of a producer that it does not know in a partition. librdkafka concluded from it that the batch before, which had been refused,
// was stored as well, and reported it as delivered.
TEST_F(KafkaFaults, AFirstWriteThatIsRefusedIsNotTakenForStoredBecauseALaterOneWas) {
  for (const rd_kafka_resp_err_t refused : {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT}) {
    MockCluster fresh;
    const auto producer = open([&](KafkaOptions& given) { given = fresh.options(); });
    ASSERT_EQ(producer->publish(event_of("a", 0)), PublishResult::accepted);
    ASSERT_EQ(producer->flush(kPatience), 0U);  // connections and producer id are had; these brokers keep no sequences, so that any batch does for the first
    fresh.slow(std::chrono::milliseconds(40));
    fresh.push_errors(MockCluster::kProduce, {refused});
    for (int number = 1; number < 6; ++number) {
      ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
      std::this_thread::sleep_for(std::chrono::milliseconds(12));  // a batch of its own: they are gathered for 5 ms
    }
    ASSERT_EQ(producer->flush(kPatience), 0U);
    EXPECT_EQ(producer->counters().delivered, 6U);
    fresh.slow(std::chrono::milliseconds(0));
    const auto consumer = open_kafka_consumer(fresh.options(), {"readers", {Topic::orders_filled}, 3, {}});
    ASSERT_TRUE(consumer);
    std::vector<std::string> ids;
    for (const StreamRecord& record : event_stream_contract::read(**consumer, 6)) ids.push_back(record.event.id);
    EXPECT_EQ(ids, (std::vector<std::string>{"a-0", "a-1", "a-2", "a-3", "a-4", "a-5"})) << rd_kafka_err2name(refused);
  }
}

TEST_F(KafkaFaults, AwayTheQueueFillsAndSaysSoAndNothingIsLostWhenItIsBack) {
  const auto producer = open([](KafkaOptions& given) { given.queue_events = 100; });
  cluster.all_down();
  wait_for([&] { return producer->health().has_value(); });
  EXPECT_EQ(producer->health()->kind, StoreErrorKind::away);
  for (int number = 0; number < 50; ++number) {
    for (const char* key : {"a", "b"}) ASSERT_EQ(producer->publish(event_of(key, number)), PublishResult::accepted);
  }
  EXPECT_EQ(producer->publish(event_of("a", 50)), PublishResult::full);
  EXPECT_EQ(producer->publish(event_of("c", 0)), PublishResult::full);
  EXPECT_EQ(producer->flush(kSoon), 100U);
  EXPECT_EQ(producer->counters().waiting, 100U);
  EXPECT_EQ(producer->counters().refused, 2U);
  cluster.all_up();
  ASSERT_EQ(producer->flush(kPatience), 0U);
  EXPECT_FALSE(producer->health());
  ASSERT_EQ(producer->publish(event_of("a", 50)), PublishResult::accepted) << "there is room again";
  ASSERT_EQ(producer->publish(event_of("b", 50)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  expect_stored({"a", "b"}, 51);
}

TEST_F(KafkaFaults, ClosingNamesWhatWasNotDelivered) {
  const auto producer = open();
  ASSERT_EQ(producer->publish(event_of("a", 0)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  cluster.all_down();
  for (int number = 1; number <= 5; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  const std::vector<Delivery> lost = producer->close(kSoon);
  ASSERT_EQ(lost.size(), 5U);
  for (std::size_t i = 0; i < lost.size(); ++i) {
    EXPECT_EQ(lost[i].id, "a-" + std::to_string(i + 1));
    EXPECT_EQ(lost[i].key, "a");
    EXPECT_EQ(lost[i].topic, Topic::orders_filled);
    ASSERT_TRUE(lost[i].failed);
    EXPECT_EQ(lost[i].failed->detail, "not delivered to Kafka at " + cluster.options().brokers + " before the producer was closed");
    EXPECT_NE(lost[i].failed->retry, Retry::never);
  }
  const ProducerCounters counted = producer->counters();
  EXPECT_EQ(counted.accepted, 6U);
  EXPECT_EQ(counted.delivered, 1U);
  EXPECT_EQ(counted.failed, 5U);
  EXPECT_EQ(counted.waiting, 0U);
  EXPECT_EQ(told.size(), 6U) << "each is told, too";
  EXPECT_TRUE(producer->close(kSoon).empty());
}

// librdkafka's cooperative-sticky assignment ended the whole program when a member left between joining and its first share.
TEST_F(KafkaFaults, ReadersThatLeaveBeforeTheirFirstShareEndNothingElse) {
  const auto producer = open();
  ASSERT_EQ(producer->publish(event_of("a", 0)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto staying = reader();
  for (int life = 0; life < 20; ++life) {
    const auto leaving = reader();
    EXPECT_TRUE(leaving->poll({3 * life * kMillisecond.ns}));
    EXPECT_TRUE(staying->poll({kMillisecond.ns}));
  }
  EXPECT_EQ(event_stream_contract::read(*staying, 1).size(), 1U);
}

TEST_F(KafkaFaults, WithALimitOnDeliveryWhatIsTooLateHasFailed) {
  const auto producer = open([](KafkaOptions& given) { given.delivery_timeout = std::chrono::milliseconds(300); });
  cluster.all_down();
  for (int number = 0; number < 3; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  ASSERT_EQ(told.size(), 3U);
  for (const Delivery& delivery : told) {
    ASSERT_TRUE(delivery.failed);
    EXPECT_EQ(delivery.failed->kind, StoreErrorKind::away);
    EXPECT_FALSE(delivery.at);
  }
  EXPECT_EQ(producer->counters().failed, 3U);
}

TEST_F(KafkaFaults, ACommitThatIsRefusedIsAnErrorAndCanBeHadAgain) {
  const auto producer = open();
  for (int number = 0; number < 2; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  StreamPosition first;
  {
    const auto consumer = reader();
    first = event_stream_contract::read(*consumer, 1).at(0).at;
    cluster.push_errors(MockCluster::kOffsetCommit, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});
    const auto refused = consumer->commit(first);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, StoreErrorKind::bad_argument);
    EXPECT_EQ(consumer->counters().commits, 0U);
    ASSERT_TRUE(consumer->commit(first));
    EXPECT_EQ(consumer->counters().commits, 1U);
  }
  EXPECT_EQ(event_stream_contract::read(*reader(), 1).at(0).event.id, "a-1");
}

TEST_F(KafkaFaults, AReaderIsToldThatTheClusterIsAwayAndReadsOnWhenItIsBack) {
  const auto producer = open();
  ASSERT_EQ(producer->publish(event_of("a", 0)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto consumer = reader();
  ASSERT_EQ(event_stream_contract::read(*consumer, 1).size(), 1U);
  cluster.all_down();
  std::optional<StoreError> away;
  wait_for([&] {
    const auto got = consumer->poll(kSoon);
    if (!got) away = got.error();
    return away.has_value();
  });
  ASSERT_TRUE(away);
  EXPECT_EQ(away->kind, StoreErrorKind::away);
  EXPECT_EQ(away->retry, Retry::after);
  cluster.all_up();
  ASSERT_EQ(producer->publish(event_of("a", 1)), PublishResult::accepted);
  EXPECT_EQ(event_stream_contract::read(*consumer, 1).at(0).event.id, "a-1");
}

TEST_F(KafkaFaults, WhatIsNoEventOfOursGoesToTheDeadLettersAndReadingGoesOn) {
  kafka::ClientOwner owner;
  auto conf = kafka::configure(cluster.options(), owner, {});
  ASSERT_TRUE(conf);
  const auto stranger = kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf));
  ASSERT_TRUE(stranger);
  ASSERT_EQ(rd_kafka_producev(stranger->get(), RD_KAFKA_V_TOPIC("orders.filled"), RD_KAFKA_V_PARTITION(3), RD_KAFKA_V_VALUE(const_cast<char*>("hello\xff"), 6),
                              RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_producev(stranger->get(), RD_KAFKA_V_TOPIC("orders.filled"), RD_KAFKA_V_PARTITION(3), RD_KAFKA_V_KEY("k", 1),
                              RD_KAFKA_V_HEADER("schema_version", "1", 1), RD_KAFKA_V_HEADER("event_id", "x", 1),
                              RD_KAFKA_V_HEADER("occurred_at", "yesterday", 9), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_flush(stranger->get(), 60'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto producer = open();
  for (int number = 0; number < 20; ++number) ASSERT_EQ(producer->publish(event_of("k" + std::to_string(number), 0)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  const auto consumer = reader();
  EXPECT_EQ(event_stream_contract::read(*consumer, 20).size(), 20U);
  wait_for([&] { return consumer->poll(kSoon) && consumer->counters().unreadable == 2; });
  EXPECT_EQ(consumer->counters().records, 20U);
  const auto undertaker = open_kafka_consumer(cluster.options(), {"u", {Topic::dead_letters}, 3, {}});
  ASSERT_TRUE(undertaker);
  const auto letters = event_stream_contract::read(**undertaker, 2);
  EXPECT_EQ(event_stream_contract::ids_of(letters), (std::set<std::string>{"unreadable:orders.filled/3@0", "unreadable:orders.filled/3@1"}));
  EXPECT_NE(letters.at(0).event.payload.find(R"("payload":"hello)"), std::string::npos) << letters.at(0).event.payload;
}

TEST_F(KafkaFaults, ABrokerThatGoesAwayIsNeverTakenForAnotherProgram) {
  const auto producer = open();
  cluster.all_down();
  ASSERT_EQ(producer->publish(event_of("a", 0)), PublishResult::accepted);
  wait_for([&] { return producer->health().has_value(); });
  EXPECT_EQ(producer->health()->retry, Retry::after) << producer->health()->detail;
  EXPECT_TRUE(producer->health()->detail.starts_with("Kafka at " + cluster.options().brokers + " cannot be reached: ")) << producer->health()->detail;
  EXPECT_EQ(
      kafka::unreachable(cluster.options(), "x: Disconnected while requesting ApiVersion: might be caused by SSL (after 1ms in state APIVERSION_QUERY)").retry,
      Retry::after);
}

}  // namespace
}  // namespace prom
