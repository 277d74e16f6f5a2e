// Events and readers for tests of event streams: the contract suite and the tests of implementations share them. Tests only. Where another member of a group or a
// server takes time, a test waits up to `kPatience`; it asserts no duration.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): for tests only

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ports/event_stream.h"

namespace prom::event_stream_contract {

inline constexpr DurationNs kPatience{60 * kSecond.ns};
inline constexpr DurationNs kShort{300 * kMillisecond.ns};

inline StreamEvent event_of(const std::string& key, int number, Topic topic = Topic::orders_filled) {
  return {topic, key, 1, key + "-" + std::to_string(number), TimeNs{1'700'000'000'000'000'000 + number}, R"({"n":)" + std::to_string(number) + "}"};
}

/// Until `done` says so or patience is over; hands each record to `visit`.
inline void read_until(StreamConsumer& consumer, const std::function<bool()>& done, const std::function<void(const StreamRecord&)>& visit) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kPatience.ns);
  while (!done() && std::chrono::steady_clock::now() < end) {
    const auto record = consumer.poll({50 * kMillisecond.ns});
    if (record && *record) visit(**record);
  }
  EXPECT_TRUE(done()) << "not within patience";
}
inline std::vector<StreamRecord> read(StreamConsumer& consumer, std::size_t count) {
  std::vector<StreamRecord> out;
  read_until(consumer, [&] { return out.size() >= count; }, [&](const StreamRecord& record) { out.push_back(record); });
  return out;
}
inline std::set<std::string> ids_of(const std::vector<StreamRecord>& records) {
  std::set<std::string> out;
  for (const StreamRecord& record : records) out.insert(record.event.id);
  return out;
}
/// Nothing more comes for a while.
inline bool quiet(StreamConsumer& consumer) {
  const auto more = consumer.poll(kShort);
  return more && !*more;
}

}  // namespace prom::event_stream_contract
