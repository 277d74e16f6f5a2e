// Santiment: replies of its GraphQL query getMetric(metric) { timeseriesData(...) { datetime value } }. Needs a key for new data. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `name` says what the reply does not: "ASSET:metric", as BTC:mvrv_usd. event_time is the beginning of a day: a reply to a query
/// with interval "1d". A day that has not ended at fetched_at is left out: its value is of a part of it only, and would be taken for the whole day's.
FeedResult parse_santiment_metric(std::string_view body, std::string_view name, TimeNs fetched_at);
/// The metrics that can be read, for help.
std::string santiment_metrics();

}  // namespace prom
