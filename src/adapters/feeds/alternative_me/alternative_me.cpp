// The reply is {"data": [{"value": "47", "timestamp": "1777248000", ...}], "metadata": {"error": null}}; numbers are texts.
#include "adapters/feeds/alternative_me/alternative_me.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("alternative.me");
constexpr std::string_view kSource = kReplies.provider();

}  // namespace

FeedResult parse_fear_greed(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  const Json* metadata = member_of(document, "metadata");
  const Json* error = metadata == nullptr ? nullptr : member_of(*metadata, "error");
  if (error != nullptr && !error->is_null()) return err(FeedError{FeedFault::refused, std::string(kSource) + " answered with an error of its own"});
  PROM_TRY(const Json* list, kReplies.list(document, "data"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto value = number_of(item, "value");
    const auto seconds = number_of(item, "timestamp");
    const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
    if (!value || *value < 0 || *value > 100 || !time) return kReplies.malformed("an entry without a value of 0..100 and a timestamp");
    out.push_back({std::string(series::kFearGreed), "", std::string(kSource), "", *time, fetched_at, TrustTier::aggregator, value, ""});
  }
  return out;
}

}  // namespace prom
