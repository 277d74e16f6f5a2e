// Which shards this instance wants, as the consumer group divides them: shard N is partition N of the topic `shards`, on which nothing is ever published. Owner: one
// thread; the group is asked on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ports/event_stream.h"

namespace prom {

class GroupDivision {
 public:
  /// Makes a consumer of the group that tells its partitions to `on_rebalance`.
  using Join = std::function<StoreResult<std::unique_ptr<StreamConsumer>>(OnRebalance on_rebalance)>;
  /// Called on the division's thread with all shards of this instance, when the group has divided them. While it divides, what was hosted stays hosted: a member
  /// that comes or goes stops no shard that stays where it is, and the leases keep two instances from hosting one.
  using Want = std::function<void(const std::vector<std::uint32_t>&)>;
  /// For so long a group that takes shards away may owe the next division; then they are given back.
  static constexpr DurationNs kUndivided{30 * kSecond.ns};

  GroupDivision(Join join, Want want, DurationNs undivided = kUndivided);
  /// Leaves the group; what was wanted last stays so.
  ~GroupDivision();
  GroupDivision(const GroupDivision&) = delete;
  GroupDivision& operator=(const GroupDivision&) = delete;

  struct Status {
    bool member = false;  ///< the group has given this instance its part, which may be nothing
    std::string why;      ///< why the group cannot be asked now; empty: it can
  };
  Status status() const;

 private:
  void work();
  void on_rebalance(const Rebalance& change);
  /// Wants what is this instance's, where the group has divided or has been asked for too long.
  void divided();
  void say(std::string why);

  const Join join_;
  const Want want_;
  const std::chrono::nanoseconds undivided_;
  // Of the division's thread:
  std::set<std::uint32_t> mine_;
  std::optional<std::chrono::steady_clock::time_point> taken_;  ///< since when something that is still hosted is not in mine_
  mutable std::mutex mutex_;
  Status status_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom
