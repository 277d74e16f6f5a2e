// What both stores say of recordings, in the same words.
#include "ports/tape_store.h"

#include <algorithm>
#include <utility>

namespace prom {

RecordingInfo info_of(const Tape& tape, std::string origin) {
  RecordingInfo out;
  out.instrument = tape.instrument;
  out.sha256 = sha256_of(tape);
  out.first = tape.events.front().time;
  out.last = tape.events.back().time;
  out.known = known_at(tape.events.back());
  out.events = tape.events.size();
  out.trades = static_cast<std::uint64_t>(std::ranges::count(tape.events, TapeKind::trade, &TapeEvent::kind));
  out.tells_trades = tape.tells_trades;
  out.tells_book = tape.tells_book;
  out.origin = std::move(origin);
  return out;
}

bool overlap(const RecordingInfo& a, const RecordingInfo& b) {
  const bool same_part = (a.tells_trades && b.tells_trades) || (a.tells_book && b.tells_book);
  return a.instrument == b.instrument && same_part && a.first <= b.last && b.first <= a.last;
}

StoreError overlap_error(const RecordingInfo& put, const RecordingInfo& stored) {
  return {StoreErrorKind::conflict, Retry::never,
          "this recording of " + put.instrument + " overlaps " + stored.origin + ", which tells " + format_rfc3339(stored.first) + " to " +
              format_rfc3339(stored.last),
          "import it with --replace to put it in the other's place"};
}

StoreError unsound_error(const Tape& tape, std::string_view fault) {
  return {StoreErrorKind::bad_argument, Retry::never, "this recording of " + tape.instrument + " cannot be kept: " + std::string(fault), ""};
}

}  // namespace prom
