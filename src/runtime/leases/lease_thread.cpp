// See the header. The owner starts and ends it; the rest is the thread's own.
#include "runtime/leases/lease_thread.h"

#include <chrono>

namespace prom {

LeaseThread::LeaseThread(LeaseKeeper& keeper) : keeper_(keeper), thread_([this] { work(); }) {}

LeaseThread::~LeaseThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LeaseThread::work() {
  for (;;) {
    const DurationNs next = keeper_.step();
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::nanoseconds(next.ns), [this] { return stopping_; })) return;
  }
}

}  // namespace prom
