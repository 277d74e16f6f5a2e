// A member of a consumer group. Nothing is committed by the library: the offset moves when the effect is done. All partitions are given back and shared out anew
// whenever a member comes or goes: the way in which they would move one by one (cooperative-sticky) ends the whole program in librdkafka before 2.3, when a member
// leaves between joining and its first share (its issue 4312), and can hang in it later (4783).
#include <algorithm>
#include <chrono>
#include <map>

#include "adapters/streams/kafka/kafka_internal.h"
#include "base/log.h"
#include "ports/consumer_book.h"

namespace prom::kafka {
namespace {

using Kind = Rebalance::Kind;
using List = Owned<rd_kafka_topic_partition_list_t>;
constexpr std::int64_t kPollGap_ms = 300'000;
constexpr std::int64_t kLatest = -1, kEarliest = -2;  // ListOffsets of Kafka's protocol

class KafkaConsumer final : public StreamConsumer, private ClientOwner {
 public:
  KafkaConsumer(KafkaOptions options, ConsumerOptions reading) : options_(std::move(options)), reading_(std::move(reading)) {}
  ~KafkaConsumer() override {
    reading_.on_rebalance = {};  // whoever hears may be gone by now
    [[maybe_unused]] const auto left = close();
  }

  StoreResult<void> start() {
    PROM_CHECK_OK(check_consumer(reading_));
    std::vector<Topic> needed = reading_.topics;
    needed.push_back(Topic::dead_letters);
    PROM_CHECK_OK(prepare_topics(options_, needed));
    const Setting settings[] = {{"group.id", reading_.group},
                                {"enable.auto.commit", "false"},
                                {"enable.auto.offset.store", "false"},
                                {"auto.offset.reset", "earliest"},
                                {"partition.assignment.strategy", "range,roundrobin"},
                                {"session.timeout.ms", std::to_string(options_.session_timeout.count())},
                                {"heartbeat.interval.ms", std::to_string(std::max<std::int64_t>(1, options_.session_timeout.count() / 5))},
                                {"fetch.wait.max.ms", "100"},  // other questions wait behind a fetch
                                {"max.poll.interval.ms", std::to_string(kPollGap_ms)}};
    PROM_TRY(auto conf, configure(options_, *this, settings));
    rd_kafka_conf_set_rebalance_cb(conf.get(), [](rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* list, void* owner) {
      static_cast<ClientOwner*>(owner)->rebalance(what, *list);
    });
    PROM_TRY(client_, make_client(RD_KAFKA_CONSUMER, std::move(conf)));
    rd_kafka_poll_set_consumer(client_.get());
    const List topics(rd_kafka_topic_partition_list_new(static_cast<int>(reading_.topics.size())));
    for (const Topic topic : reading_.topics) rd_kafka_topic_partition_list_add(topics.get(), topic_name(options_, topic).c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto code = rd_kafka_subscribe(client_.get(), topics.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::unexpected(error_of(options_, code, "subscribing as group " + reading_.group));
    return {};
  }

  StoreResult<std::optional<StreamRecord>> poll(DurationNs timeout) override {
    if (closed_) return std::unexpected(closed());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout.ns);
    PROM_CHECK_OK(go_back());
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
      const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(client_.get(), static_cast<int>(std::max<std::int64_t>(left, 0))));
      if (message && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        PROM_TRY(auto record, take(*message));
        if (record) return record;
      } else if (message) {
        PROM_CHECK_OK(tell_apart(*message));
      }
      if (std::chrono::steady_clock::now() >= deadline) break;
    }
    if (const auto down = trouble.down()) {
      trouble.over();  // said once; said again when it is found again
      return std::unexpected(unreachable(options_, *down));
    }
    return std::nullopt;
  }

  StoreResult<void> commit(const StreamPosition& done) override {
    PROM_TRY(const bool moves, book_.may_commit(done));
    if (!moves) return {};
    // A group that refused one commit within a revocation answers no other until it is over.
    if (refused_meanwhile_) return std::unexpected(*refused_meanwhile_);
    const List list = list_of({partition_of(done)}, done.offset + 1);
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(client_.get()));
    auto code = rd_kafka_commit_queue(client_.get(), list.get(), queue.get(), nullptr, nullptr);
    bool sent = false;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), static_cast<int>(options_.timeout.count())));
      sent = !event;
      code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
      if (event && code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const auto* results = rd_kafka_event_topic_partition_list(event.get());
        if (results != nullptr && results->cnt > 0) code = results->elems[0].err;
      }
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      book_.note_committed(done);
      return {};
    }
    StoreError error = error_of(options_, code, "committing " + to_text(done) + " of group " + reading_.group);
    if (sent) error.retry = Retry::in_doubt;
    if (revoking_) refused_meanwhile_ = error;
    return std::unexpected(std::move(error));
  }

  StoreResult<FailOutcome> fail(const StreamRecord& record, const std::string& reason) override {
    PROM_TRY(const std::uint32_t failures, book_.fail(record.at));
    if (failures >= reading_.max_failures) {
      auto buried = bury(dead_letter({record, reading_.group, reason, failures}));
      if (buried) {
        ++book_.counters.dead_lettered;
        return FailOutcome::dead_lettered;
      }
      PROM_CHECK_OK(go_to(record.at));
      return std::unexpected(std::move(buried).error());
    }
    PROM_CHECK_OK(go_to(record.at));
    return FailOutcome::again;
  }

  StoreResult<std::vector<PartitionLag>> lag() override {
    const std::vector<StreamPartition> mine = book_.owned();
    if (mine.empty()) return std::vector<PartitionLag>{};
    PROM_TRY(auto first, offsets_at(mine, kEarliest));
    PROM_TRY(auto end, offsets_at(mine, kLatest));
    std::vector<PartitionLag> out;
    for (const StreamPartition& partition : mine) out.push_back({partition, book_.committed(partition).value_or(first[partition]), end[partition]});
    return out;
  }

  StoreResult<void> replay(const StreamPosition& from) override {
    if (book_.owns(partition_of(from))) {
      PROM_TRY(auto end, offsets_at({partition_of(from)}, kLatest));
      if (from.offset > end[partition_of(from)]) return std::unexpected(beyond_the_end(from));
    }
    PROM_CHECK_OK(book_.replay(from));
    return seek(from);
  }

  StoreResult<void> close() override {
    if (closed_ || !client_) return {};
    // Before the library begins to leave: afterwards the group may refuse a last commit.
    tell(Kind::revoked, book_.owned());
    book_.revoke_all();
    rd_kafka_consumer_close(client_.get());
    closed_ = true;
    if (undertaker_) static_cast<void>(undertaker_->close({options_.timeout.count() * kMillisecond.ns}));
    return {};
  }

  ConsumerCounters counters() const override { return book_.counters; }

 private:
  static StoreError closed() { return {StoreErrorKind::bad_argument, Retry::never, "the consumer is closed", ""}; }

  List list_of(const std::vector<StreamPartition>& partitions, std::int64_t offset) const {
    List list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const StreamPartition& partition : partitions)
      rd_kafka_topic_partition_list_add(list.get(), topic_name(options_, partition.topic).c_str(), partition.partition)->offset = offset;
    return list;
  }
  std::vector<StreamPartition> ours(const rd_kafka_topic_partition_list_t& list) const {
    std::vector<StreamPartition> out;
    for (const auto& entry : std::span(list.elems, static_cast<std::size_t>(list.cnt))) {
      if (const auto topic = topic_of(options_, entry.topic)) out.push_back({*topic, entry.partition});
    }
    return out;
  }
  void tell(Kind kind, std::vector<StreamPartition> partitions) {
    if (partitions.empty() && kind != Kind::assigned) return;
    ++book_.counters.rebalances;
    if (reading_.on_rebalance) reading_.on_rebalance({kind, std::move(partitions)}, *this);
  }

  /// Within poll() and close(), on their thread.
  void rebalance(rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t& list) override {
    const std::vector<StreamPartition> partitions = ours(list);
    if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      note_assigned(partitions);
      if (const auto code = rd_kafka_assign(client_.get(), &list); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        log_event(LogLevel::error, "kafka_assign_failed", {{"group", reading_.group}, {"text", rd_kafka_err2str(code)}});
      tell(Kind::assigned, partitions);
      return;
    }
    std::vector<StreamPartition> still = partitions;
    std::erase_if(still, [&](const StreamPartition& partition) { return !book_.owns(partition); });
    revoking_ = true;
    tell(rd_kafka_assignment_lost(client_.get()) != 0 ? Kind::lost : Kind::revoked, still);
    revoking_ = false;
    refused_meanwhile_.reset();
    for (const StreamPartition& partition : partitions) {
      book_.revoke(partition);
      owed_.erase(partition);
    }
    if (const auto code = rd_kafka_assign(client_.get(), nullptr); code != RD_KAFKA_RESP_ERR_NO_ERROR)
      log_event(LogLevel::error, "kafka_unassign_failed", {{"group", reading_.group}, {"text", rd_kafka_err2str(code)}});
  }
  /// Where the group's commits cannot be asked for, reading begins with them all the same; only what is skipped or committed twice is not noticed then.
  void note_assigned(const std::vector<StreamPartition>& partitions) {
    const List list = list_of(partitions, RD_KAFKA_OFFSET_INVALID);
    const bool known = rd_kafka_committed(client_.get(), list.get(), static_cast<int>(options_.timeout.count())) == RD_KAFKA_RESP_ERR_NO_ERROR;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      const auto& entry = list->elems[i];
      const bool has = known && entry.err == RD_KAFKA_RESP_ERR_NO_ERROR && entry.offset >= 0;
      book_.assign(partitions[i], has ? std::optional(entry.offset) : std::nullopt);
    }
  }

  StoreResult<std::optional<StreamRecord>> take(const rd_kafka_message_t& message) {
    trouble.over();
    const auto topic = topic_of(options_, rd_kafka_topic_name(message.rkt));
    if (!topic || !book_.owns({*topic, message.partition}) || owed_.contains({*topic, message.partition})) return std::nullopt;
    StreamRecord record{{*topic, message.partition, message.offset}, {}, 0};
    // Whatever the library passes over would be lost as soon as something later is committed.
    if (const auto from = book_.passed_over(record.at)) {
      log_event(LogLevel::warning, "kafka_offsets_passed_over",
                {{"group", reading_.group}, {"partition", to_text(record.at)}, {"from", *from}, {"action", "asked for again"}});
      PROM_CHECK_OK(seek({*topic, message.partition, *from}));
      return std::nullopt;
    }
    const RawRecord raw = parts_of(message);
    if (auto event = event_of(*topic, raw)) {
      record.event = *std::move(event);
      record.failures = book_.hand_out(record.at);
      return record;
    }
    // Somebody else writes to our topic. It goes where a person will find it, and the next commit covers it.
    record.event.key = raw.key.empty() ? "unreadable" : raw.key.substr(0, kMaxEventKey);
    record.event.id = "unreadable:" + to_text(record.at);
    record.event.payload = raw.payload.substr(0, kMaxEventPayload);
    if (auto buried = bury(dead_letter({record, reading_.group, "the record is no event of Prometheus", 0})); !buried) {
      PROM_CHECK_OK(seek(record.at));
      return std::unexpected(std::move(buried).error());
    }
    book_.hand_out(record.at);
    --book_.counters.records;
    ++book_.counters.unreadable;
    return std::nullopt;
  }

  /// An error that the library hands out as a message.
  StoreResult<void> tell_apart(const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      log_event(LogLevel::warning, "kafka_consumer_too_slow", {{"group", reading_.group}, {"limit_ms", kPollGap_ms}});
      return {};  // the partitions are told as lost in the next poll
    }
    if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) return {};
    const std::string name = message.rkt != nullptr ? "topic " + std::string(rd_kafka_topic_name(message.rkt)) : "reading as group " + reading_.group;
    return std::unexpected(error_of(options_, message.err, name));
  }

  /// In one request to each broker; kEarliest and kLatest stand for a time in it.
  StoreResult<std::map<StreamPartition, std::int64_t>> offsets_at(const std::vector<StreamPartition>& partitions, std::int64_t when) {
    const List list = list_of(partitions, when);
    const auto code = rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(options_.timeout.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(error_of(options_, code, "where the topics of group " + reading_.group + " begin and end"));
    std::map<StreamPartition, std::int64_t> out;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      const auto& entry = list->elems[i];
      if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(error_of(options_, entry.err, "topic " + topic_name(options_, partitions[i].topic)));
      out[partitions[i]] = entry.offset;
    }
    return out;
  }

  StoreResult<void> go_to(const StreamPosition& at) {
    book_.again(at);
    return seek(at);
  }
  /// Where it fails it is owed: nothing later of that partition is handed out before it was done.
  StoreResult<void> seek(const StreamPosition& at) {
    const List list = list_of({partition_of(at)}, at.offset);
    const Owned<rd_kafka_error_t> error(rd_kafka_seek_partitions(client_.get(), list.get(), static_cast<int>(options_.timeout.count())));
    const auto code = error ? rd_kafka_error_code(error.get()) : list->elems[0].err;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      owed_.erase(partition_of(at));
      return {};
    }
    owed_[partition_of(at)] = at.offset;
    return std::unexpected(error_of(options_, code, "going back to " + to_text(at)));
  }
  StoreResult<void> go_back() {
    while (!owed_.empty()) {
      const auto [partition, offset] = *owed_.begin();
      PROM_CHECK_OK(seek({partition.topic, partition.partition, offset}));
    }
    return {};
  }

  StoreResult<void> bury(const StreamEvent& letter) {
    if (!undertaker_) {
      PROM_TRY(undertaker_, open_kafka_producer(options_, {Topic::dead_letters}, {}));
    }
    const auto failed = [&](const char* why) {
      return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, place_of(options_) + " did not take a dead letter: " + why, ""});
    };
    const std::uint64_t delivered = undertaker_->counters().delivered;
    if (const PublishResult result = undertaker_->publish(letter); result != PublishResult::accepted) return failed(name_of(result).data());
    // One that still waits is delivered later, perhaps twice: its id is the same.
    if (undertaker_->flush({options_.timeout.count() * kMillisecond.ns}) > 0) return failed("no answer in time");
    if (undertaker_->counters().delivered == delivered) return failed("it was refused");
    return {};
  }

  const KafkaOptions options_;
  ConsumerOptions reading_;
  ConsumerBook book_;
  std::map<StreamPartition, std::int64_t> owed_;  ///< where reading must go back to first
  std::unique_ptr<StreamProducer> undertaker_;
  bool closed_ = false;
  bool revoking_ = false;                        ///< within the callback of a revocation
  std::optional<StoreError> refused_meanwhile_;  ///< the first commit that failed within it
  Owned<rd_kafka_t> client_;
};

}  // namespace
}  // namespace prom::kafka

namespace prom {

StoreResult<std::unique_ptr<StreamConsumer>> open_kafka_consumer(KafkaOptions options, ConsumerOptions reading) {
  auto consumer = std::make_unique<kafka::KafkaConsumer>(std::move(options), std::move(reading));
  PROM_CHECK_OK(consumer->start());
  return consumer;
}

}  // namespace prom
