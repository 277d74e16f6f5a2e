// Trading Economics: replies of its economic calendar (/calendar/..., f=json). Needs a key to fetch. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// Of each release its importance and, where given, the actual, forecast and previous figures, as the texts say them ("0.3%" is 0.3, "227K" is 227000).
/// event_time is the release, which may lie ahead; `id` is the calendar's.
FeedResult parse_trading_economics_calendar(std::string_view body, TimeNs fetched_at);

}  // namespace prom
