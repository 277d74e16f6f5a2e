// One thread a shard: wait until it is wanted, hold its lease, open, work, close, give back.
#include "runtime/shards/shard_host.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/assert.h"
#include "runtime/leases/lease_keeper.h"
#include "runtime/leases/lease_thread.h"

namespace prom {
namespace {

/// Between two looks at a lease that others may hold.
constexpr DurationNs kLook{20 * kMillisecond.ns};

std::chrono::nanoseconds chrono_of(DurationNs time) { return std::chrono::nanoseconds(time.ns); }

}  // namespace

std::string_view name_of(SeatState state) {
  switch (state) {
    case SeatState::idle: return "idle";
    case SeatState::waiting: return "waiting";
    case SeatState::opening: return "opening";
    case SeatState::hosted: return "hosted";
    case SeatState::failed: return "failed";
    case SeatState::done: return "done";
  }
  PROM_ASSERT(false, "no such state of a shard");
}

struct ShardHost::Impl {
  Impl(Leases& l, OpenShard o, ShardHostOptions given, Told t) : leases(l), open(std::move(o)), options(std::move(given)), told(std::move(t)) {
    for (std::uint32_t shard = 0; shard < options.shards; ++shard) places.push_back(std::make_unique<Place>());
    for (std::uint32_t shard = 0; shard < options.shards; ++shard) places[shard]->thread = std::thread([this, shard] { work(shard); });
  }

  struct Place {
    Seat seat;
    bool wanted = false;
    bool at_work = false;  ///< its lease is asked for or held, or it is open
    std::thread thread;
  };

  /// The tenure of one keeper, which its lease thread renews meanwhile.
  class Tenure final : public ShardTenure {
   public:
    Tenure(Impl& impl, std::uint32_t shard, const LeaseKeeper& keeper) : impl_(impl), shard_(shard), keeper_(keeper), fence_(keeper.fence()) {}
    std::uint32_t shard() const override { return shard_; }
    std::uint64_t fence() const override { return fence_; }
    bool holds() const override { return keeper_.holds_as(fence_); }
    bool go_on(DurationNs time) override {
      if (!impl_.rest(shard_, time)) return false;
      // A lease that was lost and acquired anew is another tenure: somebody may have worked here in between.
      while (holds() && keeper_.left() <= impl_.options.margin)
        if (!impl_.rest(shard_, kLook)) return false;
      return holds();
    }

   private:
    Impl& impl_;
    const std::uint32_t shard_;
    const LeaseKeeper& keeper_;
    const std::uint64_t fence_;
  };

  /// Waits; false where the shard is not wanted any more.
  bool rest(std::uint32_t shard, DurationNs time) {
    std::unique_lock lock(mutex);
    const auto unwanted = [&] { return !places[shard]->wanted; };
    if (time.ns <= 0) return !unwanted();
    return !changed.wait_for(lock, chrono_of(time), unwanted);
  }

  void tell(std::uint32_t shard, SeatState state, std::string why = {}) {
    Seat seat;
    {
      const std::lock_guard lock(mutex);
      Seat& now = places[shard]->seat;
      if (now.state == state && now.why == why) return;
      now.state = state;
      now.why = std::move(why);
      seat = now;
    }
    if (told) told(shard, seat);
  }

  void work(std::uint32_t shard) {
    Place& place = *places[shard];
    for (;;) {
      {
        std::unique_lock lock(mutex);
        place.at_work = false;
        changed.notify_all();
        changed.wait(lock, [&] { return stopping || place.wanted; });
        if (stopping) return;
        place.at_work = true;
      }
      const SeatState ended = hold(shard);
      if (ended == SeatState::done) {
        const std::unique_lock lock(mutex);
        place.wanted = false;  // nothing remains, until somebody wants it again
      } else if (ended == SeatState::failed) {
        rest(shard, options.retry_after);
      }
      if (ended == SeatState::idle) tell(shard, SeatState::idle);
    }
  }

  /// From asking for the lease to giving it back.
  SeatState hold(std::uint32_t shard) {
    LeaseKeeper keeper(leases, {.resource = options.name + "." + std::to_string(shard), .lifetime = options.lease});
    SeatState ended = SeatState::idle;
    {
      LeaseThread renewing(keeper);
      bool done = false;
      while (!done && rest(shard, DurationNs{0})) {
        if (keeper.left() <= options.margin) {
          const LeaseKeeper::Status status = keeper.status();
          tell(shard, SeatState::waiting, status.held_elsewhere ? "another instance has it" : status.why);
          rest(shard, kLook);
          continue;
        }
        ended = serve(shard, keeper);
        done = ended != SeatState::waiting;
      }
      if (!done) ended = SeatState::idle;
    }
    keeper.release();
    return ended;
  }

  /// One tenure. `waiting`: the lease has ended.
  SeatState serve(std::uint32_t shard, const LeaseKeeper& keeper) {
    Tenure tenure(*this, shard, keeper);
    {
      const std::lock_guard lock(mutex);
      places[shard]->seat.fence = tenure.fence();
      ++places[shard]->seat.taken;
    }
    tell(shard, SeatState::opening);
    if (options.receive_window.ns > 0 && !tenure.go_on(options.receive_window)) return after(shard);
    auto opened = open(tenure);
    if (!opened) return fail(shard, std::move(opened.error()));
    if (!tenure.go_on(DurationNs{0})) return after(shard);
    tell(shard, SeatState::hosted);
    const auto end = (*opened)->run();
    opened->reset();
    if (!end) return tenure.holds() ? fail(shard, end.error()) : after(shard);
    if (*end == ShardWork::End::told) return after(shard);
    tell(shard, SeatState::done);
    return SeatState::done;
  }

  SeatState fail(std::uint32_t shard, std::string why) {
    tell(shard, SeatState::failed, std::move(why));
    return SeatState::failed;
  }

  /// Whether a tenure that was told to end ended with the lease or with the wish.
  SeatState after(std::uint32_t shard) {
    const std::lock_guard lock(mutex);
    if (!places[shard]->wanted) return SeatState::idle;
    ++places[shard]->seat.lapses;
    return SeatState::waiting;
  }

  Leases& leases;
  const OpenShard open;
  const ShardHostOptions options;
  const Told told;
  mutable std::mutex mutex;
  std::condition_variable changed;  ///< what is wanted, or who is at work
  std::vector<std::unique_ptr<Place>> places;
  bool stopping = false;
};

ShardHost::ShardHost(Leases& leases, OpenShard open, ShardHostOptions options, Told told)
    : impl_(std::make_unique<Impl>(leases, std::move(open), std::move(options), std::move(told))) {}

ShardHost::~ShardHost() { stop(); }

void ShardHost::want(const std::vector<std::uint32_t>& shards) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->stopping) return;
    for (std::uint32_t shard = 0; shard < impl_->options.shards; ++shard) {
      Impl::Place& place = *impl_->places[shard];
      place.wanted = std::ranges::find(shards, shard) != shards.end();
    }
  }
  impl_->changed.notify_all();
}

bool ShardHost::settle(DurationNs timeout) {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, chrono_of(timeout),
                                 [&] { return std::ranges::none_of(impl_->places, [](const auto& place) { return !place->wanted && place->at_work; }); });
}

void ShardHost::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (const auto& place : impl_->places) place->wanted = false;
  }
  impl_->changed.notify_all();
  for (const auto& place : impl_->places)
    if (place->thread.joinable()) place->thread.join();
}

std::vector<Seat> ShardHost::seats() const {
  const std::lock_guard lock(impl_->mutex);
  std::vector<Seat> out;
  for (const auto& place : impl_->places) out.push_back(place->seat);
  return out;
}

}  // namespace prom
