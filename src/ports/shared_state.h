// What several instances share and may lose: caches, leases, rate limits, conversation sessions, word of what is no longer true. Nothing here is a record of
// trading: with all of it gone the product is slower, never wrong. Contract tests in ports/shared_state_contract.h run on every implementation.
// Any thread may call any of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "ports/shared_keys.h"
#include "ports/store_error.h"

namespace prom {

struct CacheHit {
  std::string value;
};
/// Near the end of its lifetime: may be used, and should be loaded again by somebody.
struct CacheStale {
  std::string value;
};
/// Nothing is known: ask the source. `away` where the store could not be asked, which for the caller is the same.
struct CacheMiss {
  enum class Why : std::uint8_t { absent, away } why = Why::absent;
};
using CacheRead = std::variant<CacheHit, CacheStale, CacheMiss>;

class Cache {
 public:
  virtual ~Cache() = default;
  using Load = std::function<StoreResult<std::string>()>;
  virtual CacheRead get(const CacheKey& key) = 0;
  /// Replaces. An error means only that nobody will find it.
  virtual StoreResult<void> put(const CacheKey& key, const std::string& value) = 0;
  virtual StoreResult<void> erase(const CacheKey& key) = 0;
  /// The cached value, else what `load` gives (and it is put). Of many who ask at once, in all instances, one loads and the others get its value; a stale value
  /// serves them while it loads, and where loading fails. One who has waited for `kFlightWait` loads by itself. Where the store is away each instance loads once for all its threads.
  /// An error is one of `load`. What `load` throws goes through to the caller that ran it.
  virtual StoreResult<std::string> fetch(const CacheKey& key, const Load& load) = 0;
};
inline constexpr DurationNs kFlightWait{2 * kSecond.ns};

/// A right to act on `resource` alone, until `expires`. Whoever lets the holder act on something compares `fence`: one lower than seen before is refused.
struct Lease {
  std::string resource;
  std::string owner;         ///< unique for each acquisition
  std::uint64_t fence = 0;   ///< rises with every new holder, also across restarts of the store
  std::int64_t expires = 0;  ///< on the holder's own monotonic clock (ns): counted from before the request, so never later than in the store
};
struct LeaseHeld {
  DurationNs remaining;  ///< at most this long, if the holder does not renew
};
using Acquired = std::variant<Lease, LeaseHeld>;
enum class LeaseFate : std::uint8_t { kept, lost };  ///< lost: it had expired, or another holds it now

class Leases {
 public:
  virtual ~Leases() = default;
  /// An error with Retry::in_doubt: a lease may exist that nobody holds; it ends with its lifetime. lifetime > 0, whole milliseconds.
  virtual StoreResult<Acquired> acquire(const std::string& resource, DurationNs lifetime) = 0;
  /// `kept` moves lease.expires. After any error the lease holds until lease.expires and no longer.
  virtual StoreResult<LeaseFate> renew(Lease& lease, DurationNs lifetime) = 0;
  /// Deletes only one's own: `lost` leaves another's lease as it is.
  virtual StoreResult<LeaseFate> release(const Lease& lease) = 0;
  /// The clock of Lease::expires.
  virtual std::int64_t monotonic_ns() const = 0;
};

struct RateRule {
  std::uint32_t limit = 1;          ///< takes in one window
  DurationNs window = kRateWindow;  ///< begins with the first take; whole milliseconds
};
struct RateVerdict {
  enum class Answer : std::uint8_t { allowed, refused } answer = Answer::refused;
  std::uint32_t left = 0;  ///< takes left in this window
  DurationNs window_ends;  ///< from now
};

class RateLimits {
 public:
  virtual ~RateLimits() = default;
  /// Counts and judges in one step. A refused take is not counted. After an error the caller refuses: an unreachable counter opens no gate.
  virtual StoreResult<RateVerdict> take(const RateOf& of, const RateRule& rule) = 0;
};

struct Session {
  std::uint64_t version = 0;  ///< 0: not stored yet
  std::string data;
};
class Sessions {
 public:
  virtual ~Sessions() = default;
  /// A session that is not there is the empty one of version 0. Loading does not prolong.
  virtual StoreResult<Session> load(const SessionOf& of) = 0;
  /// Stores `session.data` if nobody has since `session.version`, for kSessionLifetime from now; returns the new version. Else `conflict`, and nothing changes.
  virtual StoreResult<std::uint64_t> save(const SessionOf& of, const Session& session) = 0;
  virtual StoreResult<void> end(const SessionOf& of) = 0;
};

/// Something is no longer true: the cache entry of that name, or (empty) all of them, because words may have been lost.
struct Invalidation {
  std::string name;
  bool everything() const { return name.empty(); }
};
/// Ends with its destruction: after that no call comes.
class Subscription {
 public:
  virtual ~Subscription() = default;
};
class Invalidations {
 public:
  virtual ~Invalidations() = default;
  using Hear = std::function<void(const Invalidation&)>;
  /// Tells all instances, the own one too. An error: not everybody may have heard; erase and tell again.
  virtual StoreResult<void> tell(const CacheKey& key) = 0;
  /// From the return on each word is heard at least once; where words may have been lost, `everything` is. `hear` is called on a thread of the implementation
  /// and calls nothing of it.
  virtual std::unique_ptr<Subscription> listen(Hear hear) = 0;
};

class SharedState {
 public:
  virtual ~SharedState() = default;
  virtual Cache& cache() = 0;
  virtual Leases& leases() = 0;
  virtual RateLimits& rate_limits() = 0;
  virtual Sessions& sessions() = 0;
  virtual Invalidations& invalidations() = 0;
};

}  // namespace prom
