// Santiment: replies of its GraphQL query getMetric(metric) { timeseriesData(...) { datetime value } }. Needs a key for new data. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `name` says what the reply does not: "ASSET:metric", as BTC:mvrv_usd. event_time is the beginning of the interval.
FeedResult parse_santiment_metric(std::string_view body, std::string_view name, TimeNs fetched_at);
/// The metrics that can be read, for help.
std::string santiment_metrics();

}  // namespace prom
