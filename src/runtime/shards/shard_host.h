// The shards that this instance works at: takes the lease of each that is wanted here, opens it, lets it work while the lease holds, and closes it. Owner: one thread;
// each shard is opened, worked at and closed on a thread of its own.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ports/shared_state.h"

namespace prom {

/// The right to work at one shard, as its work sees it. The shard's thread; holds() also others, while the work lives.
class ShardTenure {
 public:
  virtual ~ShardTenure() = default;
  virtual std::uint32_t shard() const = 0;
  /// Higher than that of every tenure of this shard before, on any instance.
  virtual std::uint64_t fence() const = 0;
  /// Whether a command may leave now. Asks nobody.
  virtual bool holds() const = 0;
  /// Waits for `time` at most (zero: does not wait), and longer where the lease is about to end and may yet be renewed. False: the work is to end, because the
  /// shard is wanted elsewhere, its lease has ended, or the host stops.
  virtual bool go_on(DurationNs time) = 0;
};

class ShardWork {
 public:
  /// Closes the shard. Sends nothing: the lease may have ended.
  virtual ~ShardWork() = default;
  enum class End : std::uint8_t {
    told,  ///< go_on() was false
    done   ///< nothing remains to be done at this shard, here or elsewhere
  };
  /// Works until go_on() is false or all is done. An error is one sentence; the shard is closed, given back, and tried again.
  virtual std::expected<End, std::string> run() = 0;
};
/// Opens a shard whose lease is held. `tenure` outlives the work. An error is one sentence.
using OpenShard = std::function<std::expected<std::unique_ptr<ShardWork>, std::string>(ShardTenure& tenure)>;

enum class SeatState : std::uint8_t {
  idle,     ///< not wanted here
  waiting,  ///< wanted; its lease is not held
  opening,
  hosted,
  failed,  ///< given back; it is tried again
  done
};
std::string_view name_of(SeatState state);

struct Seat {
  SeatState state = SeatState::idle;
  std::uint64_t fence = 0;   ///< of the last tenure here
  std::uint64_t taken = 0;   ///< tenures here so far
  std::uint64_t lapses = 0;  ///< of them, those that ended because the lease did
  std::string why;           ///< it waits or failed; else empty
};

struct ShardHostOptions {
  std::uint32_t shards = 1;
  std::string name = "shard";              ///< leases are name.0, name.1, ...: one name for all instances of an installation
  DurationNs lease{10 * kSecond.ns};       ///< lifetime of an acquisition or renewal; whole milliseconds
  DurationNs margin{2 * kSecond.ns};       ///< with less than this left nothing new is begun
  DurationNs receive_window{};             ///< waited between the acquisition and the opening: how long the venue still takes what an earlier holder has sent
  DurationNs retry_after{3 * kSecond.ns};  ///< after a failure
};

class ShardHost {
 public:
  /// Called on the shard's thread at each change of state.
  using Told = std::function<void(std::uint32_t shard, const Seat& seat)>;

  /// `leases` outlives the host. Nothing is wanted yet.
  ShardHost(Leases& leases, OpenShard open, ShardHostOptions options, Told told = {});
  /// stop()
  ~ShardHost();
  ShardHost(const ShardHost&) = delete;
  ShardHost& operator=(const ShardHost&) = delete;

  /// Replaces what is wanted here. Shards that are no longer wanted close and give their lease back; this does not wait for it.
  void want(const std::vector<std::uint32_t>& shards);
  /// Waits, at most `timeout`, until every shard that is not wanted is closed and given back; whether that is so.
  bool settle(DurationNs timeout);
  /// Closes all, gives all back and ends the threads. Nothing can be wanted afterwards. Idempotent.
  void stop();

  /// By shard. Any thread.
  std::vector<Seat> seats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prom
