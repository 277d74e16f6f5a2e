// How tools reach what outside feeds said: the newest that was known at the call's instant, refused when it is older than the tool allows. Pure; any thread.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/tool.h"

namespace prom {

/// What a tool wants of the feeds.
struct FeedWish {
  std::string_view series;
  std::optional<std::string_view> subject = std::nullopt;  ///< none = every subject
  DurationNs stale_after{};                                ///< greatest age of the newest event at the call's instant
  std::string_view missing;                                ///< the reason where nothing is known: which feed would serve it
  std::size_t limit = 1;
};
/// Newest event first, at least one; nothing that became known after the instant, and no event after it. Errors: unavailable, with `wish.missing` where nothing
/// is known, or beginning with "stale" where the newest event is older than allowed.
std::expected<std::vector<const Observation*>, ToolError> known_observations(const ToolContext& context, const FeedWish& wish);
/// Provider, and when its word was known.
ToolSource source_of(const Observation& observation);

}  // namespace prom
