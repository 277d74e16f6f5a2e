// The reply is {"data": [{"value": "47", "timestamp": "1777248000", ...}], "metadata": {"error": null}}; numbers are texts.
#include "adapters/feeds/alternative_me/alternative_me.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSource = "alternative.me";

std::unexpected<FeedError> malformed(std::string detail) { return err(FeedError{FeedFault::malformed, std::string(kSource) + ": " + std::move(detail)}); }

std::expected<Json, FeedError> document_of(std::string_view body) {
  if (body.size() > kMaxFeedBytes) {
    return err(FeedError{FeedFault::too_large, std::string(kSource) + ": a reply of " + std::to_string(body.size()) + " bytes, at most 8 MiB are read"});
  }
  Json document = Json::parse(body, nullptr, false);
  if (!document.is_object()) return malformed("the reply is not a JSON object");
  return document;
}

/// A member; null where there is none.
const Json* member_of(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

/// A list within bounds.
std::expected<const Json*, FeedError> list_of(const Json& object, const char* key) {
  const Json* list = member_of(object, key);
  if (list == nullptr || !list->is_array()) return malformed(std::string("the reply has no list `") + key + "`");
  if (list->size() > kMaxFeedItems) {
    return err(FeedError{FeedFault::too_large, std::string(kSource) + ": " + std::to_string(list->size()) + " items, at most 20000 are read"});
  }
  return list;
}

/// A finite number, written as a number or as text.
std::optional<double> number_of(const Json& object, const char* key) {
  const Json* value = member_of(object, key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  if (value->is_string()) return parse_f64(value->get_ref<const std::string&>());
  return std::nullopt;
}

}  // namespace

FeedResult parse_fear_greed(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  const Json* metadata = member_of(document, "metadata");
  const Json* error = metadata == nullptr ? nullptr : member_of(*metadata, "error");
  if (error != nullptr && !error->is_null()) return err(FeedError{FeedFault::refused, std::string(kSource) + " answered with an error of its own"});
  PROM_TRY(const Json* list, list_of(document, "data"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto value = number_of(item, "value");
    const auto seconds = number_of(item, "timestamp");
    const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
    if (!value || *value < 0 || *value > 100 || !time) return malformed("an entry without a value of 0..100 and a timestamp");
    out.push_back({std::string(series::kFearGreed), "", std::string(kSource), "", *time, fetched_at, TrustTier::aggregator, value, ""});
  }
  return out;
}

}  // namespace prom
