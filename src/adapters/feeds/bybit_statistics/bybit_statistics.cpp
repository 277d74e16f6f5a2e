// Every reply is {"retCode": 0, "result": {"list": [...]}} with numbers and milliseconds as texts.
#include "adapters/feeds/bybit_statistics/bybit_statistics.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSource = "Bybit";

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

/// The reply's `result`, or why there is none.
std::expected<const Json*, FeedError> result_of(const Json& document) {
  const auto code = number_of(document, "retCode");
  if (code && *code != 0) return err(FeedError{FeedFault::refused, "Bybit refused with retCode " + format_f64(*code)});
  const Json* result = member_of(document, "result");
  if (!code || result == nullptr) return malformed("the reply has no retCode and result");
  return result;
}

std::optional<TimeNs> time_of(const Json& item) {
  const auto ms = number_of(item, "timestamp");
  return ms ? time_of_seconds(*ms / 1000.0) : std::nullopt;
}

std::string subject_of(std::string_view category, std::string_view symbol) {
  return clean_text("bybit:" + std::string(category) + ":" + std::string(symbol), kMaxObservationName);
}

}  // namespace

FeedResult parse_bybit_open_interest(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  PROM_TRY(const Json* result, result_of(document));
  const std::string symbol = text_of(*result, "symbol"), category = text_of(*result, "category");
  if (symbol.empty() || category.empty()) return malformed("open interest without symbol and category");
  PROM_TRY(const Json* list, list_of(*result, "list"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto value = number_of(item, "openInterest");
    const auto time = time_of(item);
    if (!value || *value < 0 || !time) return malformed("an entry without openInterest and timestamp");
    out.push_back(
        {std::string(series::kOpenInterest), subject_of(category, symbol), std::string(kSource), "", *time, fetched_at, TrustTier::official, value, ""});
  }
  return out;
}

FeedResult parse_bybit_long_short(std::string_view body, std::string_view category, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  PROM_TRY(const Json* result, result_of(document));
  PROM_TRY(const Json* list, list_of(*result, "list"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string symbol = text_of(item, "symbol");
    const auto buy = number_of(item, "buyRatio"), sell = number_of(item, "sellRatio");
    const auto time = time_of(item);
    if (symbol.empty() || !buy || !sell || *buy < 0 || *buy > 1 || *sell < 1e-6 || *sell > 1 || !time)
      return malformed("an entry without two shares and a time");
    out.push_back(
        {std::string(series::kLongShort), subject_of(category, symbol), std::string(kSource), "", *time, fetched_at, TrustTier::official, *buy / *sell, ""});
  }
  return out;
}

}  // namespace prom
