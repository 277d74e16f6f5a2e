// The cluster that librdkafka brings for tests: brokers on loopback in this process that speak Kafka's protocol and err when told. Real servers are used where
// they can be made to do the same; they cannot be made to answer a request with a chosen error. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/streams/kafka/kafka_internal.h"

#include <librdkafka/rdkafka_mock.h>  // wants rdkafka.h before it

#include "ports/event_stream_contract_events.h"

namespace prom::kafka_test {

using event_stream_contract::event_of;

inline void wait_for(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(done());
}

class MockCluster {
 public:
  // Numbers of requests in Kafka's protocol.
  static constexpr std::int16_t kProduce = 0, kOffsetCommit = 8, kInitProducerId = 22;
  static constexpr int kBrokers = 2;

  explicit MockCluster(const std::vector<Topic>& topics = {Topic::orders_filled, Topic::dead_letters}) {
    given_.brokers = "127.0.0.1:1";
    auto conf = kafka::configure(given_, owner_, {});
    // The host itself finds nobody, and need not say so.
    rd_kafka_conf_set(conf->get(), "bootstrap.servers", "", nullptr, 0);
    host_ = std::move(*kafka::make_client(RD_KAFKA_PRODUCER, *std::move(conf)));
    cluster_ = rd_kafka_mock_cluster_new(host_.get(), kBrokers);
    given_.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    given_.session_timeout = std::chrono::milliseconds(6'000);
    given_.topics = KafkaOptions::Topics::must_exist;
    for (const Topic topic : topics)
      EXPECT_EQ(rd_kafka_mock_topic_create(cluster_, kafka::topic_name(given_, topic).c_str(), spec_of(topic).partitions, kBrokers),
                RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  ~MockCluster() { rd_kafka_mock_cluster_destroy(cluster_); }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  const KafkaOptions& options() const { return given_; }
  /// The next requests of this kind are answered with these errors and not carried out.
  void push_errors(std::int16_t request, std::vector<rd_kafka_resp_err_t> errors) {
    rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
  }
  /// Each answer takes so long.
  void slow(std::chrono::milliseconds answer) {
    for (int broker = 1; broker <= kBrokers; ++broker) rd_kafka_mock_broker_set_rtt(cluster_, broker, static_cast<int>(answer.count()));
  }
  void all_down() {
    for (int broker = 1; broker <= kBrokers; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  }
  void all_up() {
    for (int broker = 1; broker <= kBrokers; ++broker) rd_kafka_mock_broker_set_up(cluster_, broker);
  }

 private:
  KafkaOptions given_;
  kafka::ClientOwner owner_;
  kafka::Owned<rd_kafka_t> host_;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace prom::kafka_test
