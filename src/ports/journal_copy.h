// The shared copy of a journal, beside the ledger of a server: what a machine continues from when the disk of another is out of reach, and who may write. The local
// journal stays the record that is durable before anything leaves; the copy follows it as the ledger does. Any thread.
#pragma once

#include <cstdint>
#include <functional>

#include "domain/command.h"
#include "ports/store_error.h"

namespace prom {

class JournalCopy {
 public:
  virtual ~JournalCopy() = default;
  /// Takes the turn to write: from now on what holders of lower fences project is refused as `conflict` with Retry::never, wherever they are. Returns the newest sequence
  /// in the copy, 0 where it is empty. `conflict` where a higher fence has been taken.
  virtual StoreResult<std::uint64_t> claim(std::uint64_t fence) = 0;
  /// Calls `visit` for each frame from `from` (at least 1) on, in order, until the end or until it returns false; bounded memory. Returns the last sequence visited
  /// (`from` - 1 when none). `corrupt` where a frame is missing or cannot be read.
  virtual StoreResult<std::uint64_t> read_journal(std::uint64_t from, const std::function<bool(const RecordedFrame&)>& visit) = 0;
};

}  // namespace prom
