// See the header.
#include "ports/consumer_book.h"

namespace prom {

void ConsumerBook::assign(const StreamPartition& partition, std::optional<std::int64_t> committed) {
  partitions_[partition] = {.committed = committed, .next = committed};
}

std::vector<StreamPartition> ConsumerBook::owned() const {
  std::vector<StreamPartition> out;
  for (const auto& [partition, place] : partitions_) out.push_back(partition);
  return out;
}

std::optional<std::int64_t> ConsumerBook::committed(const StreamPartition& partition) const {
  const auto found = partitions_.find(partition);
  return found == partitions_.end() ? std::nullopt : found->second.committed;
}

std::optional<std::int64_t> ConsumerBook::passed_over(const StreamPosition& at) {
  Place& place = partitions_[partition_of(at)];
  if (!place.next || at.offset <= *place.next || place.asked_again == *place.next) return std::nullopt;
  place.asked_again = *place.next;
  return place.next;
}

std::uint32_t ConsumerBook::hand_out(const StreamPosition& at) {
  Place& place = partitions_[partition_of(at)];
  if (place.next && at.offset > *place.next) counters.skipped += static_cast<std::uint64_t>(at.offset - *place.next);
  place.next = at.offset + 1;
  ++counters.records;
  return place.failing == at.offset ? place.failures : 0;
}

StoreResult<const ConsumerBook::Place*> ConsumerBook::handed_out(const StreamPosition& at) const {
  const auto found = partitions_.find(partition_of(at));
  if (found == partitions_.end()) {
    return std::unexpected(StoreError{StoreErrorKind::conflict, Retry::never,
                                      "the partition of " + to_text(at) + " is not this consumer's: the event comes to the one that has it now", ""});
  }
  if (!found->second.next || at.offset < 0 || at.offset >= *found->second.next) {
    return std::unexpected(
        StoreError{StoreErrorKind::bad_argument, Retry::never, "the event at " + to_text(at) + " has not been handed out, or is to come again", ""});
  }
  return &found->second;
}

StoreResult<bool> ConsumerBook::may_commit(const StreamPosition& done) const {
  PROM_TRY(const Place* place, handed_out(done));
  return !place->committed || done.offset >= *place->committed;
}

void ConsumerBook::note_committed(const StreamPosition& done) {
  partitions_[partition_of(done)].committed = done.offset + 1;
  ++counters.commits;
}

StoreResult<std::uint32_t> ConsumerBook::fail(const StreamPosition& at) {
  PROM_CHECK_OK(handed_out(at));
  Place& place = partitions_[partition_of(at)];
  if (place.failing != at.offset) place.failures = 0;
  place.failing = at.offset;
  ++counters.failures;
  return ++place.failures;
}

void ConsumerBook::again(const StreamPosition& at) { partitions_[partition_of(at)].next = at.offset; }

StoreResult<void> ConsumerBook::replay(const StreamPosition& from) {
  const auto found = partitions_.find(partition_of(from));
  if (found == partitions_.end())
    return std::unexpected(StoreError{StoreErrorKind::conflict, Retry::never, "the partition of " + to_text(from) + " is not this consumer's", ""});
  if (from.offset < 0)
    return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, to_text(from) + " is no position to read from", "offsets begin with 0"});
  found->second.next.reset();
  return {};
}

}  // namespace prom
