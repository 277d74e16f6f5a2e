// Asks the providers of feeds for what is new and keeps it. Main thread; blocks on the network within the client's bounds.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "domain/value.h"

namespace prom {

struct FeedFetch {
  std::vector<std::string> sources;  ///< names of feed_sources(); empty = all
  std::string through;               ///< ask this address with each provider's path instead of the provider: a mirror, or a test's server
  bool again = false;                ///< also what was asked lately or is backed off from
};
/// {"sources": [{"source", "state", "read", "new", "skipped", "reason", "next_at"}]}, state: fetched, partly (some requests failed, the reason names the first; what
/// the others gave is kept), fresh (asked lately), backing_off, no_key, failed. "skipped": items that lacked what is needed; the reason says of which request.
/// Where Redis is named, "shared_replies" counts those that another instance had been given.
/// "clickhouse": what copy_observations says.
std::expected<Value, CommandError> fetch_feeds(AppContext& context, const FeedFetch& job);

}  // namespace prom
