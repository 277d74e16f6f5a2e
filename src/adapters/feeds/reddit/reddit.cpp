// A listing is {"kind": "Listing", "data": {"children": [{"kind": "t3", "data": {...}}]}}; a refusal is {"message": "...", "error": 403}.
#include "adapters/feeds/reddit/reddit.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Reddit");
constexpr std::string_view kSource = kReplies.provider();

}  // namespace

FeedResult parse_reddit_listing(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  if (const auto code = number_of(document, "error")) return kReplies.refused("with code " + format_f64(*code));
  const Json* data = member_of(document, "data");
  if (data == nullptr) return kReplies.malformed("the reply is not a listing");
  PROM_TRY(const Json* list, kReplies.list(*data, "children"));
  std::vector<Observation> out;
  for (const Json& child : *list) {
    const Json* post = member_of(child, "data");
    if (text_of(child, "kind") != "t3" || post == nullptr) continue;
    const std::string name = text_of(*post, "name"), title = text_of(*post, "title", kMaxObservationText);
    const auto seconds = number_of(*post, "created_utc"), score = number_of(*post, "score");
    const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
    if (name.empty() || title.empty() || !time || !score) return kReplies.malformed("a post without name, title, created_utc and score");
    out.push_back({std::string(series::kPost), text_of(*post, "subreddit"), std::string(kSource), name, *time, fetched_at, TrustTier::crowd, score, title});
  }
  return out;
}

}  // namespace prom
