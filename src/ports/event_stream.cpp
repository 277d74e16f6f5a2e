// Names, checks and dead letters of event streams. Pure; any thread.
#include "ports/event_stream.h"

#include <algorithm>

#include "base/text.h"

namespace prom {
namespace {

consteval bool in_order() {
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    if (static_cast<std::size_t>(kTopics[i].topic) != i) return false;
  }
  return true;
}
static_assert(in_order(), "spec_of() finds a topic by its number");

constexpr std::size_t kMaxReason = 4'000;

/// At most `room` bytes of it; a character that is cut becomes U+FFFD when it is written as JSON.
std::string_view head(std::string_view text, std::size_t room) { return text.substr(0, room); }

}  // namespace

std::optional<Topic> parse_topic(std::string_view name) {
  const auto* found = std::ranges::find(kTopics, name, &TopicSpec::name);
  return found == kTopics.end() ? std::nullopt : std::optional(found->topic);
}

std::string to_text(const StreamPosition& position) {
  return std::string(spec_of(position.topic).name) + "/" + std::to_string(position.partition) + "@" + std::to_string(position.offset);
}

std::string_view name_of(PublishResult result) {
  switch (result) {
    case PublishResult::accepted: return "accepted";
    case PublishResult::full: return "full";
    case PublishResult::closed: return "closed";
    case PublishResult::too_large: return "too_large";
    case PublishResult::malformed: return "malformed";
  }
  PROM_UNREACHABLE();
}

PublishResult check_event(const StreamEvent& event) {
  const auto fits = [](const std::string& text, std::size_t most) { return !text.empty() && text.size() <= most; };
  if (!fits(event.key, kMaxEventKey) || !fits(event.id, kMaxEventId) || event.schema_version == 0) return PublishResult::malformed;
  return event.payload.size() > kMaxEventPayload ? PublishResult::too_large : PublishResult::accepted;
}

StoreResult<void> check_consumer(const ConsumerOptions& options) {
  const auto wrong = [](const char* what) { return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, what, ""}); };
  if (options.group.empty()) return wrong("a consumer needs the name of its group (KAFKA_GROUP_ID)");
  if (options.topics.empty()) return wrong("a consumer needs at least one topic");
  if (options.max_failures == 0) return wrong("max_failures of a consumer is at least 1");
  return {};
}

StoreError beyond_the_end(const StreamPosition& from) {
  return {StoreErrorKind::bad_argument, Retry::never, to_text(from) + " lies behind the end of its partition", ""};
}

StreamEvent dead_letter(const GivenUp& given_up) {
  const StreamRecord& record = given_up.record;
  StreamEvent letter;
  letter.topic = Topic::dead_letters;
  letter.key = record.event.key;
  letter.id = record.event.id;
  letter.occurred_at = record.event.occurred_at;
  const auto text = [&](std::string_view name, std::string_view value) {
    append_json_string(letter.payload += letter.payload.empty() ? '{' : ',', name);
    append_json_string(letter.payload += ':', value);
  };
  const auto number = [&](std::string_view name, std::int64_t value) {
    append_json_string(letter.payload += ',', name);
    (letter.payload += ':') += std::to_string(value);
  };
  text("group", given_up.group);
  text("reason", head(given_up.reason, kMaxReason));
  number("failures", given_up.failures);
  text("topic", spec_of(record.at.topic).name);
  number("partition", record.at.partition);
  number("offset", record.at.offset);
  number("schema_version", record.event.schema_version);
  // Escaping can make text up to six times as long: what does not fit is cut, and said so. The event itself still lies at its position.
  std::string escaped;
  append_json_string(escaped, record.event.payload);
  const std::size_t room = kMaxEventPayload - letter.payload.size() - 64;
  if (escaped.size() > room) {
    number("cut_from_bytes", static_cast<std::int64_t>(record.event.payload.size()));
    escaped.clear();
    append_json_string(escaped, head(record.event.payload, room / 6 - 1));
  }
  append_json_string(letter.payload += ',', "payload");
  (letter.payload += ':') += escaped;
  letter.payload += '}';
  return letter;
}

}  // namespace prom
