// {"data": {"getMetric": {"timeseriesData": [{"datetime": "2024-01-01T00:00:00Z", "value": 1.5}]}}}; errors stand in `errors`.
#include "adapters/feeds/santiment/santiment.h"

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
constexpr JsonReplies kReplies("Santiment");

struct Metric {
  std::string_view name, series;
  bool may_be_negative = false;
};
constexpr Metric kMetrics[] = {{"exchange_inflow", series::kExchangeInflow},
                               {"exchange_outflow", series::kExchangeOutflow},
                               {"whale_transaction_count_1m_usd_to_inf", series::kWhaleTransfers},
                               {"active_addresses_24h", series::kActiveAddresses},
                               {"nvt", series::kNvt},
                               {"mvrv_usd", series::kMvrv},
                               {"network_profit_loss", series::kRealisedPnl, true},
                               {"social_volume_total", series::kSocialVolume}};

}  // namespace

std::string santiment_metrics() {
  std::string out;
  for (const Metric& metric : kMetrics) out += (out.empty() ? "" : ", ") + std::string(metric.name);
  return out;
}

FeedResult parse_santiment_metric(std::string_view body, std::string_view name, TimeNs fetched_at) {
  const auto colon = name.find(':');
  const std::string_view what = colon == std::string_view::npos ? name : name.substr(colon + 1);
  const auto* metric = std::ranges::find(kMetrics, what, &Metric::name);
  const std::string asset = colon == std::string_view::npos ? std::string() : to_upper(clean_text(name.substr(0, colon), kMaxFeedName));
  if (metric == std::end(kMetrics) || asset.empty()) return kReplies.malformed("name the metric as ASSET:metric, with a metric of: " + santiment_metrics());
  PROM_TRY(const Json document, kReplies.object(body));
  if (member_of(document, "errors") != nullptr) return kReplies.refused("the query");
  const Json* data = member_of(document, "data");
  const Json* answer = data == nullptr ? nullptr : member_of(*data, "getMetric");
  if (answer == nullptr) return kReplies.malformed("the reply has no data.getMetric");
  PROM_TRY(const Json* list, kReplies.list(*answer, "timeseriesData"));
  std::vector<Observation> out;
  for (const Json& item : *list) {
    const auto time = parse_rfc3339(text_of(item, "datetime"));
    const Json* value = member_of(item, "value");
    if (!time || value == nullptr) return kReplies.malformed("an entry without `datetime` and `value`");
    if (value->is_null() || *time > fetched_at - kDay) continue;
    const auto number = number_of(*value);
    if (!number || (*number < 0 && !metric->may_be_negative)) return kReplies.malformed("an entry whose value is not a possible number");
    out.push_back({std::string(metric->series), asset, std::string(kReplies.provider()), "", *time, fetched_at, TrustTier::aggregator, number, ""});
  }
  return out;
}

}  // namespace prom
