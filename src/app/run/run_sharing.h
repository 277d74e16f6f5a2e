// What a run shares with other instances through Redis, where REDIS_HOST is set: the lease that says who acts for it, and what is true of it just now, under its own name: a replay's
// prices are not today's.
// Main thread, but holds() and status(): any.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "adapters/stores/redis/redis_shared.h"
#include "app/cli/command.h"
#include "app/shared/live_values.h"
#include "runtime/leases/lease_keeper.h"
#include "runtime/leases/lease_thread.h"

namespace prom {

class RunSharing {
 public:
  /// Null where no Redis is named. Takes the lease of the run; one that a crashed instance left is waited for, at most its lifetime. Exit code 4 where Redis cannot be used,
  /// 5 where another instance acts for this run.
  static std::expected<std::unique_ptr<RunSharing>, CommandError> start(AppContext& context, const std::string& run);
  /// Gives the lease back.
  ~RunSharing();
  RunSharing(const RunSharing&) = delete;
  RunSharing& operator=(const RunSharing&) = delete;

  /// Whether the run may send anything now.
  bool holds() const { return keeper_.holds(); }
  /// Whether it may go on for so long without asking again.
  bool holds_for(DurationNs time) const { return keeper_.left() > time; }
  LeaseKeeper::Status status() const { return keeper_.status(); }
  DurationNs left() const { return keeper_.left(); }
  RedisCounters counters() const { return redis_->counters(); }
  LiveValues& values() { return values_; }

 private:
  RunSharing(std::unique_ptr<RedisShared> redis, const std::string& run);

  std::unique_ptr<RedisShared> redis_;
  LeaseKeeper keeper_;
  LiveValues values_;
  std::unique_ptr<LeaseThread> thread_;  // last: it uses everything above
};

}  // namespace prom
