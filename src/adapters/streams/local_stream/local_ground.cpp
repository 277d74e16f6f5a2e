// See the header.
#include "adapters/streams/local_stream/local_ground.h"

#include <algorithm>

#include "base/hash.h"

namespace prom::local_stream {
namespace {

std::size_t weight(const StreamEvent& event) { return event.key.size() + event.id.size() + event.payload.size() + sizeof(StreamEvent); }

}  // namespace

Ground::Ground(LocalStreamLimits given) : limits(given) {
  for (const TopicSpec& spec : kTopics) {
    for (std::int32_t partition = 0; partition < spec.partitions; ++partition) logs[{spec.topic, partition}];
  }
}

bool Ground::drop_oldest(const StreamPartition& partition, Log& log) {
  if (log.events.empty()) return false;
  for (const auto& [name, group] : groups) {
    const auto reads = group.committed.find(partition);
    if (reads != group.committed.end() && reads->second.value_or(0) <= log.first) return false;
  }
  bytes_ -= weight(log.events.front());
  log.events.pop_front();
  ++log.first;
  return true;
}

std::optional<StreamPosition> Ground::append(const StreamEvent& event) {
  const StreamPartition partition{event.topic, static_cast<std::int32_t>(hash_bytes(event.key) % spec_of(event.topic).partitions)};
  Log& log = logs[partition];
  if (log.events.size() >= limits.events_a_partition && !drop_oldest(partition, log)) return std::nullopt;
  // Whatever everybody is done with makes room, wherever it lies.
  for (auto& [other, old] : logs) {
    while (bytes_ + weight(event) > limits.bytes && drop_oldest(other, old)) {
    }
  }
  if (bytes_ + weight(event) > limits.bytes) return std::nullopt;
  bytes_ += weight(event);
  log.events.push_back(event);
  changed.notify_all();
  return StreamPosition{partition.topic, partition.partition, log.end() - 1};
}

MemberId Ground::enter(const std::string& name, const std::vector<Topic>& topics) {
  Group& group = groups[name];
  group.members.emplace(++last_member_, topics);
  for (const Topic topic : topics) {
    for (std::int32_t partition = 0; partition < spec_of(topic).partitions; ++partition) group.committed.try_emplace({topic, partition});
  }
  retarget(group);
  return last_member_;
}

void Ground::leave(const std::string& name, MemberId member) {
  Group& group = groups[name];
  group.members.erase(member);
  std::erase_if(group.owner, [&](const auto& entry) { return entry.second == member; });
  retarget(group);
}

void Ground::retarget(Group& group) {
  group.target.clear();
  for (const TopicSpec& spec : kTopics) {
    std::vector<MemberId> readers;
    for (const auto& [member, topics] : group.members) {
      if (std::ranges::find(topics, spec.topic) != topics.end()) readers.push_back(member);
    }
    if (readers.empty()) continue;
    for (std::int32_t partition = 0; partition < spec.partitions; ++partition)
      group.target[{spec.topic, partition}] = readers[static_cast<std::size_t>(partition) % readers.size()];
  }
  changed.notify_all();
}

}  // namespace prom::local_stream
