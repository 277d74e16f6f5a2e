// See the header. Everything stands in maps under one mutex; what has expired is treated as absent and removed when room is needed.
#include "adapters/stores/local_shared/local_shared.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "ports/single_flight.h"

namespace prom {
namespace {

template <class T>
struct Expiring {
  T value;
  std::int64_t expires = 0;
};

/// A bounded map whose entries end. Callers hold the ground's mutex.
template <class T>
class Shelf {
 public:
  explicit Shelf(std::size_t room) : room_(room) {}
  Expiring<T>* find(const std::string& name, std::int64_t now) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    if (found->second.expires > now) return &found->second;
    entries_.erase(found);
    return nullptr;
  }
  bool has_room_for(const std::string& name, std::int64_t now) {
    if (entries_.size() < room_ || entries_.contains(name)) return true;
    std::erase_if(entries_, [&](const auto& entry) { return entry.second.expires <= now; });
    return entries_.size() < room_;
  }
  void drop_first_to_expire() {
    const auto first = std::ranges::min_element(entries_, {}, [](const auto& entry) { return entry.second.expires; });
    if (first != entries_.end()) entries_.erase(first);
  }
  void put(const std::string& name, T value, std::int64_t expires) { entries_.insert_or_assign(name, Expiring<T>{std::move(value), expires}); }
  void erase(const std::string& name) { entries_.erase(name); }

 private:
  std::size_t room_;
  std::map<std::string, Expiring<T>> entries_;
};

struct Holder {
  std::string owner;
  std::uint64_t fence = 0;
};

StoreError no_room(const char* of) { return {StoreErrorKind::full, Retry::after, std::string("no room for another of the ") + of, ""}; }

struct Ground : LocalShared, std::enable_shared_from_this<Ground> {
  Ground(Clock given, std::size_t room) : clock(std::move(given)), cache(room), leases(room), rates(room), sessions(room) {}
  std::unique_ptr<SharedState> join() override;

  const Clock clock;
  std::mutex mutex;
  Shelf<std::string> cache;
  Shelf<Holder> leases;
  Shelf<std::uint32_t> rates;
  Shelf<Session> sessions;
  std::uint64_t last_fence = 0;
  std::uint64_t last_owner = 0;
  SingleFlight flights{kFlightWait};
  // Listeners have their own lock, held while they are called: destruction of a subscription then means that no call runs.
  std::mutex listening;
  std::map<std::uint64_t, Invalidations::Hear> listeners;
  std::uint64_t last_listener = 0;
};

class LocalCache final : public Cache {
 public:
  explicit LocalCache(std::shared_ptr<Ground> ground) : ground_(std::move(ground)) {}
  CacheRead get(const CacheKey& key) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    const auto* entry = ground_->cache.find(key.name, now);
    if (entry == nullptr) return CacheMiss{};
    if (entry->expires - now > key.lifetime.ns - key.fresh.ns) return CacheHit{entry->value};
    return CacheStale{entry->value};
  }
  StoreResult<void> put(const CacheKey& key, const std::string& value) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    if (!ground_->cache.has_room_for(key.name, now)) ground_->cache.drop_first_to_expire();
    ground_->cache.put(key.name, value, now + key.lifetime.ns);
    return {};
  }
  StoreResult<void> erase(const CacheKey& key) override {
    const std::lock_guard lock(ground_->mutex);
    ground_->cache.erase(key.name);
    return {};
  }
  StoreResult<std::string> fetch(const CacheKey& key, const Load& load) override {
    const CacheRead read = get(key);
    if (const auto* hit = std::get_if<CacheHit>(&read)) return hit->value;
    const auto load_and_put = [&]() -> StoreResult<std::string> {
      StoreResult<std::string> loaded = load();
      if (loaded) PROM_CHECK_OK(put(key, *loaded));
      return loaded;
    };
    if (const auto* stale = std::get_if<CacheStale>(&read)) {
      const auto refreshed = ground_->flights.run(key.name, SingleFlight::Others::pass, load_and_put);
      return refreshed && *refreshed ? **refreshed : stale->value;
    }
    const auto got = ground_->flights.run(key.name, SingleFlight::Others::wait, [&]() -> StoreResult<std::string> {
      // Whoever flew before us may have landed between our look and our start.
      const CacheRead again = get(key);
      if (const auto* hit = std::get_if<CacheHit>(&again)) return hit->value;
      return load_and_put();
    });
    return got ? *got : load_and_put();
  }

 private:
  std::shared_ptr<Ground> ground_;
};

class LocalLeases final : public Leases {
 public:
  explicit LocalLeases(std::shared_ptr<Ground> ground) : ground_(std::move(ground)) {}
  StoreResult<Acquired> acquire(const std::string& resource, DurationNs lifetime) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    const std::string name = lock_name(resource);
    if (const auto* held = ground_->leases.find(name, now)) return LeaseHeld{{held->expires - now}};
    if (!ground_->leases.has_room_for(name, now)) return std::unexpected(no_room("leases"));
    Lease lease{resource, "local-" + std::to_string(++ground_->last_owner), ++ground_->last_fence, now + lifetime.ns};
    ground_->leases.put(name, {lease.owner, lease.fence}, lease.expires);
    return lease;
  }
  StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    auto* held = ground_->leases.find(lock_name(lease.resource), now);
    if (held == nullptr || held->value.owner != lease.owner) return LeaseFate::lost;
    lease.expires = held->expires = now + lifetime.ns;
    return LeaseFate::kept;
  }
  StoreResult<LeaseFate> release(const Lease& lease) override {
    const std::lock_guard lock(ground_->mutex);
    const std::string name = lock_name(lease.resource);
    const auto* held = ground_->leases.find(name, ground_->clock());
    if (held == nullptr || held->value.owner != lease.owner) return LeaseFate::lost;
    ground_->leases.erase(name);
    return LeaseFate::kept;
  }
  std::int64_t monotonic_ns() const override { return ground_->clock(); }

 private:
  std::shared_ptr<Ground> ground_;
};

class LocalRates final : public RateLimits {
 public:
  explicit LocalRates(std::shared_ptr<Ground> ground) : ground_(std::move(ground)) {}
  StoreResult<RateVerdict> take(const RateOf& of, const RateRule& rule) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    const std::string name = rate_name(of);
    auto* window = ground_->rates.find(name, now);
    if (window == nullptr) {
      if (rule.limit == 0) return RateVerdict{};
      if (!ground_->rates.has_room_for(name, now)) return std::unexpected(no_room("rates"));
      ground_->rates.put(name, 1, now + rule.window.ns);
      return RateVerdict{RateVerdict::Answer::allowed, rule.limit - 1, rule.window};
    }
    const DurationNs ends{window->expires - now};
    if (window->value >= rule.limit) return RateVerdict{RateVerdict::Answer::refused, 0, ends};
    return RateVerdict{RateVerdict::Answer::allowed, rule.limit - ++window->value, ends};
  }

 private:
  std::shared_ptr<Ground> ground_;
};

class LocalSessions final : public Sessions {
 public:
  explicit LocalSessions(std::shared_ptr<Ground> ground) : ground_(std::move(ground)) {}
  StoreResult<Session> load(const SessionOf& of) override {
    const std::lock_guard lock(ground_->mutex);
    const auto* found = ground_->sessions.find(session_name(of), ground_->clock());
    return found ? found->value : Session{};
  }
  StoreResult<std::uint64_t> save(const SessionOf& of, const Session& session) override {
    const std::lock_guard lock(ground_->mutex);
    const std::int64_t now = ground_->clock();
    const std::string name = session_name(of);
    const auto* found = ground_->sessions.find(name, now);
    const std::uint64_t version = found ? found->value.version : 0;
    if (version != session.version)
      return std::unexpected(StoreError{StoreErrorKind::conflict, Retry::never,
                                        name + " is at version " + std::to_string(version) + ", not " + std::to_string(session.version), "load it again"});
    if (!ground_->sessions.has_room_for(name, now)) return std::unexpected(no_room("sessions"));
    ground_->sessions.put(name, {version + 1, session.data}, now + kSessionLifetime.ns);
    return version + 1;
  }
  StoreResult<void> end(const SessionOf& of) override {
    const std::lock_guard lock(ground_->mutex);
    ground_->sessions.erase(session_name(of));
    return {};
  }

 private:
  std::shared_ptr<Ground> ground_;
};

class LocalSubscription final : public Subscription {
 public:
  LocalSubscription(std::shared_ptr<Ground> ground, std::uint64_t id) : ground_(std::move(ground)), id_(id) {}
  ~LocalSubscription() override {
    const std::lock_guard lock(ground_->listening);
    ground_->listeners.erase(id_);
  }
  LocalSubscription(const LocalSubscription&) = delete;
  LocalSubscription& operator=(const LocalSubscription&) = delete;

 private:
  std::shared_ptr<Ground> ground_;
  std::uint64_t id_;
};

class LocalInvalidations final : public Invalidations {
 public:
  explicit LocalInvalidations(std::shared_ptr<Ground> ground) : ground_(std::move(ground)) {}
  StoreResult<void> tell(const CacheKey& key) override {
    const std::lock_guard lock(ground_->listening);
    for (const auto& [id, hear] : ground_->listeners) hear({key.name});
    return {};
  }
  std::unique_ptr<Subscription> listen(Hear hear) override {
    const std::lock_guard lock(ground_->listening);
    ground_->listeners.emplace(++ground_->last_listener, std::move(hear));
    return std::make_unique<LocalSubscription>(ground_, ground_->last_listener);
  }

 private:
  std::shared_ptr<Ground> ground_;
};

class LocalInstance final : public SharedState {
 public:
  explicit LocalInstance(const std::shared_ptr<Ground>& ground) : cache_(ground), leases_(ground), rates_(ground), sessions_(ground), invalidations_(ground) {}
  Cache& cache() override { return cache_; }
  Leases& leases() override { return leases_; }
  RateLimits& rate_limits() override { return rates_; }
  Sessions& sessions() override { return sessions_; }
  Invalidations& invalidations() override { return invalidations_; }

 private:
  LocalCache cache_;
  LocalLeases leases_;
  LocalRates rates_;
  LocalSessions sessions_;
  LocalInvalidations invalidations_;
};

std::unique_ptr<SharedState> Ground::join() { return std::make_unique<LocalInstance>(shared_from_this()); }

}  // namespace

std::shared_ptr<LocalShared> LocalShared::create(Clock clock, std::size_t max_entries) { return std::make_shared<Ground>(std::move(clock), max_entries); }

}  // namespace prom
