// What a command or a run reads of the feeds: of each series as far back as tools look at it, so that what many subjects repeat at every fetch pushes nothing else
// out. Blocks on the store; main thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/observations.h"

namespace prom {

/// Rows of one series, those that became known last. A row takes some 300 bytes, and there are about 30 series.
inline constexpr std::size_t kMostObservations = 250'000;

/// How far back tools look, with a margin, at a series that says the same of many subjects at every fetch or every hour; nothing for the others.
std::optional<DurationNs> short_look_back(std::string_view series);

/// An instant (from == until) or a run.
struct ObservationSpan {
  TimeNs from{}, until{};
  DurationNs back{kDay.ns * 3 * 366};  ///< how far before `from` series without a short look-back are read
};

struct LoadedObservations {
  std::vector<Observation> rows;  ///< in order of available_at, then identity
  std::vector<std::string> cut;   ///< series of which more than `most` rows were asked for
};
/// Everything known at span.until that speaks of the time since span.from less the look-back of its series. Of a series that says nothing of that time the last
/// row known in span.back, so that a tool can tell how stale it is.
StoreResult<LoadedObservations> load_observations(ObservationStore& store, const ObservationSpan& span, std::size_t most = kMostObservations);

}  // namespace prom
