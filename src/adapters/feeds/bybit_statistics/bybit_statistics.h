// Bybit v5's public statistics: open interest and the long/short ratio of accounts. No key. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kOpenInterest` of /v5/market/open-interest: base units of linear, USD of inverse contracts. Subject: "bybit:CATEGORY:SYMBOL" as the reply names them.
FeedResult parse_bybit_open_interest(std::string_view body, TimeNs fetched_at);
/// `series::kLongShort` of /v5/market/account-ratio: buyRatio / sellRatio. The reply does not name the category, so the caller does ("linear", "inverse").
FeedResult parse_bybit_long_short(std::string_view body, std::string_view category, TimeNs fetched_at);

}  // namespace prom
