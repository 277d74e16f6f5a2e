// First contact with the real Kafka, also through a gate that spoils it: topics are made with their partitions and retention, and each fault is one sentence.
#include <map>
#include <vector>

#include "adapters/streams/kafka/kafka_server_test_support.h"
#include "io/testing/tcp_gate.h"
#include "ports/event_stream_contract_events.h"

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

/// Removes what lies before the offset, as retention does.
void forget_before(const KafkaOptions& given, rd_kafka_t* client, std::int32_t partition, std::int64_t offset) {
  const kafka::Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), kafka::topic_name(given, Topic::orders_filled).c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* asked[] = {rd_kafka_DeleteRecords_new(list.get())};
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_DeleteRecords(client, asked, 1, nullptr, queue.get());
  const kafka::Owned<rd_kafka_event_t> done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteRecords_destroy(asked[0]);
  ASSERT_TRUE(done);
  ASSERT_EQ(rd_kafka_event_error(done.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
}

TEST_F(KafkaTopics, OffsetsThatHoldNoEventAnyMoreAreAskedForOnceAndReadingGoesOn) {
  using namespace event_stream_contract;
  const auto producer = ground.producer({});
  ASSERT_TRUE(producer);
  for (int number = 0; number < 10; ++number) ASSERT_EQ(producer->publish(event_of("a", number)), PublishResult::accepted);
  ASSERT_EQ(producer->flush(kPatience), 0U);
  StreamPosition third;
  {
    const auto reader = ground.consumer("readers");
    ASSERT_TRUE(reader);
    const auto read_three = read(*reader, 3);
    ASSERT_EQ(read_three.size(), 3U);
    third = read_three.back().at;
    ASSERT_TRUE(reader->commit(third));
  }
  kafka::ClientOwner owner;
  const std::vector<kafka::Setting> settings = {{"transactional.id", ground.given.prefix + "stranger"}};
  auto conf = kafka::configure(ground.given, owner, settings);
  ASSERT_TRUE(conf);
  const auto stranger = kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf));
  ASSERT_TRUE(stranger);
  ASSERT_NO_FATAL_FAILURE(forget_before(ground.given, stranger->get(), third.partition, third.offset + 5));
  // The mark at the end of a transaction has an offset, too.
  ASSERT_EQ(rd_kafka_init_transactions(stranger->get(), 30'000), nullptr);
  const std::string topic = kafka::topic_name(ground.given, Topic::orders_filled);
  for (const int number : {10, 11}) {
    const StreamEvent event = event_of("a", number);
    ASSERT_EQ(rd_kafka_begin_transaction(stranger->get()), nullptr);
    ASSERT_EQ(
        rd_kafka_producev(stranger->get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(third.partition),
                          RD_KAFKA_V_KEY(event.key.data(), event.key.size()), RD_KAFKA_V_VALUE(const_cast<char*>(event.payload.data()), event.payload.size()),
                          RD_KAFKA_V_HEADERS(kafka::headers_of(event).release()), RD_KAFKA_V_END),
        RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_commit_transaction(stranger->get(), 30'000), nullptr);
  }
  const auto reader = ground.consumer("readers");
  ASSERT_TRUE(reader);
  std::vector<std::string> ids;
  for (const StreamRecord& record : read(*reader, 5)) ids.push_back(record.event.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"a-7", "a-8", "a-9", "a-10", "a-11"}));
  EXPECT_EQ(reader->counters().records, 5U);
  EXPECT_EQ(reader->counters().skipped, 5U) << "four events that are gone, one mark between two transactions";
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
