// {"code": "0", "data": [{"time": ms, "long_liquidation_usd": "...", "short_liquidation_usd": "..."}]}; aggregated replies put `aggregated_` before the names.
#include "adapters/feeds/coinglass/coinglass.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Coinglass");

std::optional<double> side_of(const Json& item, const char* plain, const char* aggregated) {
  const auto value = number_of(item, plain);
  return value ? value : number_of(item, aggregated);
}

}  // namespace

FeedResult parse_coinglass_liquidations(std::string_view body, std::string_view asset, TimeNs fetched_at) {
  const std::string subject = to_upper(clean_text(asset, kMaxFeedName));
  PROM_TRY(const Json document, kReplies.object(body));
  const auto code = number_of(document, "code");
  if (!code) return kReplies.malformed("the reply has no `code`");
  if (*code != 0) return kReplies.refused("with code " + format_f64(*code));
  PROM_TRY(const Json* list, kReplies.list(document, "data"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto time = milliseconds_of(item, "time");
    const auto longs = side_of(item, "long_liquidation_usd", "aggregated_long_liquidation_usd");
    const auto shorts = side_of(item, "short_liquidation_usd", "aggregated_short_liquidation_usd");
    if (!time || !longs || !shorts || *longs < 0 || *shorts < 0) return kReplies.malformed("an entry without time and the two sides in USD");
    const auto add = [&](std::string_view series, double value) {
      out.push_back({std::string(series), subject, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::aggregator, value, ""});
    };
    add(series::kLongsLiquidated, *longs);
    add(series::kShortsLiquidated, *shorts);
  }
  return out;
}

}  // namespace prom
