// What feeds said, between replies of providers in files, the market store and commands that ask at one instant. Main thread.
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"
#include "domain/value.h"
#include "ports/feed.h"
#include "ports/observation_table.h"

namespace prom {

/// Everything known at `as_of` that speaks of the three years before, at most kMostObservations rows, the last to become known. Empty without a market store.
std::expected<ObservationTable, CommandError> observations_at_hand(AppContext& context, TimeNs as_of);
inline constexpr std::size_t kMostObservations = 500'000;

/// What a run over [from, until] may see, from 400 days before it on, with the SHA-256 of its rows (empty where there are none).
struct Observed {
  ObservationTable table;
  std::string sha256;
};
std::expected<Observed, CommandError> observations_over(AppContext& context, TimeNs from, TimeNs until);

/// Reads a reply of this kind (one of feed_kinds()) by its parser. An unknown kind is malformed.
FeedResult parse_feed(std::string_view kind, std::string_view body, std::string_view name, TimeNs fetched_at);

struct FeedImport {
  std::string kind;        ///< one of feed_kinds()
  std::string path;        ///< a reply as the provider sent it
  std::string name;        ///< what the reply does not say itself: FRED's series id, Bybit's category, the outlet of RSS
  std::string fetched_at;  ///< RFC 3339; empty = now. Nothing of the file is visible before it
};
/// Keeps a provider's reply in the market store; a document that counts what was new.
std::expected<Value, CommandError> import_feed(AppContext& context, const FeedImport& job);
/// Series, subject, source, rows and times of what is kept.
std::expected<Value, CommandError> feeds_status(AppContext& context);
/// Names of the replies that can be read, for help.
std::string feed_kinds();

}  // namespace prom
