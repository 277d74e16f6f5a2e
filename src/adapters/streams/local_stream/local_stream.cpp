// See the header. One mutex guards all partitions and groups; callbacks run outside of it, on the thread that called.
#include "adapters/streams/local_stream/local_ground.h"

namespace prom {
namespace {

class LocalProducer final : public StreamProducer {
 public:
  LocalProducer(std::shared_ptr<local_stream::Ground> ground, OnDelivery told) : ground_(std::move(ground)), told_(std::move(told)) {}

  PublishResult publish(const StreamEvent& event) override {
    StreamPosition at;
    const PublishResult result = take(event, at);
    if (result == PublishResult::accepted && told_) told_({event.topic, event.key, event.id, at, std::nullopt});
    return result;
  }
  std::uint64_t flush(DurationNs) override { return 0; }
  std::vector<Delivery> close(DurationNs) override {
    const std::lock_guard lock(ground_->mutex);
    closed_ = true;
    return {};
  }
  ProducerCounters counters() const override {
    const std::lock_guard lock(ground_->mutex);
    return counters_;
  }
  std::optional<StoreError> health() const override { return std::nullopt; }

 private:
  PublishResult take(const StreamEvent& event, StreamPosition& at) {
    PublishResult result = check_event(event);
    const std::lock_guard lock(ground_->mutex);
    if (closed_) result = PublishResult::closed;
    if (result == PublishResult::accepted) {
      const auto stored = ground_->append(event);
      if (stored) {
        at = *stored;
        ++counters_.accepted;
        ++counters_.delivered;
        return result;
      }
      result = PublishResult::full;
    }
    ++counters_.refused;
    return result;
  }

  const std::shared_ptr<local_stream::Ground> ground_;
  const OnDelivery told_;
  bool closed_ = false;        // guarded by the ground's mutex
  ProducerCounters counters_;  // guarded by the ground's mutex
};

class LocalStreams final : public LocalStream {
 public:
  explicit LocalStreams(LocalStreamLimits limits) : ground_(std::make_shared<local_stream::Ground>(limits)) {}
  std::unique_ptr<StreamProducer> producer(OnDelivery told) override { return std::make_unique<LocalProducer>(ground_, std::move(told)); }
  StoreResult<std::unique_ptr<StreamConsumer>> consumer(ConsumerOptions options) override { return local_stream::join(ground_, std::move(options)); }

 private:
  std::shared_ptr<local_stream::Ground> ground_;
};

}  // namespace

std::shared_ptr<LocalStream> LocalStream::create(LocalStreamLimits limits) { return std::make_shared<LocalStreams>(limits); }

}  // namespace prom
