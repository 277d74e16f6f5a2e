// A stretch of a venue's feed as it was told: public trades and changes of the order book, in the order of the feed. Plain values; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"

namespace prom {

enum class TapeKind : std::uint8_t {
  clear,  ///< nothing is known of the book from here on: a snapshot follows, or changes were lost
  seed,   ///< a level of a snapshot
  level,  ///< from now on this stands at that price, all orders together; 0 = nothing
  best,   ///< from now on this is the best of that side
  trade   ///< side: of the resting order
};
enum class BookHalf : std::uint8_t { bid, ask };

struct TapeEvent {
  TimeNs time{};  ///< by the venue's clock, never before the event in front of it
  TapeKind kind = TapeKind::trade;
  BookHalf side = BookHalf::bid;
  double price = 0;     ///< quote per base; above 0 but for `clear`
  double quantity = 0;  ///< base units
  DurationNs late{};    ///< from `time` until it was known here, not below 0; 0 where nobody wrote down when it came
  bool operator==(const TapeEvent&) const = default;
};
/// The instant from which it may be used; never before that of the event in front of it.
inline TimeNs known_at(const TapeEvent& event) { return event.time + event.late; }

/// More are refused: a recording is looked at, not archived, here.
inline constexpr std::size_t kMaxTapeEvents = 4'000'000;

/// What one instrument's feed said. `source` as people read it.
struct Tape {
  std::string instrument;  ///< venue:market:symbol
  std::string source;
  bool tells_trades = false, tells_book = false;
  std::vector<TapeEvent> events;  ///< times ascending, equal ones allowed
};

/// What was told up to an instant.
inline std::span<const TapeEvent> tape_until(const Tape& tape, TimeNs as_of) {
  const auto end = std::ranges::upper_bound(tape.events, as_of, {}, known_at);
  return {tape.events.begin(), end};
}

/// Why these events are no tape, in one sentence; nothing where they are: in order, numbers sound, not more than kMaxTapeEvents, at least one.
std::optional<std::string> fault_of(const Tape& tape);

/// SHA-256 of instrument and events: what was recorded, whatever its file is called.
std::string sha256_of(const Tape& tape);

/// Recordings of one instrument as one tape, in order of time. Where a recording that tells of the book begins, the book is unknown until its own snapshot. An event
/// behind one that became known later counts as known no earlier than that. `parts` not empty.
Tape merge_tapes(std::span<const Tape> parts);

}  // namespace prom
