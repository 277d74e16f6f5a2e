// Which shards this instance wants, as the consumer group divides them: shard N is partition N of the topic `shards`, on which nothing is ever published. Owner: one
// thread; the group is asked on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
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
  /// Called on the division's thread with all shards of this instance. Of those that were taken away it returns only once they are given back, or cannot be: the
  /// group gives them to another after that.
  using Want = std::function<void(const std::vector<std::uint32_t>&)>;

  GroupDivision(Join join, Want want);
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
  void say(std::string why);

  const Join join_;
  const Want want_;
  std::set<std::uint32_t> mine_;  ///< of the division's thread
  mutable std::mutex mutex_;
  Status status_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom
