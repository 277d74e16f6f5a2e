// Numbers come as JSON numbers; symbols in small letters in one reply and in capitals in the other, here always capitals.
#include "adapters/feeds/coingecko/coingecko.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr std::string_view kSource = "CoinGecko";

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

FeedResult parse_coingecko_global(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  const Json* data = member_of(document, "data");
  if (data == nullptr) return malformed("the reply has no `data`");
  const auto seconds = number_of(*data, "updated_at");
  const auto time = seconds ? time_of_seconds(*seconds) : std::nullopt;
  const Json* shares = member_of(*data, "market_cap_percentage");
  const Json* totals = member_of(*data, "total_market_cap");
  if (!time || shares == nullptr || !shares->is_object() || totals == nullptr) {
    return malformed("the reply lacks `updated_at`, `market_cap_percentage` or `total_market_cap`");
  }
  if (shares->size() > kMaxFeedItems) return malformed("more coins than there are");
  std::vector<Observation> out;
  for (const auto& [symbol, unused] : shares->items()) {
    const auto share = number_of(*shares, symbol.c_str());
    if (!share || *share < 0 || *share > 100) return malformed("a share of the market that is not a percentage");
    out.push_back({std::string(series::kDominance), to_upper(clean_text(symbol, kMaxFeedName)), std::string(kSource), "", *time, fetched_at,
                   TrustTier::aggregator, share, ""});
  }
  const auto total = number_of(*totals, "usd");
  if (!total || *total <= 0) return malformed("the total market value in USD is missing");
  out.push_back({std::string(series::kTotalValue), "", std::string(kSource), "", *time, fetched_at, TrustTier::aggregator, total, ""});
  return out;
}

FeedResult parse_coingecko_trending(std::string_view body, TimeNs fetched_at) {
  PROM_TRY(const Json document, document_of(body));
  PROM_TRY(const Json* list, list_of(document, "coins"));
  std::vector<Observation> out;
  for (const Json& entry : *list) {
    const Json* item = member_of(entry, "item");
    if (item == nullptr) return malformed("a trending coin without `item`");
    const std::string symbol = to_upper(text_of(*item, "symbol")), name = text_of(*item, "name"), id = text_of(*item, "id");
    if (symbol.empty() || name.empty() || id.empty()) return malformed("a trending coin without symbol, name and id");
    out.push_back({std::string(series::kTrending), symbol, std::string(kSource), id, fetched_at, fetched_at, TrustTier::aggregator,
                   static_cast<double>(out.size() + 1), name});
  }
  return out;
}

}  // namespace prom
