// Carries what durable journal frames mean to others into the event streams, on a thread of its own: a stream that is slow or away never holds up the engine, and
// the journal keeps what it misses. Owner: one thread; the publisher's own thread reads the journal and owns the producer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ports/event_stream.h"
#include "ports/journal.h"
#include "runtime/streams/frame_events.h"
#include "runtime/streams/market_events.h"

namespace prom {

struct StreamPublisherOptions {
  std::string run;              ///< see FrameEvents
  std::uint64_t published = 0;  ///< frames up to this one were delivered before: `Status::published` of an earlier publisher on this journal
  /// What became known of the market beside the frames: told behind the first frame whose instant is not before it. Null: nothing.
  std::unique_ptr<MarketEvents> market = nullptr;
};

class StreamPublisher {
 public:
  /// Frames whose events are delivered before the next are read: what is published again when a producer ends without telling.
  static constexpr std::size_t kBatchFrames = 1'000;
  static constexpr std::size_t kBatchBytes = std::size_t{8} << 20;
  /// Between two tries to open a producer, or to read a journal that cannot be read; doubled from the first to the last.
  static constexpr DurationNs kFirstPause{100 * kMillisecond.ns}, kLastPause{10 * kSecond.ns};

  /// Opens the stream, on the publisher's thread, again whenever one has ended; `told` is to be called for each delivery.
  using Open = std::function<StoreResult<std::unique_ptr<StreamProducer>>(OnDelivery told)>;

  /// Nobody else uses the reader until finish(); it outlives the publisher.
  StreamPublisher(JournalReader& journal, Open open, StreamPublisherOptions options);
  ~StreamPublisher();
  StreamPublisher(const StreamPublisher&) = delete;
  StreamPublisher& operator=(const StreamPublisher&) = delete;

  /// Frames up to `durable` may be published. Never waits.
  void poke(std::uint64_t durable);

  struct Status {
    std::uint64_t published = 0;  ///< every event of the frames up to this one was delivered, or is counted in `lost`
    std::uint64_t durable = 0;    ///< frames that may be published
    std::uint64_t delivered = 0;  ///< events, repeats included
    std::uint64_t lost = 0;       ///< events that the stream will never take; each is logged with its id
    std::uint64_t full = 0;       ///< times that the stream had no room and was tried again
    std::string why;              ///< why it does not get on now; empty: it does, or has nothing to do
  };
  Status status() const;

  /// Publishes what is durable by now, for at most `timeout`, closes the stream and ends the thread; returns the status then. What was not delivered is published
  /// by the next publisher that begins with Status::published. Idempotent.
  Status finish(DurationNs timeout);

 private:
  struct Told;
  void work();
  bool open_stream();
  bool fill_batch();
  bool send_batch();
  bool publish(const StreamEvent& event);
  void settle();
  /// False when the publisher has to end.
  bool pause(DurationNs time);
  void say(std::string why);
  bool over() const;

  JournalReader& journal_;
  const Open open_;
  FrameEvents events_;
  const std::unique_ptr<MarketEvents> market_;
  const std::shared_ptr<Told> told_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::int64_t give_up_at_ = INT64_MAX;  ///< steady clock, ns
  Status status_;

  // Of the thread:
  std::unique_ptr<StreamProducer> producer_;
  std::vector<StreamEvent> batch_;  ///< events of the frames (published, read_]
  std::uint64_t read_ = 0;
  std::uint64_t skip_ = 0;  ///< frames up to this one were delivered before
  DurationNs pause_ = kFirstPause;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom
