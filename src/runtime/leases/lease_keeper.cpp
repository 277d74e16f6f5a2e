// Keeping one lease. Owner: one thread; readers: any.
#include "runtime/leases/lease_keeper.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace prom {
namespace {

constexpr std::int64_t kRetry = kSecond.ns / 4;  ///< between two tries of what did not succeed

}  // namespace

LeaseKeeper::LeaseKeeper(Leases& leases, LeaseKeeperOptions options) : leases_(leases), options_(std::move(options)) {
  PROM_ASSERT(options_.lifetime.ns >= kSecond.ns && !options_.resource.empty(), "a lease has a name and lasts a second at least");
}

DurationNs LeaseKeeper::left() const { return DurationNs{std::max<std::int64_t>(expires_.load(std::memory_order_acquire) - leases_.monotonic_ns(), 0)}; }

LeaseKeeper::Status LeaseKeeper::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

DurationNs LeaseKeeper::step() {
  const std::int64_t now = leases_.monotonic_ns();
  if (lease_ && now >= lease_->expires) lose("it ended before it could be renewed" + (status().why.empty() ? "" : ": " + status().why));
  if (!lease_) return acquire();
  if (now < renew_at_) return DurationNs{renew_at_ - now};
  return renew();
}

DurationNs LeaseKeeper::acquire() {
  auto got = leases_.acquire(options_.resource, options_.lifetime);
  if (!got) {
    const std::lock_guard lock(mutex_);
    status_.why = got.error().detail;
    status_.held_elsewhere = std::nullopt;
    return DurationNs{kRetry};
  }
  if (const auto* held = std::get_if<LeaseHeld>(&*got)) {
    const std::lock_guard lock(mutex_);
    status_.why = "another instance holds it";
    status_.held_elsewhere = held->remaining;
    return DurationNs{std::clamp<std::int64_t>(held->remaining.ns, kRetry, kSecond.ns)};
  }
  lease_ = std::get<Lease>(std::move(*got));
  keep(*lease_);
  return DurationNs{std::max<std::int64_t>(renew_at_ - leases_.monotonic_ns(), 0)};
}

DurationNs LeaseKeeper::renew() {
  const auto fate = leases_.renew(*lease_, options_.lifetime);
  if (!fate) {
    // It holds until it ends: there is time for more tries.
    const std::lock_guard lock(mutex_);
    status_.why = fate.error().detail;
    return DurationNs{kRetry};
  }
  if (*fate == LeaseFate::lost) {
    lose("another instance took it, or the store has forgotten it");
    return DurationNs{0};
  }
  keep(*lease_);
  return DurationNs{std::max<std::int64_t>(renew_at_ - leases_.monotonic_ns(), 0)};
}

void LeaseKeeper::keep(const Lease& lease) {
  renew_at_ = leases_.monotonic_ns() + options_.lifetime.ns / 3;
  fence_.store(lease.fence, std::memory_order_release);
  expires_.store(lease.expires, std::memory_order_release);
  const std::lock_guard lock(mutex_);
  status_.fence = lease.fence;
  status_.held_elsewhere = std::nullopt;
  status_.why.clear();
}

void LeaseKeeper::lose(std::string why) {
  expires_.store(0, std::memory_order_release);
  lease_.reset();
  const std::lock_guard lock(mutex_);
  ++status_.lapses;
  status_.why = std::move(why);
}

void LeaseKeeper::release() {
  expires_.store(0, std::memory_order_release);
  if (!lease_) return;
  // Where the store does not answer, the lease ends by itself.
  [[maybe_unused]] const auto fate = leases_.release(*lease_);
  lease_.reset();
}

}  // namespace prom
