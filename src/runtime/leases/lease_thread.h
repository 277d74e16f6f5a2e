// A thread that calls a keeper's step() as often as it asks for. Owner: one thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "runtime/leases/lease_keeper.h"

namespace prom {

class LeaseThread {
 public:
  /// Nobody else calls the keeper's step() from now on; it outlives this.
  explicit LeaseThread(LeaseKeeper& keeper);
  /// Ends the thread, after a step that is under way; the lease stays as it is.
  ~LeaseThread();
  LeaseThread(const LeaseThread&) = delete;
  LeaseThread& operator=(const LeaseThread&) = delete;

 private:
  void work();

  LeaseKeeper& keeper_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom
