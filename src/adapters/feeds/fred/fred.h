// FRED (Federal Reserve Bank of St. Louis): replies of fred/series/observations with file_type=json. Needs a key to fetch. Pure; any thread.
#pragma once

#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kMacro` with the asked series id as subject; event_time is the beginning of the period. FRED writes "." where a period has no value: left out.
/// available_at is `fetched_at`, never the release: what was not fetched then was not known here. A revision comes as another value in a later reply.
FeedResult parse_fred_observations(std::string_view body, std::string_view series_id, TimeNs fetched_at);

}  // namespace prom
