// The partitions and groups that producers and consumers of one LocalStream share. Callers hold the mutex.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "adapters/streams/local_stream/local_stream.h"

namespace prom::local_stream {

struct Log {
  std::int64_t first = 0;  ///< offset of the oldest event kept
  std::deque<StreamEvent> events;
  std::int64_t end() const { return first + static_cast<std::int64_t>(events.size()); }
};

using MemberId = std::uint64_t;

struct Group {
  std::map<MemberId, std::vector<Topic>> members;
  std::map<StreamPartition, std::optional<std::int64_t>> committed;  ///< of every partition of every topic that it has ever read
  std::map<StreamPartition, MemberId> owner;                         ///< who reads it now
  std::map<StreamPartition, MemberId> target;                        ///< who shall read it; its owner gives it up first
};

struct Ground {
  explicit Ground(LocalStreamLimits given);
  /// Nothing when there is no room.
  std::optional<StreamPosition> append(const StreamEvent& event);
  MemberId enter(const std::string& group, const std::vector<Topic>& topics);
  void leave(const std::string& group, MemberId member);

  const LocalStreamLimits limits;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<StreamPartition, Log> logs;
  std::map<std::string, Group> groups;

 private:
  bool drop_oldest(const StreamPartition& partition, Log& log);
  void retarget(Group& group);
  std::size_t bytes_ = 0;
  MemberId last_member_ = 0;
};

StoreResult<std::unique_ptr<StreamConsumer>> join(std::shared_ptr<Ground> ground, ConsumerOptions options);

}  // namespace prom::local_stream
