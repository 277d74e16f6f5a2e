// The fear and greed index of alternative.me: replies of https://api.alternative.me/fng/ to observations. No key. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kFearGreed`, 0..100, one a day; event_time is the reply's `timestamp` (seconds, beginning of the day), available_at is `fetched_at`.
FeedResult parse_fear_greed(std::string_view body, TimeNs fetched_at);

}  // namespace prom
