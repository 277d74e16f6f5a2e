// The idempotent producer: librdkafka's queue holds what waits, one thread serves delivery reports. Events of a partition are stored in order and once, whatever
// the connection does; a new producer may publish again what this one could not report.
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <shared_mutex>
#include <thread>

#include "adapters/streams/kafka/kafka_internal.h"

namespace prom::kafka {
namespace {

struct Pending {
  Topic topic;
  std::string key, id;
  std::uint64_t number;  // in the order of publishing
};

class KafkaProducer final : public StreamProducer, private ClientOwner {
 public:
  KafkaProducer(KafkaOptions options, OnDelivery told) : options_(std::move(options)), told_(std::move(told)) {}
  ~KafkaProducer() override { static_cast<void>(close({0})); }

  StoreResult<void> start(const std::vector<Topic>& topics) {
    PROM_CHECK_OK(prepare_topics(options_, topics));
    const Setting settings[] = {{"enable.idempotence", "true"},
                                // With more, a batch that was refused is reported as delivered where a later one is the first that the broker takes from this
                                // producer in the partition: the library concludes from the later one's success.
                                {"max.in.flight.requests.per.connection", "1"},
                                {"queue.buffering.max.messages", std::to_string(options_.queue_events)},
                                {"queue.buffering.max.kbytes", std::to_string(options_.queue_kib)},
                                {"message.timeout.ms", std::to_string(options_.delivery_timeout.count())},
                                {"request.timeout.ms", "10000"},
                                {"linger.ms", "5"},
                                {"compression.codec", "lz4"},
                                {"partitioner", "murmur2_random"}};  // as Java clients do it: their producers keep the order with ours
    PROM_TRY(auto conf, configure(options_, *this, settings));
    rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* message, void* owner) { static_cast<ClientOwner*>(owner)->delivered(*message); });
    PROM_TRY(client_, make_client(RD_KAFKA_PRODUCER, std::move(conf)));
    for (const TopicSpec& spec : kTopics) topics_[static_cast<std::size_t>(spec.topic)].reset(open_topic(spec.topic));
    // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
    server_ = std::thread([this] {
      while (!stopping_) rd_kafka_poll(client_.get(), 50);
    });
    return {};
  }

  PublishResult publish(const StreamEvent& event) override {
    const std::shared_lock lock(closing_);  // waits for nobody but close()
    PublishResult result = check_event(event);
    if (closed_) result = PublishResult::closed;
    if (result == PublishResult::accepted) result = enqueue(event);
    if (result != PublishResult::accepted) ++refused_;
    return result;
  }

  std::uint64_t flush(DurationNs timeout) override {
    std::unique_lock lock(mutex_);
    idle_.wait_for(lock, std::chrono::nanoseconds(timeout.ns), [&] { return waiting_ == 0; });
    return waiting_;
  }

  std::vector<Delivery> close(DurationNs timeout) override {
    {
      const std::unique_lock lock(closing_);
      if (closed_) return {};
      closed_ = true;
    }
    if (!client_) return {};
    if (flush(timeout) > 0) {
      keep_undelivered_ = true;
      // Each comes back by its delivery report: never sent, or sent and in doubt.
      rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      flush({options_.timeout.count() * kMillisecond.ns});
    }
    stopping_ = true;
    if (server_.joinable()) server_.join();
    const std::lock_guard lock(mutex_);
    // Reports come by queue and not by age: what waited is told before what was on its way.
    std::vector<Delivery> named;
    for (auto& [number, delivery] : undelivered_) named.push_back(std::move(delivery));
    undelivered_.clear();
    return named;
  }

  ProducerCounters counters() const override {
    const std::lock_guard lock(mutex_);
    return {delivered_ + failed_ + waiting_, refused_, delivered_, failed_, waiting_};
  }

  std::optional<StoreError> health() const override {
    if (const auto fatal = trouble.fatal())
      return StoreError{StoreErrorKind::io, Retry::never, "the producer on " + place_of(options_) + " has stopped for good: " + *fatal,
                        "give us the right IdempotentWrite where it is missing; then start the program again"};
    if (const auto down = trouble.down()) return unreachable(options_, *down);
    return std::nullopt;
  }

 private:
  rd_kafka_topic_t* open_topic(Topic topic) { return rd_kafka_topic_new(client_.get(), topic_name(options_, topic).c_str(), nullptr); }

  PublishResult enqueue(const StreamEvent& event) {
    auto pending = std::make_unique<Pending>(event.topic, event.key, event.id, 0);
    Owned<rd_kafka_headers_t> headers = headers_of(event);
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
      pending->number = ++numbered_;
    }
    // Kafka's own timestamp stays that of publishing: retention counts from it.
    rd_kafka_vu_t parts[6]{};
    parts[0].vtype = RD_KAFKA_VTYPE_RKT;
    parts[0].u.rkt = topics_[static_cast<std::size_t>(event.topic)].get();
    parts[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    parts[1].u.i = RD_KAFKA_MSG_F_COPY;  // and not F_BLOCK: a full queue is said at once
    parts[2].vtype = RD_KAFKA_VTYPE_KEY;
    parts[2].u.mem.ptr = const_cast<char*>(event.key.data());
    parts[2].u.mem.size = event.key.size();
    parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
    parts[3].u.mem.ptr = const_cast<char*>(event.payload.data());
    parts[3].u.mem.size = event.payload.size();
    parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    parts[4].u.headers = headers.get();
    parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    parts[5].u.ptr = pending.get();
    const Owned<rd_kafka_error_t> error(rd_kafka_produceva(client_.get(), parts, std::size(parts)));
    if (!error) {
      // Both are the message's now; its delivery report frees them.
      [[maybe_unused]] const auto* their_headers = headers.release();
      [[maybe_unused]] const auto* their_pending = pending.release();
      return PublishResult::accepted;
    }
    done_waiting();
    switch (static_cast<int>(rd_kafka_error_code(error.get()))) {
      case RD_KAFKA_RESP_ERR__QUEUE_FULL: return PublishResult::full;
      case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: return PublishResult::too_large;
      default: return PublishResult::closed;  // after a fatal error; health() says which
    }
  }

  void done_waiting() {
    const std::lock_guard lock(mutex_);
    if (--waiting_ == 0) idle_.notify_all();
  }

  void delivered(const rd_kafka_message_t& message) override {
    const std::unique_ptr<Pending> pending(static_cast<Pending*>(message._private));
    Delivery delivery{pending->topic, std::move(pending->key), std::move(pending->id), std::nullopt, std::nullopt};
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      delivery.at = StreamPosition{delivery.topic, message.partition, message.offset};
      trouble.over();
    } else {
      delivery.failed = why(message, delivery.topic);
    }
    if (told_) told_(delivery);
    const std::lock_guard lock(mutex_);
    ++(delivery.failed ? failed_ : delivered_);
    if (delivery.failed && keep_undelivered_) undelivered_.emplace(pending->number, std::move(delivery));
    if (--waiting_ == 0) idle_.notify_all();
  }

  StoreError why(const rd_kafka_message_t& message, Topic topic) const {
    StoreError error = error_of(options_, message.err, "topic " + topic_name(options_, topic));
    const bool ours = message.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    if (ours) error = {StoreErrorKind::away, Retry::after, "not delivered to " + place_of(options_) + " before the producer was closed", ""};
    if (rd_kafka_message_status(&message) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED) error.retry = Retry::in_doubt;
    return error;
  }

  const KafkaOptions options_;
  const OnDelivery told_;
  Owned<rd_kafka_t> client_;
  std::array<Owned<rd_kafka_topic_t>, kTopicCount> topics_;  // before the client ends
  std::shared_mutex closing_;
  bool closed_ = false;  // guarded by closing_
  std::atomic<bool> stopping_ = false, keep_undelivered_ = false;
  std::atomic<std::uint64_t> refused_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::uint64_t numbered_ = 0, waiting_ = 0, delivered_ = 0, failed_ = 0;
  std::map<std::uint64_t, Delivery> undelivered_;
  // tidy-ok(tsan_targets): librdkafka starts its threads by thrd_create, which ThreadSanitizer does not survive
  std::thread server_;
};

}  // namespace
}  // namespace prom::kafka

namespace prom {

StoreResult<std::unique_ptr<StreamProducer>> open_kafka_producer(KafkaOptions options, const std::vector<Topic>& topics, OnDelivery told) {
  auto producer = std::make_unique<kafka::KafkaProducer>(std::move(options), std::move(told));
  PROM_CHECK_OK(producer->start(topics));
  return producer;
}

}  // namespace prom
