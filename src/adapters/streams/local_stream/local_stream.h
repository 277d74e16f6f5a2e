// Event streams inside one process, the embedded default: bounded partitions with offsets, groups with commits. Meets ports/event_stream_contract.h. Any thread.
#pragma once

#include <cstddef>
#include <memory>

#include "ports/event_stream.h"

namespace prom {

struct LocalStreamLimits {
  /// Events kept in one partition. Beyond, the oldest goes, if every group that reads the topic has committed it; else publishing there is `full`.
  std::size_t events_a_partition = 8'192;
  /// Of keys, ids and payloads of all partitions together.
  std::size_t bytes = std::size_t{64} << 20;
};

class LocalStream {
 public:
  static std::shared_ptr<LocalStream> create(LocalStreamLimits limits = {});
  virtual ~LocalStream() = default;
  /// `told` may be empty. An accepted event is delivered when publish() returns.
  virtual std::unique_ptr<StreamProducer> producer(OnDelivery told) = 0;
  /// Joins the group. A group is remembered, with its commits, as long as this lives, and holds what it has not committed.
  virtual StoreResult<std::unique_ptr<StreamConsumer>> consumer(ConsumerOptions options) = 0;
};

}  // namespace prom
