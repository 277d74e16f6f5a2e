// See the header. A ping every second tells a dead connection from a quiet one.
#include "adapters/stores/redis/redis_subscriber.h"

#include "adapters/stores/redis/redis_link.h"

namespace prom::redis {
namespace {
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kPing{1000};

class Ear final : public Subscription {
 public:
  Ear(std::shared_ptr<Subscriber> subscriber, std::uint64_t id) : subscriber_(std::move(subscriber)), id_(id) {}
  ~Ear() override { subscriber_->leave(id_); }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

 private:
  std::shared_ptr<Subscriber> subscriber_;
  std::uint64_t id_;
};
}  // namespace

Subscriber::~Subscriber() { stop(); }

void Subscriber::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Subscriber::leave(std::uint64_t listener) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(listener);
}

std::unique_ptr<Subscription> Subscriber::listen(Invalidations::Hear hear) {
  std::unique_lock lock(mutex_);
  const std::uint64_t id = ++last_listener_;
  listeners_.emplace(id, std::move(hear));
  if (!thread_.joinable() && !stopping_) thread_ = std::thread([this] { work(); });
  // Not subscribed in time: what is said meanwhile will be lost, and made up for by `everything`.
  if (!changed_.wait_for(lock, 2 * options_->timeout, [&] { return subscribed_; })) owed_ = true;
  lock.unlock();
  return std::make_unique<Ear>(shared_from_this(), id);
}

void Subscriber::say(const Invalidation& word) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, hear] : listeners_) hear(word);
}

void Subscriber::heard(const Reply& message) {
  if (message.kind != Reply::Kind::list || message.list.size() < 3) return;  // an answer to our ping
  const std::string& kind = message.list[0].text;
  if (kind == "message") {
    say({message.list[2].text});
    return;
  }
  if (kind != "subscribe") return;
  bool everything = false;
  {
    const std::lock_guard lock(mutex_);
    subscribed_ = true;
    everything = std::exchange(owed_, false);
  }
  changed_.notify_all();
  if (everything) say({});
}

void Subscriber::follow(Connection& connection) {
  if (!connection.send({"SUBSCRIBE", channel_})) return;
  auto last_heard = Clock::now(), last_ping = last_heard;
  while (!stopping_) {
    auto message = connection.next(kTick);
    const auto now = Clock::now();
    if (!message || (*message && (*message)->kind == Reply::Kind::error)) return;
    if (*message) {
      last_heard = now;
      heard(**message);
    }
    if (now - last_heard > kPing + options_->timeout + kTick) return;
    if (now - last_ping > kPing) {
      last_ping = now;
      if (!connection.send({"PING"})) return;
    }
  }
}

void Subscriber::work() {
  block_sigpipe();
  int failures = 0;
  auto next_try = Clock::now();
  while (!stopping_) {
    if (Clock::now() < next_try) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    auto connection = Connection::open(*options_);
    if (!connection) {
      next_try = Clock::now() + backoff(++failures + 1);
      continue;
    }
    failures = 0;
    follow(**connection);
    const std::lock_guard lock(mutex_);
    owed_ = owed_ || subscribed_;
    subscribed_ = false;
    next_try = Clock::now() + backoff(2);
  }
}

}  // namespace prom::redis
