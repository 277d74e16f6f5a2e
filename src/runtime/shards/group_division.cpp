// See the header. The division's thread, but for the owner's start, end and status.
#include "runtime/shards/group_division.h"

#include <chrono>
#include <utility>

namespace prom {
namespace {

constexpr DurationNs kPoll{200 * kMillisecond.ns};
constexpr std::chrono::seconds kAgain{2};

}  // namespace

GroupDivision::GroupDivision(Join join, Want want, DurationNs undivided)
    : join_(std::move(join)), want_(std::move(want)), undivided_(undivided.ns), thread_([this] { work(); }) {}

GroupDivision::~GroupDivision() {
  stopping_ = true;
  thread_.join();
}

GroupDivision::Status GroupDivision::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void GroupDivision::say(std::string why) {
  const std::lock_guard lock(mutex_);
  status_.why = std::move(why);
}

void GroupDivision::work() {
  while (!stopping_) {
    auto consumer = join_([this](const Rebalance& change, StreamConsumer&) { on_rebalance(change); });
    if (!consumer) {
      say(consumer.error().detail);
      for (auto until = std::chrono::steady_clock::now() + kAgain; !stopping_ && std::chrono::steady_clock::now() < until;)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    say({});
    // A group that is away divides nothing anew: whoever had a shard keeps it, and its lease says whether that is right.
    while (!stopping_) {
      const auto polled = (*consumer)->poll(kPoll);
      say(polled ? std::string() : polled.error().detail);
      if (taken_ && std::chrono::steady_clock::now() - *taken_ > undivided_) divided();
    }
    [[maybe_unused]] const auto left = (*consumer)->close();
  }
}

void GroupDivision::on_rebalance(const Rebalance& change) {
  // Leaving at the end is no wish to have the shards closed one by one: the host closes them all.
  if (stopping_) return;
  for (const StreamPartition& partition : change.partitions) {
    const auto shard = static_cast<std::uint32_t>(partition.partition);
    if (change.kind == Rebalance::Kind::assigned) {
      mine_.insert(shard);
    } else {
      mine_.erase(shard);
    }
  }
  if (change.kind == Rebalance::Kind::assigned) {
    divided();
  } else if (!taken_) {
    taken_ = std::chrono::steady_clock::now();
  }
}

void GroupDivision::divided() {
  taken_.reset();
  want_({mine_.begin(), mine_.end()});
  const std::lock_guard lock(mutex_);
  status_.member = true;
}

}  // namespace prom
