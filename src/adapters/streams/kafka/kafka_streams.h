// Event streams on Apache Kafka by librdkafka: what leaves one process and is read by others, at least once. Meets ports/event_stream_contract.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ports/event_stream.h"

namespace prom {

struct KafkaOptions {
  std::string brokers = "127.0.0.1:9092";  ///< KAFKA_BROKERS: host:port,host:port; any one that answers names the others
  enum class Security : std::uint8_t {
    plaintext,
    tls
  } security = Security::plaintext;      ///< KAFKA_SECURITY_PROTOCOL; with TLS the certificate and its name are checked
  std::string ssl_ca;                    ///< KAFKA_SSL_CA: file (PEM) of the authority whose certificates are trusted; empty: the system's
  std::string client_id = "prometheus";  ///< by which the brokers' logs know us
  std::string prefix;                    ///< before each topic's name, for several installations on one cluster; letters, digits, `._-`
  enum class Topics : std::uint8_t { create, must_exist } topics = Topics::create;
  std::int16_t replication = -1;  ///< of topics that are created; -1: the cluster's default
  /// For what waits for an answer: first contact, creating, committing, seeking, writing a dead letter.
  std::chrono::milliseconds timeout{5'000};
  /// An event that is not delivered by then has failed; 0: it waits as long as the producer lives, and the queue's bound speaks.
  std::chrono::milliseconds delivery_timeout{0};
  std::uint32_t queue_events = 65'536;  ///< accepted events without an outcome; one more is `full`
  std::uint32_t queue_kib = 65'536;     ///< of their keys and payloads
  /// A consumer that is gone without leaving keeps its partitions this long; the cluster allows from 6 s on.
  std::chrono::milliseconds session_timeout{10'000};
};

/// Finds the cluster, makes or finds the topics, checks their partitions; each fault is one sentence that names the setting. Afterwards connections are made
/// anew whenever they break and events wait meanwhile. `told` is called on a thread of the producer. Destruction gives up what close() would have waited for.
StoreResult<std::unique_ptr<StreamProducer>> open_kafka_producer(KafkaOptions options, const std::vector<Topic>& topics, OnDelivery told);
/// The same for reading; a consumer also makes or finds the dead letters.
StoreResult<std::unique_ptr<StreamConsumer>> open_kafka_consumer(KafkaOptions options, ConsumerOptions reading);

}  // namespace prom
