// {"data": [{"time": seconds, "sentiment": percent, "posts_active": count, ...}]}; a refusal is {"error": "..."}.
#include "adapters/feeds/lunarcrush/lunarcrush.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("LunarCrush");

}  // namespace

FeedResult parse_lunarcrush_series(std::string_view body, std::string_view asset, TimeNs fetched_at) {
  const std::string subject = to_upper(clean_text(asset, kMaxFeedName));
  PROM_TRY(const Json document, kReplies.object(body));
  if (member_of(document, "error") != nullptr) return kReplies.refused("");
  PROM_TRY(const Json* list, kReplies.list(document, "data"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto time = seconds_of(item, "time");
    if (!time) return kReplies.malformed("an entry without `time`");
    const auto mood = number_of(item, "sentiment"), posts = number_of(item, "posts_active");
    if ((mood && (*mood < 0 || *mood > 100)) || (posts && *posts < 0)) return kReplies.malformed("an entry whose figures cannot be");
    if (mood)
      out.push_back({std::string(series::kSocialMood), subject, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::aggregator, mood, ""});
    if (posts)
      out.push_back({std::string(series::kSocialVolume), subject, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::aggregator, posts, ""});
  }
  return out;
}

}  // namespace prom
