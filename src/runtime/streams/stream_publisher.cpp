// The publishing thread: read a batch of frames, publish their events, wait for the deliveries, go on. A batch is published again, with the same ids, when its
// producer ended before it told.
#include "runtime/streams/stream_publisher.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

#include "base/log.h"

namespace prom {
namespace {

constexpr DurationNs kSlice{50 * kMillisecond.ns};

std::int64_t steady_ns() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

/// Deliveries of the batch under way, from the producer's thread.
struct StreamPublisher::Told {
  std::mutex mutex;
  std::set<std::string> done;     ///< delivered, or refused for good
  std::vector<Delivery> refused;  ///< for good
  std::uint64_t delivered = 0;
  std::string why;      ///< of the last delivery that failed and is tried again
  bool barred = false;  ///< not by a moment's trouble: a topic or a right is missing, which a person mends
};

StreamPublisher::StreamPublisher(JournalReader& journal, Open open, StreamPublisherOptions options)
    : journal_(journal),
      open_(std::move(open)),
      events_(std::move(options.run)),
      market_(std::move(options.market)),
      told_(std::make_shared<Told>()),
      skip_(options.published) {
  status_.published = options.published;
  thread_ = std::thread([this] { work(); });
}

StreamPublisher::~StreamPublisher() { finish({0}); }

void StreamPublisher::poke(std::uint64_t durable) {
  {
    const std::scoped_lock lock(mutex_);
    status_.durable = std::max(status_.durable, durable);
  }
  changed_.notify_one();
}

StreamPublisher::Status StreamPublisher::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

StreamPublisher::Status StreamPublisher::finish(DurationNs timeout) {
  {
    const std::scoped_lock lock(mutex_);
    if (!stopping_) give_up_at_ = steady_ns() + timeout.ns;
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  return status();
}

bool StreamPublisher::over() const {
  const std::scoped_lock lock(mutex_);
  return stopping_ && (status_.published >= status_.durable || steady_ns() >= give_up_at_);
}

void StreamPublisher::say(std::string why) {
  const std::scoped_lock lock(mutex_);
  if (!why.empty() && why != status_.why) log_event(LogLevel::warning, "event_stream_waits", {{"text", why}});
  status_.why = std::move(why);
}

bool StreamPublisher::pause(DurationNs time) {
  std::unique_lock lock(mutex_);
  const std::int64_t until = steady_ns() + time.ns;
  // One that is told to end tries once more at once.
  const bool was_stopping = stopping_;
  while (steady_ns() < until && stopping_ == was_stopping && steady_ns() < give_up_at_)
    changed_.wait_for(lock, std::chrono::nanoseconds(std::min(until - steady_ns(), kSlice.ns)));
  return !stopping_ || steady_ns() < give_up_at_;
}

void StreamPublisher::work() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || status_.published < status_.durable; });
    }
    if (over()) break;
    const bool went_on = open_stream() && fill_batch() && send_batch();
    if (went_on) {
      pause_ = kFirstPause;
      say("");
    } else {
      if (!pause(pause_)) break;
      pause_ = std::min(pause_ * 2, kLastPause);
    }
  }
  if (producer_) producer_->close({0});
  producer_.reset();
  settle();
}

bool StreamPublisher::open_stream() {
  if (producer_) {
    const auto health = producer_->health();
    if (!health || health->retry != Retry::never) return true;
    // It has ended: the next one publishes the batch again.
    say(health->detail);
    producer_->close({0});
    producer_.reset();
    settle();
  }
  auto opened = open_([told = told_](const Delivery& delivery) {
    const std::scoped_lock lock(told->mutex);
    if (delivery.at) ++told->delivered;
    // Only an event that is itself too large is never taken. A missing topic or right bars every event until somebody mends it: none of them is thrown away for that.
    const bool barred = delivery.failed && delivery.failed->retry == Retry::never;
    const bool for_good = barred && delivery.failed->kind == StoreErrorKind::full;
    if (for_good) told->refused.push_back(delivery);
    if (delivery.failed && !for_good) {
      told->why = delivery.failed->detail;
      told->barred = told->barred || barred;
    }
    if (delivery.at || for_good) told->done.insert(delivery.id);
  });
  if (!opened) {
    say(opened.error().detail);
    return false;
  }
  producer_ = *std::move(opened);
  return true;
}

/// Reads frames until the batch is full or nothing more is durable.
bool StreamPublisher::fill_batch() {
  if (!batch_.empty()) return true;  // the last one has not got through
  const std::uint64_t durable = status().durable;
  std::size_t frames = 0, bytes = 0;
  const auto read = journal_.read(read_ + 1, [&](const RecordedFrame& frame) {
    if (frame.seq > durable || frames >= kBatchFrames || bytes >= kBatchBytes) return false;
    std::vector<StreamEvent> made = events_.take(frame);
    if (market_) std::ranges::move(market_->until(frame.input.available_at), std::back_inserter(made));
    read_ = frame.seq;
    if (frame.seq <= skip_) return true;  // only what later events must know of it
    ++frames;
    for (StreamEvent& event : made) {
      bytes += event.payload.size();
      batch_.push_back(std::move(event));
    }
    return !over();
  });
  if (!read) {
    say("the journal cannot be read: " + read.error().detail);
    return false;
  }
  if (batch_.empty() && read_ <= status().published && read_ < durable) {
    say("the journal ends with frame " + std::to_string(read_) + ", before what is said to be durable");
    return false;
  }
  return true;
}

bool StreamPublisher::send_batch() {
  for (const StreamEvent& event : batch_) {
    if (!publish(event)) return false;
  }
  while (producer_->flush(kSlice) > 0) {
    const auto health = producer_->health();
    if (health) say(health->detail);
    if (over() || (health && health->retry == Retry::never)) return false;
  }
  settle();
  if (batch_.empty()) {
    const std::scoped_lock lock(mutex_);
    status_.published = std::max(status_.published, read_);
    return true;
  }
  std::string why;
  bool barred = false;
  {
    const std::scoped_lock lock(told_->mutex);
    std::swap(why, told_->why);
    std::swap(barred, told_->barred);
  }
  say(why.empty() ? "events failed and are published again" : why);
  if (barred) {
    // The next one makes its topics again.
    producer_->close({0});
    producer_.reset();
    settle();
  }
  return false;
}

/// Waits while there is no room; false when the stream takes nothing more or there is no time left.
bool StreamPublisher::publish(const StreamEvent& event) {
  for (;;) {
    switch (producer_->publish(event)) {
      case PublishResult::accepted: return true;
      case PublishResult::full: {
        {
          const std::scoped_lock lock(mutex_);
          ++status_.full;
        }
        const auto health = producer_->health();
        say(health ? health->detail : "the stream has no room");
        if (over() || !pause({5 * kMillisecond.ns})) return false;
        break;
      }
      case PublishResult::closed: return false;
      case PublishResult::too_large:
      case PublishResult::malformed: {
        const std::scoped_lock lock(told_->mutex);
        if (told_->done.insert(event.id).second) {
          told_->refused.push_back({event.topic, event.key, event.id, std::nullopt,
                                    StoreError{StoreErrorKind::full, Retry::never, "the event is larger than any stream takes", ""}});
        }
        return true;
      }
    }
  }
}

/// Takes what was told out of the batch.
void StreamPublisher::settle() {
  std::set<std::string> done;
  std::vector<Delivery> refused;
  std::uint64_t delivered = 0;
  {
    const std::scoped_lock lock(told_->mutex);
    done.swap(told_->done);
    refused.swap(told_->refused);
    std::swap(delivered, told_->delivered);
  }
  // All of a batch or what is left of it: a batch is small and its events are told in any order.
  std::erase_if(batch_, [&](const StreamEvent& event) { return done.contains(event.id); });
  for (const Delivery& delivery : refused)
    log_event(LogLevel::error, "event_lost", {{"topic", spec_of(delivery.topic).name}, {"id", delivery.id}, {"text", delivery.failed->detail}});
  const std::scoped_lock lock(mutex_);
  status_.delivered += delivered;
  status_.lost += refused.size();
}

}  // namespace prom
