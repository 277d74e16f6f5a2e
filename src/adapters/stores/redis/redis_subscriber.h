// Hears what other instances say is no longer true: a connection and a thread of its own, made when the first listener comes. Any thread may listen.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "adapters/stores/redis/redis_connection.h"

namespace prom::redis {

class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  Subscriber(std::shared_ptr<const RedisOptions> options, std::string channel) : options_(std::move(options)), channel_(std::move(channel)) {}
  ~Subscriber();
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  std::unique_ptr<Subscription> listen(Invalidations::Hear hear);
  void stop();
  void leave(std::uint64_t listener);

 private:
  void work();
  void follow(Connection& connection);
  void heard(const Reply& message);
  void say(const Invalidation& word);

  const std::shared_ptr<const RedisOptions> options_;
  const std::string channel_;
  std::mutex mutex_;  // held while listeners are called: whoever has left is not being called
  std::condition_variable changed_;
  std::map<std::uint64_t, Invalidations::Hear> listeners_;
  std::uint64_t last_listener_ = 0;
  bool subscribed_ = false;
  bool owed_ = false;  // words may have been lost: `everything` is to be said on the next subscription
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace prom::redis
