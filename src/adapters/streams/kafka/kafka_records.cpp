// Events as Kafka records. The payload is the record's value byte for byte, so that any reader of the topic sees plain JSON; the envelope is in headers.
#include "adapters/streams/kafka/kafka_internal.h"
#include "base/text.h"

namespace prom::kafka {
namespace {

constexpr const char* kSchemaVersion = "schema_version";
constexpr const char* kEventId = "event_id";
constexpr const char* kOccurredAt = "occurred_at";

void add(rd_kafka_headers_t& headers, const char* name, const std::string& value) {
  rd_kafka_header_add(&headers, name, -1, value.data(), static_cast<ssize_t>(value.size()));
}

std::string_view header(const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (headers == nullptr || rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || value == nullptr) return {};
  return {static_cast<const char*>(value), size};
}

}  // namespace

Owned<rd_kafka_headers_t> headers_of(const StreamEvent& event) {
  Owned<rd_kafka_headers_t> headers(rd_kafka_headers_new(3));
  add(*headers, kSchemaVersion, std::to_string(event.schema_version));
  add(*headers, kEventId, event.id);
  add(*headers, kOccurredAt, format_rfc3339(event.occurred_at));
  return headers;
}

RawRecord parts_of(const rd_kafka_message_t& message) {
  const auto text = [](const void* bytes, std::size_t size) {
    return bytes == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(bytes), size);
  };
  rd_kafka_headers_t* headers = nullptr;
  rd_kafka_message_headers(&message, &headers);  // owned by the message
  return {text(message.key, message.key_len), text(message.payload, message.len), header(headers, kSchemaVersion), header(headers, kEventId),
          header(headers, kOccurredAt)};
}

std::optional<StreamEvent> event_of(Topic topic, const RawRecord& record) {
  const auto version = parse_u64(record.schema_version);
  const auto occurred_at = parse_rfc3339(record.occurred_at);
  if (!version || *version > UINT32_MAX || !occurred_at) return std::nullopt;
  StreamEvent event{topic,        std::string(record.key),    static_cast<std::uint32_t>(*version), std::string(record.event_id),
                    *occurred_at, std::string(record.payload)};
  return check_event(event) == PublishResult::accepted ? std::optional(std::move(event)) : std::nullopt;
}

}  // namespace prom::kafka
