// Recordings of order books and trades where the market store keeps them, and what a run or a call may see of them. Main thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "domain/tape.h"
#include "domain/value.h"
#include "ports/tape_store.h"

namespace prom {

/// To read; null where nothing has been stored in the state directory yet. Exit code 4 where it cannot be opened.
std::expected<std::unique_ptr<TapeStore>, CommandError> stored_tapes(AppContext& context);
/// To write; made where it is missing.
std::expected<std::unique_ptr<TapeStore>, CommandError> tapes_to_write(AppContext& context);

/// The recordings that speak of a stretch of time, as one tape an instrument.
struct Tapes {
  std::vector<Tape> tapes;
  std::string sha256;  ///< over the recordings that they were made of; empty where there are none
};
/// What is recorded of these instruments between `from` and `until`: recordings are read whole, since a book begins with its snapshot, and tools show at an instant
/// what was known then. Code too_many_events where one instrument's hold more than kMaxTapeEvents.
std::expected<Tapes, CommandError> tapes_over(AppContext& context, const std::vector<std::string>& instruments, TimeNs from, TimeNs until);
/// Of any time.
std::expected<std::vector<RecordingInfo>, CommandError> recordings_kept(AppContext& context);

/// Copies every embedded recording to the server and compares each there with its origin. [{"instrument", "events", "sha256"}].
std::expected<ValueList, CommandError> move_recordings_to_server(AppContext& context);

}  // namespace prom
