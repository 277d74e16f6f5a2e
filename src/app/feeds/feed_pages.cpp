// Deribit's end_timestamp is inclusive, in milliseconds: trades of the instant at which a page ends come again in the next, and none of them is lost.
#include "app/feeds/feed_pages.h"

#include <algorithm>
#include <string>

#include "adapters/feeds/deribit/deribit.h"

namespace prom {

std::optional<FeedRequest> page_before(const FeedRequest& asked, const FeedReply& reply, std::span<const Observation> read, std::size_t fresh) {
  if (asked.kind != "deribit-option-trades") return std::nullopt;
  const auto until = deribit_older_trades_until(reply.body);
  if (!until || *until < reply.fetched_at - kDay) return std::nullopt;
  // A page of one instant alone would be asked for over and over.
  if (asked.until && *until >= *asked.until) return std::nullopt;
  const auto again = asked.until ? std::ranges::count_if(read, [&](const Observation& o) { return o.event_time >= *asked.until; }) : 0;
  if (read.size() > fresh + static_cast<std::size_t>(again)) return std::nullopt;
  constexpr std::string_view kUntil = "&end_timestamp=";
  FeedRequest next = asked;
  next.url.resize(std::min(next.url.find(kUntil), next.url.size()));
  next.url += std::string(kUntil) + std::to_string(until->ns / kMillisecond.ns);
  next.until = until;
  ++next.page;
  return next;
}

}  // namespace prom
