// What feeds said, between replies of providers in files, the market store and commands that ask at one instant. Main thread.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/command.h"
#include "domain/value.h"
#include "ports/feed.h"
#include "ports/observation_table.h"

namespace prom {

/// What was known at `as_of`, as far back as load_observations reads; a note where a series has more than its limit. Empty without a market store.
std::expected<ObservationTable, CommandError> observations_at_hand(AppContext& context, TimeNs as_of);

/// What a run over [from, until] may see, from 400 days before it on (less of series with a short look-back), with the SHA-256 of its rows (empty where there are none).
struct Observed {
  ObservationTable table;
  std::string sha256;
};
std::expected<Observed, CommandError> observations_over(AppContext& context, TimeNs from, TimeNs until);

/// What a parser read.
struct FeedReading {
  std::vector<Observation> rows;
  std::size_t unsound = 0;  ///< items that lacked what an observation needs and were left out
};
/// Reads a reply of this kind (one of feed_kinds()) by its parser. An unknown kind is malformed.
std::expected<FeedReading, FeedError> parse_feed(std::string_view kind, std::string_view body, std::string_view name, TimeNs fetched_at);

struct FeedImport {
  std::string kind;        ///< one of feed_kinds()
  std::string path;        ///< a reply as the provider sent it
  std::string name;        ///< what the reply does not say itself: FRED's series id, Bybit's category, the outlet of RSS
  std::string fetched_at;  ///< RFC 3339; empty = now. Nothing of the file is visible before it
};
/// Keeps a provider's reply in the market store; a document that counts what was read, what of it was new, and what items were skipped because they were not sound.
std::expected<Value, CommandError> import_feed(AppContext& context, const FeedImport& job);
/// {"feeds": [{series, subject, source, rows, newest_event, last_known}], "failing": [{source, failures, reason, next_at}]}: what is kept, and which providers did not
/// answer everything at the last fetch. Of a series with more than 20,000 subjects those that were last heard of, and a note.
std::expected<Value, CommandError> feeds_status(AppContext& context);
/// Names of the replies that can be read, for help.
std::string feed_kinds();

}  // namespace prom
