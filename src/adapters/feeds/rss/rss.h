// RSS 2.0 (rssboard.org/rss-specification) to headlines. Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "ports/feed.h"

namespace prom {

struct RssReading {
  std::vector<Observation> headlines;
  std::size_t unsound = 0;  ///< items without title, id or a readable date, which are left out
};
/// `series::kNews`, one a sound item: title as text, guid (else link) as id, pubDate as event_time, `source` as given ("CoinDesk"). A document of which no item is
/// sound is malformed, and so is one with a DOCTYPE, nested deeper than 32 or not UTF-8; one without items is an empty reading.
std::expected<RssReading, FeedError> read_rss(std::string_view body, std::string_view source, TimeNs fetched_at);
/// The headlines alone.
FeedResult parse_rss(std::string_view body, std::string_view source, TimeNs fetched_at);

/// "Sat, 07 Sep 2002 00:00:01 GMT", RFC 822 as RSS has it: four-digit years, the day's name optional, zone as +hhmm, GMT, UT, UTC, Z or a US zone's letters.
std::optional<TimeNs> time_of_rss_date(std::string_view text);

}  // namespace prom
