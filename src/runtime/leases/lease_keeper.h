// Holds one lease for as long as it may: acquires, renews, and knows when it has ended. Whoever owns it calls step() as often as that asks for.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "base/time.h"
#include "ports/shared_state.h"

namespace prom {

struct LeaseKeeperOptions {
  std::string resource;                  ///< what is leased: one name for all instances that could act on it
  DurationNs lifetime{10 * kSecond.ns};  ///< of an acquisition or renewal; whole milliseconds
};

class LeaseKeeper {
 public:
  /// `leases` outlives the keeper.
  LeaseKeeper(Leases& leases, LeaseKeeperOptions options);

  /// Acquires where nothing is held, renews where a third of the lifetime has passed. Waits for the store as long as that allows. Returns after how long it wants to be
  /// called again: a later call loses the lease, an earlier one costs a look at the clock.
  DurationNs step();
  /// Gives the lease back, so that another need not wait for its end. Nothing is held afterwards, whatever the store answered.
  void release();

  /// Whether this instance may act now. Asks nobody.
  bool holds() const { return left() > DurationNs{0}; }
  /// Whether it may, by the very lease that had this fence: one that was lost and acquired anew is another's turn in between.
  bool holds_as(std::uint64_t fence) const { return holds() && fence_.load(std::memory_order_acquire) == fence; }
  /// Of the lease that is held, or was last; 0 before the first.
  std::uint64_t fence() const { return fence_.load(std::memory_order_acquire); }
  /// How long it may act if nothing is renewed; zero where it may not.
  DurationNs left() const;

  struct Status {
    std::uint64_t fence = 0;                   ///< of the lease that is held, or was last
    std::uint64_t lapses = 0;                  ///< times that a lease ended without being given back
    std::optional<DurationNs> held_elsewhere;  ///< another holds it, for so long unless it renews
    std::string why;                           ///< why nothing is held, or why it could not be renewed; empty: all is well
  };
  Status status() const;

 private:
  DurationNs acquire();
  DurationNs renew();
  void keep(const Lease& lease);
  void lose(std::string why);

  Leases& leases_;
  const LeaseKeeperOptions options_;
  std::optional<Lease> lease_;             ///< of the owner's thread
  std::int64_t renew_at_ = 0;              ///< on the clock of Lease::expires
  std::atomic<std::uint64_t> fence_ = 0;   ///< written before expires_, so that whoever sees a new lease sees its fence
  std::atomic<std::int64_t> expires_ = 0;  ///< 0: nothing is held
  mutable std::mutex mutex_;
  Status status_;
};

}  // namespace prom
