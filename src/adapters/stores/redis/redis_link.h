// The one way to a Redis server for an instance: a bounded queue of requests, a thread that sends what waits together, and a connection that is made anew when
// it breaks. Any thread may ask.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/stores/redis/redis_connection.h"
#include "base/bounded_queue.h"

namespace prom::redis {

/// Blocks SIGPIPE on the calling thread: hiredis writes to sockets that the server may have closed.
void block_sigpipe();

/// How long to wait before connecting again after `failures` in a row: 0, 50, 100, ... at most 1,000 ms.
std::chrono::milliseconds backoff(int failures);

class Link {
 public:
  explicit Link(std::shared_ptr<const RedisOptions> options);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// The reply, which may be nil but is no error reply. Waits at most four times options.timeout: a batch that is under way, then its own. `away` with Retry::after: nothing was sent; with
  /// Retry::in_doubt: it may have been done.
  StoreResult<Reply> ask(Command command);
  /// For what may be done twice: asks again once where the first is in doubt. `doubted` tells that it did.
  struct Repeated {
    StoreResult<Reply> reply;
    enum class Doubt : std::uint8_t { none, first } doubt = Doubt::none;
  };
  Repeated ask_again(const Command& command);

  const RedisOptions& options() const { return *options_; }
  std::shared_ptr<const RedisOptions> shared_options() const { return options_; }
  RedisCounters counters() const;

 private:
  struct Request {
    Command command;
    std::promise<StoreResult<Reply>> answer;
    std::chrono::steady_clock::time_point latest_start;
  };
  void work();
  void serve(std::vector<Request>& batch);
  bool connected();

  const std::shared_ptr<const RedisOptions> options_;
  BoundedQueue<Request> queue_{kRedisQueue};
  std::atomic<std::uint64_t> asked_ = 0, refused_ = 0, in_doubt_ = 0, connects_ = 0;
  std::atomic<std::int64_t> waited_ns_ = 0;
  std::atomic<bool> answered_ = true;
  // Of the thread:
  std::unique_ptr<Connection> connection_;
  StoreError why_not_;
  int failures_ = 0;
  std::chrono::steady_clock::time_point next_try_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace prom::redis
