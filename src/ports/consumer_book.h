// What a consumer of a group must remember of each of its partitions to keep the port's promises; implementations of StreamConsumer share it. One thread.
#pragma once

#include <map>
#include <optional>

#include "ports/event_stream.h"

namespace prom {

class ConsumerBook {
 public:
  /// From now on ours, and read from `committed` on (nothing: the group has committed nothing there).
  void assign(const StreamPartition& partition, std::optional<std::int64_t> committed);
  void revoke(const StreamPartition& partition) { partitions_.erase(partition); }
  void revoke_all() { partitions_.clear(); }
  bool owns(const StreamPartition& partition) const { return partitions_.contains(partition); }
  std::vector<StreamPartition> owned() const;
  std::optional<std::int64_t> committed(const StreamPartition& partition) const;

  /// Where reading has to go back to before this event is handed out: offsets before it were passed over, and nobody has asked for them yet. A source that skips
  /// them again has them no more (retention, marks of other writers).
  std::optional<std::int64_t> passed_over(const StreamPosition& at);
  /// An event of ours is handed out; returns how often it has failed. What lies between it and the one before is counted as skipped.
  std::uint32_t hand_out(const StreamPosition& at);
  /// Whether committing this one moves the group's offset; else the error of StreamConsumer::commit.
  StoreResult<bool> may_commit(const StreamPosition& done) const;
  void note_committed(const StreamPosition& done);
  /// Counts a failure of an event that was handed out; returns how many it has now. It stays handed out until again().
  StoreResult<std::uint32_t> fail(const StreamPosition& at);
  /// It and what comes after it are to be handed out again.
  void again(const StreamPosition& at);
  StoreResult<void> replay(const StreamPosition& from);

  ConsumerCounters counters;

 private:
  struct Place {
    std::optional<std::int64_t> committed;
    std::optional<std::int64_t> next;  ///< the offset expected next; everything below has been handed out
    std::int64_t asked_again = -1;     ///< the offset at the start of a gap that was asked for a second time
    std::int64_t failing = -1;         ///< the offset that has failed `failures` times
    std::uint32_t failures = 0;
  };
  StoreResult<const Place*> handed_out(const StreamPosition& at) const;
  std::map<StreamPartition, Place> partitions_;
};

inline StreamPartition partition_of(const StreamPosition& at) { return {at.topic, at.partition}; }

}  // namespace prom
