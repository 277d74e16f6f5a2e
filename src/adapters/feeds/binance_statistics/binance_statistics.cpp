// Lists of {"symbol": ..., "timestamp": ms, ...} with figures as texts; a refusal is {"code": -1121, "msg": "..."}.
#include "adapters/feeds/binance_statistics/binance_statistics.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Binance");

/// The list, or the code of the refusal.
FeedResult each_of(std::string_view body, std::string_view series, TimeNs fetched_at, std::optional<double> (*figure)(const Json& item)) {
  PROM_TRY(const Json document, kReplies.any(body));
  if (const auto code = number_of(document, "code")) return kReplies.refused("with code " + format_f64(*code));
  PROM_TRY(const Json* list, kReplies.list(document));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string symbol = text_of(item, "symbol");
    const auto time = milliseconds_of(item, "timestamp");
    const auto value = figure(item);
    if (symbol.empty() || !time || !value) return kReplies.malformed("an entry without symbol, timestamp and a possible figure");
    out.push_back({std::string(series), "binance:linear:" + symbol, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::official, value, ""});
  }
  return out;
}

}  // namespace

FeedResult parse_binance_open_interest(std::string_view body, TimeNs fetched_at) {
  return each_of(body, series::kOpenInterest, fetched_at, [](const Json& item) {
    const auto value = number_of(item, "sumOpenInterest");
    return value && *value >= 0 ? value : std::nullopt;
  });
}

FeedResult parse_binance_long_short(std::string_view body, TimeNs fetched_at) {
  return each_of(body, series::kLongShort, fetched_at, [](const Json& item) -> std::optional<double> {
    const auto longs = number_of(item, "longAccount"), shorts = number_of(item, "shortAccount");
    if (!longs || !shorts || *longs < 0 || *longs > 1 || *shorts < 1e-6 || *shorts > 1) return std::nullopt;
    return *longs / *shorts;
  });
}

}  // namespace prom
