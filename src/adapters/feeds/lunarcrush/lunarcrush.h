// LunarCrush: replies of api4/public/coins/<coin>/time-series/v2. Needs a key to fetch. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `asset` is the coin's symbol, which the reply need not name. Of each entry the share of positive interactions and the number of active posts, where given.
FeedResult parse_lunarcrush_series(std::string_view body, std::string_view asset, TimeNs fetched_at);

}  // namespace prom
