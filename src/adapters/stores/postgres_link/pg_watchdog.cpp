// See the header.
#include "adapters/stores/postgres_link/pg_watchdog.h"

#include <sys/socket.h>

#include <utility>

namespace prom::postgres {

Watchdog::Watchdog(std::chrono::milliseconds patience) : patience_(patience), thread_([this] { work(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::set(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  due_ = std::chrono::steady_clock::now() + patience_;
  // Not told to the thread: it wakes often enough, and a call across threads for each statement would cost more than the statement.
}

void Watchdog::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    changed_.wait_for(lock, patience_ / 4);
    if (socket_ >= 0 && std::chrono::steady_clock::now() >= due_) ::shutdown(std::exchange(socket_, -1), SHUT_RDWR);
  }
}

}  // namespace prom::postgres
