// From frames of venues' feeds to the events of a tape. One thread; pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/bar_builder.h"
#include "domain/instrument.h"
#include "domain/tape.h"

namespace prom::archive {

/// An error for a tape that begins before 2009: its times are none, and a recording that spans the years since then would overlap every other.
Parsed<void> check_first_time(const Tape& tape);

class TapeFrames {
 public:
  explicit TapeFrames(const Instrument& instrument);
  ~TapeFrames();
  TapeFrames(const TapeFrames&) = delete;
  TapeFrames& operator=(const TapeFrames&) = delete;

  /// One line of a recording. Errors: JSON that cannot be read, numbers that are none, more than kMaxTapeEvents.
  Parsed<void> line(const Place& place);
  /// Events so far, for progress.
  std::uint64_t size() const;
  /// The frames object is spent afterwards. no_rows where no frame was of the instrument.
  Parsed<Tape> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace prom::archive
