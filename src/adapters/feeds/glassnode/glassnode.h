// Glassnode: replies of v1/metrics/<path>?a=<asset>&f=json. Needs a key to fetch. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `name` says what the reply does not: "ASSET:path", as BTC:indicators/sopr. event_time is the beginning of the interval. Entries without a value are left out.
FeedResult parse_glassnode_metric(std::string_view body, std::string_view name, TimeNs fetched_at);
/// The paths that can be read, for help.
std::string glassnode_paths();

}  // namespace prom
