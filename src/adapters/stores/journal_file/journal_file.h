// The journal as local append-only segments in one directory, and engine snapshots beside them. One writer at a time (a lock file says who); readers open
// files of their own and may run beside the writer. Format: record.h.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "adapters/stores/journal_file/file_ops.h"
#include "ports/journal.h"

namespace prom {

struct JournalFileOptions {
  std::string directory;  ///< created when missing
  std::uint32_t shard = 0;
  Durability durability = Durability::process;
  std::uint64_t segment_bytes = 64ULL << 20;  ///< a new segment begins at the first commit that passes this
  std::size_t buffer_bytes = 4U << 20;        ///< appended frames are written early (not acknowledged) beyond this
};

/// What opening found and repaired.
struct JournalRepair {
  std::uint64_t torn_bytes = 0;  ///< cut off the last segment; none of them was ever acknowledged
  std::string evidence;          ///< copy of them (at most 1 MiB); empty when there were none or it could not be written
};

/// Bytes of a torn tail kept as evidence at most.
inline constexpr std::size_t kMaxEvidenceBytes = 1U << 20;
/// Snapshots kept.
inline constexpr std::size_t kSnapshotsKept = 3;

class JournalFileWriter : public JournalWriter {
 public:
  virtual const JournalRepair& repair() const = 0;
  /// append() for a frame that another journal holds: the same bytes.
  virtual std::expected<void, JournalError> append_recorded(const RecordedFrame& frame) = 0;
};

/// Takes the lock, checks the last segment, cuts a torn tail off and continues behind the last good frame. `locked` names the process that has the lock where
/// that is known. Under `power` everything kept is synced before this returns. `ops` outlives the writer.
std::expected<std::unique_ptr<JournalFileWriter>, JournalError> open_journal_writer(const JournalFileOptions& options, FileOps& ops = posix_file_ops());

/// Reads what is there at each call of read(); a missing directory is an empty journal. `ops` outlives the reader.
std::unique_ptr<JournalReader> open_journal_reader(const std::string& directory, std::uint32_t shard = 0, FileOps& ops = posix_file_ops());

/// Files `NNNNNNNNNNNN.snapshot` in `directory` (created when missing). `ops` outlives the store.
std::unique_ptr<SnapshotStore> open_snapshot_store(const std::string& directory, std::uint32_t shard = 0, FileOps& ops = posix_file_ops());

}  // namespace prom
