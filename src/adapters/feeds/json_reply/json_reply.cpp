// Errors never quote the payload: it may hold a key that was asked with.
#include "adapters/feeds/json_reply/json_reply_internal.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace prom {

using Json = nlohmann::json;

const Json* member_of(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return parse_f64(value.get_ref<const std::string&>());
  return std::nullopt;
}

std::optional<double> number_of(const Json& object, const char* key) {
  const Json* value = member_of(object, key);
  return value == nullptr ? std::nullopt : number_of(*value);
}

std::string text_of(const Json& object, const char* key, std::size_t most) {
  const Json* value = member_of(object, key);
  return value != nullptr && value->is_string() ? clean_text(value->get_ref<const std::string&>(), most) : std::string();
}

std::optional<TimeNs> seconds_of(const Json& object, const char* key) {
  const auto seconds = number_of(object, key);
  return seconds ? time_of_seconds(*seconds) : std::nullopt;
}

std::optional<TimeNs> milliseconds_of(const Json& object, const char* key) {
  const auto milliseconds = number_of(object, key);
  return milliseconds ? time_of_seconds(*milliseconds / 1000.0) : std::nullopt;
}

std::unexpected<FeedError> JsonReplies::malformed(std::string_view detail) const {
  return err(FeedError{FeedFault::malformed, std::string(provider_) + ": " + std::string(detail)});
}

std::unexpected<FeedError> JsonReplies::refused(std::string_view detail) const {
  return err(FeedError{FeedFault::refused, std::string(provider_) + " refused" + (detail.empty() ? "" : " " + std::string(detail))});
}

std::expected<Json, FeedError> JsonReplies::any(std::string_view body) const {
  if (body.size() > kMaxFeedBytes) {
    return err(FeedError{FeedFault::too_large, std::string(provider_) + ": a reply of " + std::to_string(body.size()) + " bytes, at most 8 MiB are read"});
  }
  Json document = Json::parse(body, nullptr, false);
  if (document.is_discarded()) return malformed("the reply is not JSON");
  return document;
}

std::expected<Json, FeedError> JsonReplies::object(std::string_view body) const {
  auto document = any(body);
  if (document && !document->is_object()) return malformed("the reply is not a JSON object");
  return document;
}

std::expected<const Json*, FeedError> JsonReplies::list(const Json& value) const {
  if (!value.is_array()) return malformed("the reply is not a list");
  if (value.size() > kMaxFeedItems) {
    return err(FeedError{FeedFault::too_large, std::string(provider_) + ": " + std::to_string(value.size()) + " items, at most 20000 are read"});
  }
  return &value;
}

std::expected<const Json*, FeedError> JsonReplies::list(const Json& object, const char* key) const {
  const Json* value = member_of(object, key);
  if (value == nullptr || !value->is_array()) return malformed(std::string("the reply has no list `") + key + "`");
  return list(*value);
}

}  // namespace prom
