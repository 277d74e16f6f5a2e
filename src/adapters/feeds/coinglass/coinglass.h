// Coinglass v4: replies of api/futures/liquidation/history and .../aggregated-history. Needs a key to fetch. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `asset` is the coin's symbol, which the reply does not name. event_time is the beginning of the interval.
FeedResult parse_coinglass_liquidations(std::string_view body, std::string_view asset, TimeNs fetched_at);

}  // namespace prom
