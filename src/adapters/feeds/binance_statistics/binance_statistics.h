// Binance USD-M futures: replies of futures/data/openInterestHist and globalLongShortAccountRatio. No key. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kOpenInterest` in base units; subject binance:linear:SYMBOL.
FeedResult parse_binance_open_interest(std::string_view body, TimeNs fetched_at);
/// `series::kLongShort`.
FeedResult parse_binance_long_short(std::string_view body, TimeNs fetched_at);

}  // namespace prom
