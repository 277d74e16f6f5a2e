// A member of a group on the ground. A partition that is to go to another is given up in this member's next poll, and only then taken by the other.
#include <algorithm>
#include <chrono>

#include "adapters/streams/local_stream/local_ground.h"
#include "ports/consumer_book.h"

namespace prom::local_stream {
namespace {

using Kind = Rebalance::Kind;

class LocalConsumer final : public StreamConsumer {
 public:
  LocalConsumer(std::shared_ptr<Ground> ground, ConsumerOptions options) : ground_(std::move(ground)), options_(std::move(options)) {
    const std::lock_guard lock(ground_->mutex);
    member_ = ground_->enter(options_.group, options_.topics);
  }
  ~LocalConsumer() override {
    const std::lock_guard lock(ground_->mutex);
    if (!closed_) ground_->leave(options_.group, member_);
  }

  StoreResult<std::optional<StreamRecord>> poll(DurationNs timeout) override {
    if (closed_) return std::unexpected(closed());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout.ns);
    while (true) {
      balance();
      std::unique_lock lock(ground_->mutex);
      if (auto record = next()) return record;
      const auto due = [&] { return has_next() || !to_give().empty() || !to_take().empty(); };
      if (!ground_->changed.wait_until(lock, deadline, due)) return std::nullopt;
    }
  }

  StoreResult<void> commit(const StreamPosition& done) override {
    PROM_TRY(const bool moves, book_.may_commit(done));
    if (!moves) return {};
    const std::lock_guard lock(ground_->mutex);
    group().committed[partition_of(done)] = done.offset + 1;
    book_.note_committed(done);
    return {};
  }

  StoreResult<FailOutcome> fail(const StreamRecord& record, const std::string& reason) override {
    PROM_TRY(const std::uint32_t failures, book_.fail(record.at));
    const std::lock_guard lock(ground_->mutex);
    if (failures >= options_.max_failures) {
      if (ground_->append(dead_letter({record, options_.group, reason, failures}))) {
        ++book_.counters.dead_lettered;
        return FailOutcome::dead_lettered;
      }
      go_to(record.at);
      return std::unexpected(StoreError{StoreErrorKind::full, Retry::after, "no room for another of the dead letters", "read them and commit"});
    }
    go_to(record.at);
    return FailOutcome::again;
  }

  StoreResult<std::vector<PartitionLag>> lag() override {
    std::vector<PartitionLag> out;
    const std::lock_guard lock(ground_->mutex);
    for (const StreamPartition& partition : book_.owned()) {
      const Log& log = ground_->logs[partition];
      out.push_back({partition, book_.committed(partition).value_or(log.first), log.end()});
    }
    return out;
  }

  StoreResult<void> replay(const StreamPosition& from) override {
    const std::lock_guard lock(ground_->mutex);
    if (book_.owns(partition_of(from)) && from.offset > ground_->logs[partition_of(from)].end()) return std::unexpected(beyond_the_end(from));
    PROM_CHECK_OK(book_.replay(from));
    positions_[partition_of(from)] = from.offset;
    return {};
  }

  StoreResult<void> close() override {
    if (closed_) return {};
    tell(Kind::revoked, book_.owned());
    book_.revoke_all();
    const std::lock_guard lock(ground_->mutex);
    ground_->leave(options_.group, member_);
    closed_ = true;
    return {};
  }

  ConsumerCounters counters() const override { return book_.counters; }

 private:
  static StoreError closed() { return {StoreErrorKind::bad_argument, Retry::never, "the consumer is closed", ""}; }
  Group& group() { return ground_->groups[options_.group]; }

  void tell(Kind kind, std::vector<StreamPartition> partitions) {
    if (partitions.empty()) return;
    ++book_.counters.rebalances;
    if (options_.on_rebalance) options_.on_rebalance({kind, std::move(partitions)}, *this);
  }

  // With the mutex held:
  std::vector<StreamPartition> to_give() {
    std::vector<StreamPartition> out;
    for (const StreamPartition& partition : book_.owned()) {
      if (group().target[partition] != member_) out.push_back(partition);
    }
    return out;
  }
  std::vector<StreamPartition> to_take() {
    std::vector<StreamPartition> out;
    for (const auto& [partition, member] : group().target) {
      if (member == member_ && !group().owner.contains(partition)) out.push_back(partition);
    }
    return out;
  }
  bool has_next() {
    return std::ranges::any_of(positions_, [&](const auto& entry) { return entry.second < ground_->logs[entry.first].end(); });
  }
  std::optional<StreamRecord> next() {
    // Round robin: one busy partition does not keep the others waiting.
    auto at = positions_.upper_bound(last_);
    for (std::size_t looked = 0; looked < positions_.size(); ++looked, ++at) {
      if (at == positions_.end()) at = positions_.begin();
      auto& [partition, position] = *at;
      const Log& log = ground_->logs[partition];
      position = std::max(position, log.first);
      if (position >= log.end()) continue;
      StreamRecord record{{partition.topic, partition.partition, position}, log.events[static_cast<std::size_t>(position - log.first)], 0};
      record.failures = book_.hand_out(record.at);
      ++position;
      last_ = partition;
      return record;
    }
    return std::nullopt;
  }
  void go_to(const StreamPosition& at) {
    book_.again(at);
    positions_[partition_of(at)] = at.offset;
  }

  /// Gives up what is to go to others, takes what is ours by now.
  void balance() {
    std::vector<StreamPartition> give, take;
    {
      const std::lock_guard lock(ground_->mutex);
      give = to_give();
    }
    tell(Kind::revoked, give);  // still ours: what is done can be committed
    {
      const std::lock_guard lock(ground_->mutex);
      for (const StreamPartition& partition : give) {
        book_.revoke(partition);
        positions_.erase(partition);
        group().owner.erase(partition);
      }
      take = to_take();
      for (const StreamPartition& partition : take) {
        group().owner[partition] = member_;
        const auto committed = group().committed[partition];
        book_.assign(partition, committed);
        positions_[partition] = committed.value_or(0);
      }
      if (!give.empty()) ground_->changed.notify_all();
    }
    tell(Kind::assigned, take);
  }

  const std::shared_ptr<Ground> ground_;
  const ConsumerOptions options_;
  MemberId member_ = 0;
  bool closed_ = false;
  ConsumerBook book_;
  std::map<StreamPartition, std::int64_t> positions_;  ///< the next offset to hand out
  StreamPartition last_;
};

}  // namespace

StoreResult<std::unique_ptr<StreamConsumer>> join(std::shared_ptr<Ground> ground, ConsumerOptions options) {
  PROM_CHECK_OK(check_consumer(options));
  return std::make_unique<LocalConsumer>(std::move(ground), std::move(options));
}

}  // namespace prom::local_stream
