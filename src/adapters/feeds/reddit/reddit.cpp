// A listing is {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {...}}]}}; a refusal is {"message": "...", "error": 403}.
#include "adapters/feeds/reddit/reddit.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSource = "Reddit";

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

FeedResult parse_reddit_listing(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  if (const auto code = number_of(document, "error")) return err(FeedError{FeedFault::refused, "Reddit refused with code " + format_f64(*code)});
  const Json* data = member_of(document, "data");
  if (data == nullptr) return malformed("the reply is not a listing");
  PROM_TRY(const Json* list, list_of(*data, "children"));
  std::vector<Observation> out;
  for (const Json& child : *list) {
    const Json* post = member_of(child, "data");
    if (text_of(child, "kind") != "t3" || post == nullptr) continue;
    const std::string name = text_of(*post, "name"), title = text_of(*post, "title", kMaxObservationText);
    const auto seconds = number_of(*post, "created_utc"), score = number_of(*post, "score");
    const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
    if (name.empty() || title.empty() || !time || !score) return malformed("a post without name, title, created_utc and score");
    out.push_back({std::string(series::kPost), text_of(*post, "subreddit"), std::string(kSource), name, *time, fetched_at, TrustTier::crowd, score, title});
  }
  return out;
}

}  // namespace prom
