// librdkafka for the files of this folder: owned handles, settings, what its callbacks tell, and errors as sentences.
#pragma once

#include <librdkafka/rdkafka.h>

#include <mutex>
#include <span>
#include <utility>

#include "adapters/streams/kafka/kafka_streams.h"

namespace prom::kafka {

struct Destroy {
  void operator()(rd_kafka_t* x) const { rd_kafka_destroy(x); }
  void operator()(rd_kafka_conf_t* x) const { rd_kafka_conf_destroy(x); }
  void operator()(rd_kafka_topic_t* x) const { rd_kafka_topic_destroy(x); }
  void operator()(rd_kafka_topic_partition_list_t* x) const { rd_kafka_topic_partition_list_destroy(x); }
  void operator()(rd_kafka_queue_t* x) const { rd_kafka_queue_destroy(x); }
  void operator()(rd_kafka_event_t* x) const { rd_kafka_event_destroy(x); }
  void operator()(rd_kafka_error_t* x) const { rd_kafka_error_destroy(x); }
  void operator()(rd_kafka_message_t* x) const { rd_kafka_message_destroy(x); }
  void operator()(rd_kafka_headers_t* x) const { rd_kafka_headers_destroy(x); }
  void operator()(rd_kafka_AdminOptions_t* x) const { rd_kafka_AdminOptions_destroy(x); }
  void operator()(rd_kafka_NewTopic_t* x) const { rd_kafka_NewTopic_destroy(x); }
  void operator()(const rd_kafka_metadata_t* x) const { rd_kafka_metadata_destroy(x); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

/// What librdkafka says went wrong, from whichever thread serves its callbacks.
class Trouble {
 public:
  void note(rd_kafka_resp_err_t code, const std::string& reason);
  void note_fatal(const std::string& reason);
  /// Something got through.
  void over();
  /// All brokers are unreachable, and since when nothing has got through.
  std::optional<std::string> down() const;
  std::optional<std::string> fatal() const;
  /// The latest reason that says more than "all brokers are down".
  std::string last_reason() const;

 private:
  mutable std::mutex mutex_;
  bool down_ = false;
  std::string reason_, fatal_;
};

/// Whoever owns a client hears what its callbacks tell.
struct ClientOwner {
  virtual ~ClientOwner() = default;
  virtual void delivered(const rd_kafka_message_t&) {}
  virtual void rebalance(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t&) {}
  Trouble trouble;
};

using Setting = std::pair<const char*, std::string>;
/// Settings for every kind of client: brokers, names, patience, our log. `owner` outlives the client.
StoreResult<Owned<rd_kafka_conf_t>> configure(const KafkaOptions& options, ClientOwner& owner, std::span<const Setting> settings);
StoreResult<Owned<rd_kafka_t>> make_client(rd_kafka_type_t type, Owned<rd_kafka_conf_t> conf);

/// "Kafka at host:port".
std::string place_of(const KafkaOptions& options);
std::string topic_name(const KafkaOptions& options, Topic topic);
std::optional<Topic> topic_of(const KafkaOptions& options, std::string_view name);
/// What an answer of the cluster means; `subject` is the topic, group or deed for the sentence.
StoreError error_of(const KafkaOptions& options, rd_kafka_resp_err_t code, const std::string& subject);
/// Why no broker answers, from what the library said about it.
StoreError unreachable(const KafkaOptions& options, const std::string& reason);
/// The same where none has ever answered: it may be another program. A broker that goes down breaks connections as other programs do.
StoreError no_first_contact(const KafkaOptions& options, const std::string& reason);
StoreResult<void> check_options(const KafkaOptions& options);

/// Finds the cluster and makes or finds these topics; a topic with other partitions than ours is used and logged.
StoreResult<void> prepare_topics(const KafkaOptions& options, const std::vector<Topic>& topics);

/// key -> key, payload -> value, the rest as headers schema_version, event_id and occurred_at.
Owned<rd_kafka_headers_t> headers_of(const StreamEvent& event);
/// A record's parts as they came; what is not there is empty.
struct RawRecord {
  std::string_view key, payload, schema_version, event_id, occurred_at;
};
RawRecord parts_of(const rd_kafka_message_t& message);
/// Nothing for a record that is no event of ours.
std::optional<StreamEvent> event_of(Topic topic, const RawRecord& record);

}  // namespace prom::kafka
