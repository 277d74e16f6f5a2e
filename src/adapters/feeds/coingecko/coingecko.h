// CoinGecko's public interface: dominance and total value (/global), coins most looked for (/search/trending). No key. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kDominance` for every coin of `market_cap_percentage` (percent; subject in capitals) and `series::kTotalValue` (USD), at the reply's `updated_at`.
FeedResult parse_coingecko_global(std::string_view body, TimeNs fetched_at);
/// `series::kTrending`: rank from 1 in the reply's order. The reply has no time, so the event is the fetch.
FeedResult parse_coingecko_trending(std::string_view body, TimeNs fetched_at);

}  // namespace prom
