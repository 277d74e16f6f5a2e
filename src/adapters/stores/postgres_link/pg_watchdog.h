// Ends waits that would never end: when a watched call takes too long its socket is shut down, which the client library sees as a broken connection. libpq by
// itself waits for ever for an answer on a connection that is half open. One thread of its own for each connection.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace prom::postgres {

class Watchdog {
 public:
  explicit Watchdog(std::chrono::milliseconds patience);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Watches `socket` while it lives.
  class Watch {
   public:
    Watch(Watchdog& dog, int socket) : dog_(dog) { dog_.set(socket); }
    ~Watch() { dog_.set(-1); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    Watchdog& dog_;
  };

 private:
  void set(int socket);
  void work();

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int socket_ = -1;
  std::chrono::steady_clock::time_point due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace prom::postgres
