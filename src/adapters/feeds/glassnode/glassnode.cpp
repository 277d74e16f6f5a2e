// A metric is a list of {"t": seconds, "v": number or null}; a refusal is a text or an object.
#include "adapters/feeds/glassnode/glassnode.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "adapters/feeds/json_reply/json_reply_internal.h"
#include "base/text.h"

namespace prom {
namespace {

using Json = nlohmann::json;
constexpr JsonReplies kReplies("Glassnode");

struct Metric {
  std::string_view path, series;
  bool may_be_negative = false;
};
constexpr Metric kMetrics[] = {{"transactions/transfers_volume_to_exchanges_sum", series::kExchangeInflow},
                               {"transactions/transfers_volume_from_exchanges_sum", series::kExchangeOutflow},
                               {"transactions/transfers_volume_exchanges_net", series::kStablecoinNetFlow, true},
                               {"distribution/balance_miners_sum", series::kMinerBalance},
                               {"addresses/active_count", series::kActiveAddresses},
                               {"indicators/nvt", series::kNvt},
                               {"indicators/sopr", series::kSopr},
                               {"market/mvrv", series::kMvrv},
                               {"indicators/net_realized_profit_loss", series::kRealisedPnl, true}};

}  // namespace

std::string glassnode_paths() {
  std::string out;
  for (const Metric& metric : kMetrics) out += (out.empty() ? "" : ", ") + std::string(metric.path);
  return out;
}

FeedResult parse_glassnode_metric(std::string_view body, std::string_view name, TimeNs fetched_at) {
  const auto colon = name.find(':');
  const std::string_view path = colon == std::string_view::npos ? name : name.substr(colon + 1);
  const auto* metric = std::ranges::find(kMetrics, path, &Metric::path);
  const std::string asset = colon == std::string_view::npos ? std::string() : to_upper(clean_text(name.substr(0, colon), kMaxFeedName));
  if (metric == std::end(kMetrics) || asset.empty()) return kReplies.malformed("name the metric as ASSET:path, with a path of: " + glassnode_paths());
  PROM_TRY(const Json document, kReplies.any(body));
  if (!document.is_array()) return kReplies.refused("or the reply is not a list");
  PROM_TRY(const Json* list, kReplies.list(document));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto time = seconds_of(item, "t");
    const Json* value = member_of(item, "v");
    if (!time || value == nullptr) return kReplies.malformed("an entry without `t` and `v`");
    if (value->is_null()) continue;
    const auto number = number_of(*value);
    if (!number || (*number < 0 && !metric->may_be_negative)) return kReplies.malformed("an entry whose `v` is not a possible number");
    out.push_back({std::string(metric->series), asset, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::aggregator, number, ""});
  }
  return out;
}

}  // namespace prom
