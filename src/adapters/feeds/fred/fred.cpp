// A refusal is {"error_code": 400, "error_message": "..."}; an observation is {"date": "2024-07-01", "value": "29349.924"}.
#include "adapters/feeds/fred/fred.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("FRED");
constexpr std::string_view kSource = kReplies.provider();

}  // namespace

FeedResult parse_fred_observations(std::string_view body, std::string_view series_id, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  if (const auto code = number_of(document, "error_code")) {
    return kReplies.refused("series " + clean_text(series_id, kMaxFeedName) + " with code " + format_f64(*code));
  }
  PROM_TRY(const Json* list, kReplies.list(document, "observations"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const std::string date = text_of(item, "date");
    const auto time = time_of_date(date);
    if (!time) return kReplies.malformed("an observation without a date");
    if (text_of(item, "value") == ".") continue;
    const auto value = number_of(item, "value");
    if (!value) return kReplies.malformed("the observation of " + date + " has no number");
    out.push_back(
        {std::string(series::kMacro), clean_text(series_id, kMaxFeedName), std::string(kSource), "", *time, fetched_at, TrustTier::official, value, ""});
  }
  return out;
}

}  // namespace prom
