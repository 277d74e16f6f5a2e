// Every reply is {"retCode": 0, "result": {"list": [...]}} with numbers and milliseconds as texts.
#include "adapters/feeds/bybit_statistics/bybit_statistics.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Bybit");
constexpr std::string_view kSource = kReplies.provider();

/// The reply's `result`, or why there is none.
std::expected<const Json*, FeedError> result_of(const Json& document) {
  const auto code = number_of(document, "retCode");
  if (code && *code != 0) return kReplies.refused("with retCode " + format_f64(*code));
  const Json* result = member_of(document, "result");
  if (!code || result == nullptr) return kReplies.malformed("the reply has no retCode and result");
  return result;
}

std::string subject_of(std::string_view category, std::string_view symbol) {
  return clean_text("bybit:" + std::string(category) + ":" + std::string(symbol), kMaxObservationName);
}

}  // namespace

FeedResult parse_bybit_open_interest(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  PROM_TRY(const Json* result, result_of(document));
  const std::string symbol = text_of(*result, "symbol"), category = text_of(*result, "category");
  if (symbol.empty() || category.empty()) return kReplies.malformed("open interest without symbol and category");
  PROM_TRY(const Json* list, kReplies.list(*result, "list"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto value = number_of(item, "openInterest");
    const auto time = milliseconds_of(item, "timestamp");
    if (!value || *value < 0 || !time) return kReplies.malformed("an entry without openInterest and timestamp");
    out.push_back(
        {std::string(series::kOpenInterest), subject_of(category, symbol), std::string(kSource), "", *time, fetched_at, TrustTier::official, value, ""});
  }
  return out;
}

FeedResult parse_bybit_long_short(std::string_view body, std::string_view category, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  PROM_TRY(const Json* result, result_of(document));
  PROM_TRY(const Json* list, kReplies.list(*result, "list"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string symbol = text_of(item, "symbol");
    const auto buy = number_of(item, "buyRatio"), sell = number_of(item, "sellRatio");
    const auto time = milliseconds_of(item, "timestamp");
    if (symbol.empty() || !buy || !sell || *buy < 0 || *buy > 1 || *sell < 1e-6 || *sell > 1 || !time)
      return kReplies.malformed("an entry without two shares and a time");
    out.push_back(
        {std::string(series::kLongShort), subject_of(category, symbol), std::string(kSource), "", *time, fetched_at, TrustTier::official, *buy / *sell, ""});
  }
  return out;
}

}  // namespace prom
