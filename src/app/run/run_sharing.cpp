// One thread keeps the lease: neither the run nor its view waits for Redis. The main thread starts and ends it.
#include "app/run/run_sharing.h"

#include <chrono>
#include <thread>
#include <utility>

#include "app/shared/redis_at_hand.h"

namespace prom {
namespace {

std::chrono::nanoseconds chrono_of(DurationNs time) { return std::chrono::nanoseconds(time.ns); }

}  // namespace

RunSharing::RunSharing(std::unique_ptr<RedisShared> redis, const std::string& run)
    : redis_(std::move(redis)), keeper_(redis_->leases(), {.resource = "run." + run}), values_(redis_->cache()) {}

RunSharing::~RunSharing() {
  thread_.reset();
  keeper_.release();
}

std::expected<std::unique_ptr<RunSharing>, CommandError> RunSharing::start(AppContext& context, const std::string& run) {
  PROM_TRY(const Config* config, context.config());
  PROM_TRY(auto redis, open_redis(context));
  if (!redis) return nullptr;
  std::unique_ptr<RunSharing> out(new RunSharing(std::move(redis), run));
  // What a killed instance left ends within its lifetime; what is renewed meanwhile is another's.
  const auto begun = std::chrono::steady_clock::now();
  bool said = false;
  for (DurationNs next = out->keeper_.step(); !out->keeper_.holds(); next = out->keeper_.step()) {
    const LeaseKeeper::Status status = out->keeper_.status();
    if (!status.held_elsewhere)
      return std::unexpected(CommandError{ExitCode::outside_away, "redis", "the lease of this run cannot be had: " + status.why, "", {}});
    if (std::chrono::steady_clock::now() - begun > chrono_of(LeaseKeeperOptions{}.lifetime + kSecond))
      return std::unexpected(CommandError{ExitCode::refused,
                                          "run_leased",
                                          "another instance acts for this run and renews its lease",
                                          "stop that one first, or give this one its own --state with --fresh",
                                          {}});
    if (!std::exchange(said, true))
      context.note("waiting for the lease that an earlier instance left, at most " + std::to_string(LeaseKeeperOptions{}.lifetime.ns / kSecond.ns) + " s");
    std::this_thread::sleep_for(chrono_of(next));
  }
  out->thread_ = std::make_unique<LeaseThread>(out->keeper_);
  context.note("this instance acts for the run by a lease on Redis at " + redis_place(*config));
  return out;
}

}  // namespace prom
