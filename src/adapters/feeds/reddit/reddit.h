// Reddit listings (/r/NAME/new.json and the like): posts as observations. Written by anybody: the lowest trust. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kPost`: title as text, score as value, subreddit as subject, full name (t3_...) as id, created_utc as event_time. Comments and other kinds are left out.
FeedResult parse_reddit_listing(std::string_view body, TimeNs fetched_at);

}  // namespace prom
