// The real Kafka of dev/servers.py for the tests of this folder: settings, topics of its own for each harness, removed afterwards. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/streams/kafka/kafka_internal.h"
#include "io/testing/test_servers.h"

namespace prom::kafka_test {

inline const TestServers& servers() {
  static const TestServers found;
  return found;
}
inline bool there() { return servers().setting("KAFKA_BROKERS").has_value(); }
inline std::string brokers() { return servers().setting("KAFKA_BROKERS").value_or("127.0.0.1:1"); }

/// "t1234-1746316800-5.": no other harness of any run has it.
inline std::string next_prefix() {
  static const std::string base = "t" + std::to_string(::getpid()) + "-" +
                                  std::to_string(std::chrono::system_clock::now().time_since_epoch().count() / 1'000'000'000);  // tidy-ok(clocks): a name only
  static int last = 0;
  return base + "-" + std::to_string(++last) + ".";
}

inline KafkaOptions options(std::string prefix = next_prefix()) {
  KafkaOptions out;
  out.brokers = brokers();
  out.prefix = std::move(prefix);
  out.session_timeout = std::chrono::milliseconds(6'000);
  return out;
}

/// Removes every topic that begins with the prefix.
inline void remove_topics(const KafkaOptions& given) {
  kafka::ClientOwner owner;
  auto conf = kafka::configure(given, owner, {});
  ASSERT_TRUE(conf);
  const auto client = kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf));
  ASSERT_TRUE(client);
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const TopicSpec& spec : kTopics) topics.push_back(rd_kafka_DeleteTopic_new(kafka::topic_name(given, spec.topic).c_str()));
  const kafka::Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client->get()));
  rd_kafka_DeleteTopics(client->get(), topics.data(), topics.size(), nullptr, queue.get());
  const kafka::Owned<rd_kafka_event_t> done(rd_kafka_queue_poll(queue.get(), 10'000));
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
}

/// Topics of its own for one test.
class Ground {
 public:
  Ground() = default;
  ~Ground() {
    if (there()) remove_topics(given);
  }
  Ground(const Ground&) = delete;
  Ground& operator=(const Ground&) = delete;
  std::unique_ptr<StreamProducer> producer(OnDelivery told, const std::vector<Topic>& topics = {Topic::orders_filled, Topic::dead_letters}) const {
    auto opened = open_kafka_producer(given, topics, std::move(told));
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<StreamConsumer> consumer(const std::string& group, OnRebalance heard = {}, std::uint32_t max_failures = 3) const {
    auto opened = open_kafka_consumer(given, {group, {Topic::orders_filled}, max_failures, std::move(heard)});
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  KafkaOptions given = options();
};

}  // namespace prom::kafka_test
