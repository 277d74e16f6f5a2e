// Records as anybody may write them into our topics: either no event, or one that a producer would take again and that reads back the same.
#include <algorithm>

#include "adapters/streams/kafka/kafka_internal.h"
#include "base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prom;
  // Parts are divided by '|': schema version, time, id, key; the rest is the payload.
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto next = [&] {
    const std::string_view part = rest.substr(0, rest.find('|'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    return part;
  };
  kafka::RawRecord raw;
  raw.schema_version = next();
  raw.occurred_at = next();
  raw.event_id = next();
  raw.key = next();
  raw.payload = rest;
  const auto event = kafka::event_of(Topic::orders_filled, raw);
  if (!event) return 0;
  PROM_ASSERT(check_event(*event) == PublishResult::accepted, "what is read can be published");
  const std::string version = std::to_string(event->schema_version), time = format_rfc3339(event->occurred_at);
  const auto again = kafka::event_of(Topic::orders_filled, {event->key, event->payload, version, event->id, time});
  PROM_ASSERT(again == event, "an event is not what was read");
  return 0;
}
