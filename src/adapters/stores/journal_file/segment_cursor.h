// Walks the records of one segment with bounded memory, and judges what a bad record is: a torn tail (never acknowledged) or damage. One thread each object.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "adapters/stores/journal_file/file_ops.h"
#include "adapters/stores/journal_file/record.h"
#include "ports/journal.h"

namespace prom {

/// What an errno means to the journal's callers.
JournalError journal_error(FileFault fault, const std::string& path, std::uint64_t seq, const std::string& what);

enum class SegmentStop : std::uint8_t {
  record,  ///< not stopped: a record was read
  end,     ///< the file ends where a record ends
  torn,    ///< what follows was never acknowledged: cut off, or pages of the last group that a power cut swallowed
  damaged  ///< a bad record with good ones behind it, or one with a wrong sequence
};

class SegmentCursor {
 public:
  /// Opens a segment whose name says `first_seq`. `torn` in header_stop() when even the header was never finished; then there are no records.
  static std::expected<SegmentCursor, JournalError> open(FileOps& ops, const std::string& directory, std::uint64_t first_seq, std::uint32_t shard);

  /// Goes on at a record that an earlier cursor has read there; false where the file no longer reaches that far.
  bool skip_to(std::uint64_t seq, std::uint64_t offset);

  SegmentStop header_stop() const { return header_stop_; }
  /// The next record, or why there is none; `record` stays valid until the next call. An error is one of reading.
  std::expected<SegmentStop, JournalError> next(RecordView& record);
  /// Sequence that the next record must have.
  std::uint64_t expected_seq() const { return expected_; }
  /// End of the last good record (or of the header).
  std::uint64_t good_bytes() const { return base_ + at_; }
  std::uint64_t file_bytes() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  SegmentCursor(FileOps& ops, FileHandle handle, std::string path, std::uint64_t size, std::uint64_t first_seq)
      : ops_(&ops), file_(ops, handle), path_(std::move(path)), size_(size), expected_(first_seq) {}
  /// At least `bytes` from at_ on in the buffer where the file has them, read in pieces of `window`.
  std::expected<void, JournalError> need(std::size_t bytes, std::size_t window);
  std::expected<SegmentStop, JournalError> judge_bad_record();
  std::expected<SegmentStop, JournalError> judge_header();

  FileOps* ops_;
  OpenFile file_;
  std::string path_;
  std::uint64_t size_;
  std::uint64_t expected_;
  SegmentStop header_stop_ = SegmentStop::record;
  std::vector<std::byte> buffer_;  ///< file bytes from base_ on
  std::uint64_t base_ = 0;
  std::size_t at_ = 0;  ///< next record, within buffer_
};

/// First sequences of the segments in a directory, ascending.
std::expected<std::vector<std::uint64_t>, JournalError> list_segments(FileOps& ops, const std::string& directory);

}  // namespace prom
