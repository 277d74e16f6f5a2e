// Recordings of order books and trades at rest: one tape each, whole as it was recorded, with the instant from which each event was known. Each call may block on
// disk or on the network; one object per thread. Contract tests in ports/tape_store_contract.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/tape.h"
#include "ports/store_error.h"

namespace prom {

struct RecordingInfo {
  std::string instrument;  ///< venue:market:symbol
  std::string sha256;      ///< sha256_of(tape): its identity
  TimeNs first{}, last{};  ///< by the venue's clock
  TimeNs known{};          ///< of the last event
  std::uint64_t events = 0, trades = 0;
  bool tells_trades = false, tells_book = false;
  std::string origin;  ///< file name
  bool operator==(const RecordingInfo&) const = default;
};
RecordingInfo info_of(const Tape& tape, std::string origin);

/// Whether two recordings tell the same part (trades, book) of one instrument's feed at the same time: merged, they would tell it twice.
bool overlap(const RecordingInfo& a, const RecordingInfo& b);
/// What a put is answered with where one of `stored` overlaps.
StoreError overlap_error(const RecordingInfo& put, const RecordingInfo& stored);
/// What a put is answered with where the tape is none.
StoreError unsound_error(const Tape& tape, std::string_view fault);

/// What happens to stored recordings that overlap a new one.
enum class OverlapRule : std::uint8_t { refuse, replace };

class TapeStore {
 public:
  virtual ~TapeStore() = default;
  /// Keeps all of it or, on error, nothing. The same recording again changes nothing. `conflict` where another overlaps and the rule is to refuse; `bad_argument`
  /// where fault_of says something.
  virtual StoreResult<void> put(const Tape& tape, const std::string& origin, OverlapRule rule) = 0;
  /// By instrument, first, sha256.
  virtual StoreResult<std::vector<RecordingInfo>> recordings() = 0;
  /// The recording, its events exactly as they were put; `source` names its origin. `not_found`.
  virtual StoreResult<Tape> load(const std::string& sha256) = 0;
};

}  // namespace prom
