// Age counts from the event, not from the fetch: a feed that repeats an old figure is as stale as one that is silent.
#include "tools/observation_access.h"

#include <fmt/format.h>

#include <string>

#include "base/assert.h"
#include "tools/args.h"

namespace prom {

std::expected<std::vector<const Observation*>, ToolError> known_observations(const ToolContext& context, const FeedWish& wish) {
  if (context.observations == nullptr) return std::unexpected(tool_unavailable(std::string(wish.missing)));
  const TimeNs now = context.as_of.time;
  auto out = context.observations->known({.series = wish.series, .subject = wish.subject, .as_of = now, .until = now, .limit = wish.limit});
  if (out.empty()) return std::unexpected(tool_unavailable(std::string(wish.missing)));
  for (const Observation* o : out) PROM_ASSERT(o->available_at <= now && o->event_time <= now, "a view shows nothing later than asked");
  const Observation& newest = *out.front();
  if (now - newest.event_time > wish.stale_after) {
    return std::unexpected(tool_unavailable(fmt::format("stale: the newest {} of {} speaks of {}, more than {} before the instant", wish.series, newest.source,
                                                        format_rfc3339(newest.event_time), format_interval(wish.stale_after)),
                                            "fetch the feed again, or ask for an earlier instant"));
  }
  return out;
}

ToolSource source_of(const Observation& observation) { return {observation.source, observation.available_at}; }

}  // namespace prom
