// The event streams of a run: what its journal means to others, published to Kafka where KAFKA_BROKERS is set. Beside the run and never in its way. Main thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/cli/command.h"
#include "ports/journal.h"
#include "runtime/streams/stream_publisher.h"

namespace prom {

class RunStreams {
 public:
  /// Null where no broker is named. A broker that is away, or refuses, is said and tried again; the journal keeps what it misses.
  /// `market`: makes what became known beside the journal; asked only where a broker is named.
  static std::expected<std::unique_ptr<RunStreams>, CommandError> start(AppContext& context, const StatePaths& paths, const std::string& run,
                                                                        const std::function<std::unique_ptr<MarketEvents>()>& market);

  /// Frames up to `durable` may be published. Never waits; says once why publishing does not get on, and that it does again.
  void poke(std::uint64_t durable);
  /// Publishes what is durable, for at most this long, and remembers how far it came. Empty, or what was not published in one sentence: the next start does it.
  std::string finish(DurationNs timeout);

 private:
  RunStreams(AppContext& context, std::string path, std::string run, const std::string& journal);
  void remember(const StreamPublisher::Status& status);

  AppContext& context_;
  std::string path_, run_;
  std::unique_ptr<JournalReader> reader_;
  std::unique_ptr<StreamPublisher> publisher_;
  std::uint64_t remembered_ = 0, durable_ = 0;
  std::string said_;
  std::chrono::steady_clock::time_point remembered_at_;
};

}  // namespace prom
