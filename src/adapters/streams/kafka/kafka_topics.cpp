// First contact with a cluster: is it there, does it speak Kafka, are the topics there, else they are made with the partitions and retention of kTopics.
#include <algorithm>
#include <map>
#include <thread>

#include "adapters/streams/kafka/kafka_internal.h"
#include "base/log.h"

namespace prom::kafka {
namespace {

using Clock = std::chrono::steady_clock;

int left_ms(Clock::time_point deadline) {
  return static_cast<int>(std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count()));
}

/// Partitions by name, of the topics that are there.
StoreResult<std::map<std::string, std::int32_t>> known_topics(const KafkaOptions& options, rd_kafka_t* client, const Trouble& trouble,
                                                              Clock::time_point deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(client, 1, nullptr, &raw, left_ms(deadline));
  const Owned<const rd_kafka_metadata_t> metadata(raw);
  while (rd_kafka_poll(client, 0) > 0) {
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(no_first_contact(options, trouble.last_reason()));
  std::map<std::string, std::int32_t> out;
  for (const auto& topic : std::span(metadata->topics, static_cast<std::size_t>(metadata->topic_cnt))) {
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR) out.emplace(topic.topic, topic.partition_cnt);
  }
  return out;
}

StoreResult<void> create(const KafkaOptions& options, rd_kafka_t* client, const std::vector<Topic>& topics, Clock::time_point deadline) {
  std::vector<Owned<rd_kafka_NewTopic_t>> made;
  std::vector<rd_kafka_NewTopic_t*> request;
  for (const Topic topic : topics) {
    const TopicSpec& spec = spec_of(topic);
    char why[256] = "";
    made.emplace_back(rd_kafka_NewTopic_new(topic_name(options, topic).c_str(), spec.partitions, options.replication, why, sizeof why));
    if (!made.back()) return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, std::string("no topic can be made: ") + why, ""});
    rd_kafka_NewTopic_set_config(made.back().get(), "retention.ms", std::to_string(spec.retention.ns / kMillisecond.ns).c_str());
    rd_kafka_NewTopic_set_config(made.back().get(), "cleanup.policy", "delete");
    request.push_back(made.back().get());
  }
  const Owned<rd_kafka_AdminOptions_t> admin(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  char why[256] = "";
  rd_kafka_AdminOptions_set_request_timeout(admin.get(), left_ms(deadline), why, sizeof why);
  rd_kafka_AdminOptions_set_operation_timeout(admin.get(), left_ms(deadline), why, sizeof why);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, request.data(), request.size(), admin.get(), queue.get());
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), left_ms(deadline) + 100));
  if (!event) return std::unexpected(error_of(options, RD_KAFKA_RESP_ERR__TIMED_OUT, "creating topics"));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::unexpected(error_of(options, code, "creating topics"));
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (const auto* result : std::span(results, count)) {
    const auto code = rd_kafka_topic_result_error(result);
    // Another instance may have been quicker.
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    StoreError error = error_of(options, code, "create topic " + std::string(rd_kafka_topic_result_name(result)));
    if (const char* said = rd_kafka_topic_result_error_string(result); said != nullptr) error.detail += std::string(" (") + said + ")";
    return std::unexpected(std::move(error));
  }
  return {};
}

/// The controller confirms topics before the broker that we ask has heard of them: until then a reader or writer is told that there are none.
StoreResult<void> wait_until_known(const KafkaOptions& options, rd_kafka_t* client, const Trouble& trouble, const std::vector<Topic>& topics,
                                   Clock::time_point deadline) {
  for (;;) {
    PROM_TRY(const auto known, known_topics(options, client, trouble, deadline));
    const auto unknown = std::ranges::find_if(topics, [&](Topic topic) { return !known.contains(topic_name(options, topic)); });
    if (unknown == topics.end()) return {};
    if (Clock::now() >= deadline) return std::unexpected(error_of(options, RD_KAFKA_RESP_ERR__TIMED_OUT, "creating topic " + topic_name(options, *unknown)));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

StoreResult<void> prepare_topics(const KafkaOptions& options, const std::vector<Topic>& topics) {
  PROM_CHECK_OK(check_options(options));
  const auto deadline = Clock::now() + options.timeout;
  ClientOwner owner;
  PROM_TRY(auto conf, configure(options, owner, {}));
  PROM_TRY(const auto client, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
  PROM_TRY(const auto known, known_topics(options, client.get(), owner.trouble, deadline));
  std::vector<Topic> missing;
  std::string names;
  for (const Topic topic : topics) {
    const auto found = known.find(topic_name(options, topic));
    if (found == known.end()) {
      if (std::ranges::find(missing, topic) != missing.end()) continue;
      missing.push_back(topic);
      names += (names.empty() ? "" : ", ") + topic_name(options, topic);
    } else if (found->second != spec_of(topic).partitions) {
      log_event(LogLevel::warning, "kafka_topic_has_other_partitions",
                {{"topic", found->first}, {"partitions", found->second}, {"expected", spec_of(topic).partitions}});
    }
  }
  if (missing.empty()) return {};
  if (options.topics == KafkaOptions::Topics::must_exist)
    return std::unexpected(error_of(options, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, (missing.size() == 1 ? "topic " : "topics ") + names));
  PROM_CHECK_OK(create(options, client.get(), missing, deadline));
  return wait_until_known(options, client.get(), owner.trouble, missing, deadline);
}

}  // namespace prom::kafka
