// RSS 2.0 (rssboard.org/rss-specification) to headlines. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "ports/feed.h"

namespace prom {

/// `series::kNews`, one an item: title as text, guid (else link) as id, pubDate as event_time, `source` as given ("CoinDesk"). An item without title, id or a
/// readable date is malformed, and so is a document with a DOCTYPE, nested deeper than 32 or not UTF-8.
FeedResult parse_rss(std::string_view body, std::string_view source, TimeNs fetched_at);

/// "Sat, 07 Sep 2002 00:00:01 GMT", RFC 822 as RSS has it: four-digit years, the day's name optional, zone as +hhmm, GMT, UT, UTC, Z or a US zone's letters.
std::optional<TimeNs> time_of_rss_date(std::string_view text);

}  // namespace prom
