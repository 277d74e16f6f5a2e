// Reading the event streams from the command line: what a run tells others, as others see it. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/cli/command.h"

namespace prom {

/// For how long to read, and whether the place is kept.
enum class ReadUntil : std::uint8_t { caught_up, stopped };
enum class ReadAs : std::uint8_t {
  onlooker,  ///< everything that is kept, from the oldest on; leaves no trace in any group
  group,     ///< KAFKA_GROUP_ID: after the last event that it has committed; commits what has been written out
};

struct EventReading {
  std::vector<std::string> topics;  ///< names as in Kafka; empty: all
  ReadUntil until = ReadUntil::caught_up;
  ReadAs as = ReadAs::onlooker;
  std::uint64_t limit = 0;  ///< events; 0: no limit
};

/// Writes each event on a line of its own: for people, or under --json as one object a line (a stream has no end to close a document with).
/// Fails with usage without KAFKA_BROKERS or for an unknown topic, with outside_away where the cluster cannot be reached or stdout takes nothing more.
CommandResult read_events(AppContext& context, const EventReading& job);

/// {"topics": [{"topic", "key", "partitions", "kept_days"}]}
Value event_topics();

}  // namespace prom
