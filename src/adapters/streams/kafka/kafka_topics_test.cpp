// First contact with the real Kafka, also through a gate that spoils it: topics are made with their partitions and retention, and each fault is one sentence.
#include <map>

#include "adapters/streams/kafka/kafka_server_test_support.h"
#include "io/testing/tcp_gate.h"

namespace prom {
namespace {

struct KafkaTopics : testing::Test {
  void SetUp() override {
    if (!kafka_test::there()) GTEST_SKIP() << kafka_test::servers().why_not("kafka");
  }
  kafka_test::Ground ground;
};

std::vector<Topic> all_topics() {
  std::vector<Topic> out;
  for (const TopicSpec& spec : kTopics) out.push_back(spec.topic);
  return out;
}

/// Settings of a topic as the broker tells them.
std::map<std::string, std::string> settings_of(rd_kafka_t* client, const std::string& topic) {
  rd_kafka_ConfigResource_t* asked[] = {rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_DescribeConfigs(client, asked, 1, nullptr, queue.get());
  const kafka::Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_ConfigResource_destroy(asked[0]);
  std::map<std::string, std::string> out;
  if (!event) return out;
  std::size_t count = 0;
  const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return out;
  const auto* const* entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (const auto* entry : std::span(entries, count)) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    out[rd_kafka_ConfigEntry_name(entry)] = value == nullptr ? "" : value;
  }
  return out;
}

TEST_F(KafkaTopics, AreMadeWithTheirPartitionsAndRetentionAndUsedAfterwards) {
  ASSERT_TRUE(kafka::prepare_topics(ground.given, all_topics()));
  ASSERT_TRUE(kafka::prepare_topics(ground.given, all_topics())) << "they are there now";
  KafkaOptions strict = ground.given;
  strict.topics = KafkaOptions::Topics::must_exist;
  EXPECT_TRUE(kafka::prepare_topics(strict, all_topics()));
  kafka::ClientOwner owner;
  auto conf = kafka::configure(ground.given, owner, {});
  ASSERT_TRUE(conf);
  const auto client = kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf));
  ASSERT_TRUE(client);
  const rd_kafka_metadata_t* raw = nullptr;
  ASSERT_EQ(rd_kafka_metadata(client->get(), 1, nullptr, &raw, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  const kafka::Owned<const rd_kafka_metadata_t> metadata(raw);
  std::map<std::string, int> partitions;
  for (const auto& topic : std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) partitions[topic.topic] = topic.partition_cnt;
  for (const TopicSpec& spec : kTopics) {
    const std::string name = kafka::topic_name(ground.given, spec.topic);
    EXPECT_EQ(partitions[name], spec.partitions) << name;
    auto settings = settings_of(client->get(), name);
    EXPECT_EQ(settings["retention.ms"], std::to_string(spec.retention.ns / 1'000'000)) << name;
    EXPECT_EQ(settings["cleanup.policy"], "delete") << name;
  }
}

TEST_F(KafkaTopics, ManyInstancesMayMakeThemAtOnce) {
  // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
  std::vector<std::jthread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { failed += kafka::prepare_topics(ground.given, {Topic::orders_filled, Topic::dead_letters}) ? 0 : 1; });
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
}

TEST_F(KafkaTopics, MissingOnesAreNamedWhereTheyMayNotBeMade) {
  ground.given.topics = KafkaOptions::Topics::must_exist;
  const auto refused = open_kafka_producer(ground.given, {Topic::risk_alerts}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::not_found);
  EXPECT_EQ(refused.error().detail, "Kafka at " + kafka_test::brokers() + " has no topic " + ground.given.prefix + "risk.alerts");
}

TEST_F(KafkaTopics, ABadNetworkAtFirstContactIsASentenceAndAGoodOneIsUsed) {
  const std::string brokers = kafka_test::brokers();
  TcpGate gate(static_cast<std::uint16_t>(std::stoi(brokers.substr(brokers.rfind(':') + 1))));
  KafkaOptions through = ground.given;
  through.brokers = "127.0.0.1:" + std::to_string(gate.port());
  through.timeout = std::chrono::milliseconds(2'000);
  const auto sentence = [&](TcpGate::Mode mode) {
    gate.set(mode);
    const auto opened = open_kafka_producer(through, {Topic::orders_filled}, {});
    EXPECT_FALSE(opened);
    return opened ? "" : opened.error().detail;
  };
  EXPECT_EQ(sentence(TcpGate::Mode::half_open), "Kafka at " + through.brokers + " cannot be reached: no answer within 2000 ms");
  EXPECT_EQ(sentence(TcpGate::Mode::deaf), "Kafka at " + through.brokers + " cannot be reached: no answer within 2000 ms");
  EXPECT_EQ(sentence(TcpGate::Mode::garbage), "what answers at " + through.brokers + " does not speak Kafka's protocol");
  EXPECT_FALSE(sentence(TcpGate::Mode::cut).empty());
  gate.set(TcpGate::Mode::late);
  const auto opened = open_kafka_producer(through, {Topic::orders_filled}, {});
  EXPECT_TRUE(opened) << opened.error().detail;
}

}  // namespace
}  // namespace prom
