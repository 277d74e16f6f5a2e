// Which requests ask the providers of feeds for what is new: their addresses, how often they may be asked, whose key they need. Constant data; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace prom {

/// One request and how its reply is read: a kind of feed_kinds() and what the reply does not say itself.
struct FeedRequest {
  std::string kind, name;
  std::string url;
  std::string body = {};             ///< empty = GET, else POST of JSON
  int page = 1;                      ///< of a reply in pages, see feed_pages.h
  std::optional<TimeNs> until = {};  ///< of a further page: the last instant that it tells of
};

/// How a provider wants to see the key.
enum class KeyPlace : std::uint8_t { none, query, x_api_key, cg_api_key, bearer, apikey, client };

struct FeedSource {
  std::string_view name;  ///< for people and the command line
  std::string_view key;   ///< the setting that holds the key; empty = needs none
  KeyPlace place = KeyPlace::none;
  DurationNs interval{};  ///< not asked again before
  std::vector<FeedRequest> (*requests)() = nullptr;
};
std::span<const FeedSource> feed_sources();

}  // namespace prom
