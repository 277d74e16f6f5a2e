// A refusal is {"error_code": 400, "error_message": "..."}; an observation is {"date": "2024-07-01", "value": "29349.924"}.
#include "adapters/feeds/fred/fred.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSource = "FRED";

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

std::string text_of(const Json& object, const char* key, std::size_t most = kMaxFeedName) {
  const Json* value = member_of(object, key);
  return value != nullptr && value->is_string() ? clean_text(value->get_ref<const std::string&>(), most) : std::string();
}

}  // namespace

FeedResult parse_fred_observations(std::string_view body, std::string_view series_id, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  if (const auto code = number_of(document, "error_code")) {
    return err(FeedError{FeedFault::refused, "FRED refused series " + clean_text(series_id, kMaxFeedName) + " with code " + format_f64(*code)});
  }
  PROM_TRY(const Json* list, list_of(document, "observations"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string date = text_of(item, "date");
    const auto time = time_of_date(date);
    if (!time) return malformed("an observation without a date");
    if (text_of(item, "value") == ".") continue;
    const auto value = number_of(item, "value");
    if (!value) return malformed("the observation of " + date + " has no number");
    out.push_back(
        {std::string(series::kMacro), clean_text(series_id, kMaxFeedName), std::string(kSource), "", *time, fetched_at, TrustTier::official, value, ""});
  }
  return out;
}

}  // namespace prom
