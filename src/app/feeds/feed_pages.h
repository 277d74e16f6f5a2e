// Replies that come in pages, the newest first: which page to ask for next, until what is known already. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "app/feeds/feed_sharing.h"
#include "app/feeds/feed_sources.h"
#include "ports/observations.h"

namespace prom {

/// Of one request in one fetch: 20,000 of Deribit's option trades.
inline constexpr int kMostPages = 20;

/// The request for what lies before the reply to `asked`, one page further; the caller keeps to kMostPages. `read` is what the reply says, `fresh` how much of it
/// was not known before. Nothing where the provider has no more, where the reply reaches back to what was known, and beyond a day, which is as far as tools look. What a
/// fetch missed because it broke off between pages stays missed: the next one ends at the first page that it knows.
std::optional<FeedRequest> page_before(const FeedRequest& asked, const FeedReply& reply, std::span<const Observation> read, std::size_t fresh);

}  // namespace prom
