// The parts of shared state on a link to Redis. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <random>
#include <string>

#include "adapters/stores/redis/redis_link.h"
#include "ports/single_flight.h"

namespace prom::redis {

/// A name that no other request of any instance has: random for the process, counted within it.
class Names {
 public:
  Names();
  std::string next();

 private:
  std::string base_;
  std::atomic<std::uint64_t> count_ = 0;
};

/// EVAL with its keys and arguments.
Command script(const char* text, std::vector<std::string> keys, const std::vector<std::string>& arguments);
std::string milliseconds(DurationNs time);
/// A reply of the script that has another shape than the script gives.
StoreError unexpected_reply(const Link& link, const std::string& name);

class RedisCache final : public Cache {
 public:
  RedisCache(Link& link, Names& names) : link_(link), names_(names) {}
  CacheRead get(const CacheKey& key) override;
  StoreResult<void> put(const CacheKey& key, const std::string& value) override;
  StoreResult<void> erase(const CacheKey& key) override;
  StoreResult<std::string> fetch(const CacheKey& key, const Load& load) override;
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

 private:
  CacheRead look(const CacheKey& key);
  enum class Turn : std::uint8_t { ours, another, away };
  Turn take_turn(const CacheKey& key, const std::string& token);
  StoreResult<std::string> load_in_turn(const CacheKey& key, const std::string& token, const Load& load);
  StoreResult<std::string> load_and_put(const CacheKey& key, const Load& load);
  StoreResult<std::string> load_or_wait(const CacheKey& key, const Load& load);

  Link& link_;
  Names& names_;
  std::atomic<std::uint64_t> hits_ = 0, misses_ = 0;
  SingleFlight flights_{kFlightWait};
};

class RedisLeases final : public Leases {
 public:
  RedisLeases(Link& link, Names& names) : link_(link), names_(names) {}
  StoreResult<Acquired> acquire(const std::string& resource, DurationNs lifetime) override;
  StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) override;
  StoreResult<LeaseFate> release(const Lease& lease) override;
  std::int64_t monotonic_ns() const override;

 private:
  Link& link_;
  Names& names_;
};

class RedisRates final : public RateLimits {
 public:
  explicit RedisRates(Link& link) : link_(link) {}
  StoreResult<RateVerdict> take(const RateOf& of, const RateRule& rule) override;

 private:
  Link& link_;
};

class RedisSessions final : public Sessions {
 public:
  explicit RedisSessions(Link& link) : link_(link) {}
  StoreResult<Session> load(const SessionOf& of) override;
  StoreResult<std::uint64_t> save(const SessionOf& of, const Session& session) override;
  StoreResult<void> end(const SessionOf& of) override;

 private:
  Link& link_;
};

}  // namespace prom::redis
