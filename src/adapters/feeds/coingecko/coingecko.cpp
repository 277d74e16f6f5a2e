// Numbers come as JSON numbers; symbols in small letters in one reply and in capitals in the other, here always capitals.
#include "adapters/feeds/coingecko/coingecko.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("CoinGecko");
constexpr std::string_view kSource = kReplies.provider();

}  // namespace

FeedResult parse_coingecko_global(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  const Json* data = member_of(document, "data");
  if (data == nullptr) return kReplies.malformed("the reply has no `data`");
  const auto seconds = number_of(*data, "updated_at");
  const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
  const Json* shares = member_of(*data, "market_cap_percentage");
  const Json* totals = member_of(*data, "total_market_cap");
  if (!time || shares == nullptr || !shares->is_object() || totals == nullptr) {
    return kReplies.malformed("the reply lacks `updated_at`, `market_cap_percentage` or `total_market_cap`");
  }
  if (shares->size() > kMaxFeedItems) return kReplies.malformed("more coins than there are");
  std::vector<Observation> out;
  for (const auto& [symbol, unused] : shares->items()) {
    const auto share = number_of(*shares, symbol.c_str());
    if (!share || *share < 0 || *share > 100) return kReplies.malformed("a share of the market that is not a percentage");
    out.push_back({std::string(series::kDominance), to_upper(clean_text(symbol, kMaxFeedName)), std::string(kSource), "", *time, fetched_at,
                   TrustTier::aggregator, share, ""});
  }
  const auto total = number_of(*totals, "usd");
  if (!total || *total <= 0) return kReplies.malformed("the total market value in USD is missing");
  out.push_back({std::string(series::kTotalValue), "", std::string(kSource), "", *time, fetched_at, TrustTier::aggregator, total, ""});
  return out;
}

FeedResult parse_coingecko_trending(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, kReplies.object(body));
  PROM_TRY(const Json* list, kReplies.list(document, "coins"));
  std::vector<Observation> out;
  for (const Json& entry : *list) {
    const Json* item = member_of(entry, "item");
    if (item == nullptr) return kReplies.malformed("a trending coin without `item`");
    const std::string symbol = to_upper(text_of(*item, "symbol")), name = text_of(*item, "name"), id = text_of(*item, "id");
    if (symbol.empty() || name.empty() || id.empty()) return kReplies.malformed("a trending coin without symbol, name and id");
    out.push_back({std::string(series::kTrending), symbol, std::string(kSource), id, fetched_at, fetched_at, TrustTier::aggregator,
                   static_cast<double>(out.size() + 1), name});
  }
  return out;
}

}  // namespace prom
