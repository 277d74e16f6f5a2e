// Reading one segment in windows, and telling a torn tail from damage. One thread each object.
#include "adapters/stores/journal_file/segment_cursor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace prom {
namespace {

constexpr std::size_t kReadBytes = 256U << 10;
constexpr std::size_t kSector = 512;
// Within one sector a swallowed write must show at least this many zeros: fewer may stand in any record.
constexpr std::size_t kTellingZeros = 16;

struct LaterRecord {
  std::uint64_t offset = 0;
  std::uint64_t end = 0;
  std::uint64_t group_first = 0;  ///< first sequence of its commit group
};

// Looks for a good record at any byte from `from` on whose sequence is `lowest` or later. The sequence is compared before the checksum is computed, so that
// the search costs little more than reading.
class RecordSearch {
 public:
  RecordSearch(FileOps& ops, FileHandle file, std::uint64_t size, std::uint64_t lowest) : ops_(&ops), file_(file), size_(size), lowest_(lowest) {}

  FileResult<std::optional<LaterRecord>> find(std::uint64_t from) {
    std::vector<std::byte> window(kReadBytes);
    for (std::uint64_t offset = from; offset + kRecordHeaderBytes <= size_;) {
      // Not beyond the length that the cursor goes by: what a writer adds meanwhile would look like good records behind a bad one.
      PROM_TRY(const std::size_t got, ops_->read_at(file_, offset, std::span(window).first(std::min<std::uint64_t>(window.size(), size_ - offset))));
      if (got < kRecordHeaderBytes) break;
      const std::size_t last = got - kRecordHeaderBytes;
      for (std::size_t i = 0; i <= last; ++i) {
        if (!plausible(std::span(window).subspan(i, kRecordHeaderBytes), size_ - offset - i)) continue;
        PROM_TRY(const auto found, verify(offset + i));
        if (found) return found;
      }
      offset += last + 1;
    }
    return std::optional<LaterRecord>();
  }

 private:
  static std::uint64_t load(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value |= std::to_integer<std::uint64_t>(bytes[at + i]) << (8 * i);
    return value;
  }
  // A segment holds fewer records than bytes, which bounds the sequences that can be genuine.
  bool plausible(std::span<const std::byte> header, std::uint64_t left) const {
    const std::uint64_t seq = load(header, 8, 8);
    if (seq < lowest_ || seq - lowest_ > size_) return false;
    const std::uint64_t length = load(header, 0, 4);
    return length <= kMaxPayloadBytes && length + kRecordHeaderBytes <= left && load(header, 16, 4) < seq;
  }
  FileResult<std::optional<LaterRecord>> verify(std::uint64_t offset) {
    std::vector<std::byte> bytes(std::min<std::uint64_t>(size_ - offset, kRecordHeaderBytes + kMaxPayloadBytes));
    PROM_TRY(const std::size_t got, ops_->read_at(file_, offset, bytes));
    const auto record = parse_record(std::span(bytes).first(got));
    if (!record) return std::optional<LaterRecord>();
    return std::optional(LaterRecord{offset, offset + record->bytes, record->seq - record->index_in_group});
  }

  FileOps* ops_;
  FileHandle file_;
  std::uint64_t size_;
  std::uint64_t lowest_;
};

// Whether bytes [from, to) of a file show a write that never arrived: a sector, or the rest of one, that is all zeros.
FileResult<SegmentStop> swallowed_or_damaged(FileOps& ops, FileHandle file, std::uint64_t from, std::uint64_t to) {
  std::array<std::byte, kSector> sector{};
  for (std::uint64_t at = from; at < to;) {
    const std::uint64_t end = std::min(to, (at / kSector + 1) * kSector);
    const auto part = std::span(sector).first(static_cast<std::size_t>(end - at));
    PROM_TRY(const std::size_t got, ops.read_at(file, at, part));
    const auto read = part.first(got);
    if (got >= kTellingZeros && std::all_of(read.begin(), read.end(), [](std::byte b) { return b == std::byte{0}; })) return SegmentStop::torn;
    at = end;
  }
  return SegmentStop::damaged;
}

}  // namespace

JournalError journal_error(FileFault fault, const std::string& path, std::uint64_t seq, const std::string& what) {
  const bool full = fault.code == ENOSPC || fault.code == EDQUOT || fault.code == EFBIG;
  return {full ? JournalErrorKind::full : JournalErrorKind::io, path, seq, what + ": " + std::strerror(fault.code)};
}

std::expected<std::vector<std::uint64_t>, JournalError> list_segments(FileOps& ops, const std::string& directory) {
  auto names = ops.list(directory);
  if (!names) return err(journal_error(names.error(), directory, 0, "cannot list the journal's directory"));
  std::vector<std::uint64_t> segments;
  for (const auto& name : *names) {
    if (const auto seq = parse_segment_name(name)) segments.push_back(*seq);
  }
  std::sort(segments.begin(), segments.end());
  return segments;
}

std::expected<SegmentCursor, JournalError> SegmentCursor::open(FileOps& ops, const std::string& directory, std::uint64_t first_seq, std::uint32_t shard) {
  const std::string path = directory + "/" + segment_name(first_seq);
  const auto handle = ops.open(path, OpenMode::read);
  if (!handle) return err(journal_error(handle.error(), path, first_seq - 1, "cannot open the segment"));
  const auto size = ops.size(*handle);
  SegmentCursor cursor(ops, *handle, path, size ? *size : 0, first_seq);
  if (!size) return err(journal_error(size.error(), path, first_seq - 1, "cannot read the segment's size"));
  PROM_CHECK_OK(cursor.need(kSegmentHeaderBytes, kSegmentHeaderBytes));  // whoever follows skips what comes next
  const auto header = parse_segment_header(std::span(cursor.buffer_));
  if (!header) {
    if (header.error() == RecordFault::version) {
      return err(JournalError{JournalErrorKind::version, path, first_seq - 1, "the segment was written by a newer version of this program"});
    }
    PROM_TRY(cursor.header_stop_, cursor.judge_header());
    return cursor;
  }
  if (header->first_seq != first_seq || header->shard != shard) {
    return err(JournalError{
        JournalErrorKind::corrupt, path, first_seq - 1,
        "the segment is of shard " + std::to_string(header->shard) + " from sequence " + std::to_string(header->first_seq) + ", not what its place says"});
  }
  cursor.at_ = kSegmentHeaderBytes;
  return cursor;
}

bool SegmentCursor::skip_to(std::uint64_t seq, std::uint64_t offset) {
  if (header_stop_ != SegmentStop::record || offset >= size_ || offset < good_bytes()) return false;
  buffer_.clear();
  base_ = offset;
  at_ = 0;
  expected_ = seq;
  return true;
}

// The header is written (and under `power` synced) before any record: behind a bad one there can be records only if it was damaged.
std::expected<SegmentStop, JournalError> SegmentCursor::judge_header() {
  const auto later = RecordSearch(*ops_, file_.handle(), size_, expected_).find(0);
  if (!later) return err(journal_error(later.error(), path_, expected_ - 1, "cannot read the segment"));
  return later->has_value() ? SegmentStop::damaged : SegmentStop::torn;
}

std::expected<void, JournalError> SegmentCursor::need(std::size_t bytes, std::size_t window) {
  if (buffer_.size() - at_ >= bytes || base_ + buffer_.size() >= size_) return {};
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
  base_ += at_;
  at_ = 0;
  const std::size_t have = buffer_.size();
  const std::uint64_t left = size_ - base_ - have;
  buffer_.resize(have + static_cast<std::size_t>(std::min<std::uint64_t>(left, std::max(window, bytes) - std::min(have, bytes))));
  const auto got = ops_->read_at(file_.handle(), base_ + have, std::span(buffer_).subspan(have));
  if (!got) return err(journal_error(got.error(), path_, expected_ - 1, "cannot read the segment"));
  if (have + *got < buffer_.size()) size_ = base_ + have + *got;  // the writer of a torn tail may be cutting it off
  buffer_.resize(have + *got);
  return {};
}

std::expected<SegmentStop, JournalError> SegmentCursor::next(RecordView& record) {
  if (header_stop_ != SegmentStop::record) return header_stop_;
  PROM_CHECK_OK(need(kRecordHeaderBytes, kReadBytes));
  if (good_bytes() == size_) return SegmentStop::end;
  auto parsed = parse_record(std::span(buffer_).subspan(at_));
  if (!parsed && parsed.error() == RecordFault::truncated && base_ + buffer_.size() < size_) {
    PROM_CHECK_OK(need(kRecordHeaderBytes + kMaxPayloadBytes, kReadBytes));
    parsed = parse_record(std::span(buffer_).subspan(at_));
  }
  if (!parsed) return judge_bad_record();
  if (parsed->seq != expected_) return SegmentStop::damaged;
  at_ += parsed->bytes;
  ++expected_;
  record = *parsed;
  return SegmentStop::record;
}

// Nothing good behind it: the tail of a write that was cut short. Good records of a later group behind it: that group was begun only after this one was
// acknowledged, so this is damage. Good records of the same group: pages of one write reach the disk in any order, so it is torn where a page is missing
// (reads as zeros), else damage.
std::expected<SegmentStop, JournalError> SegmentCursor::judge_bad_record() {
  const auto fault = [&](FileFault code) { return err(journal_error(code, path_, expected_ - 1, "cannot read the segment")); };
  const std::uint64_t bad = good_bytes();
  RecordSearch search(*ops_, file_.handle(), size_, expected_ + 1);
  std::optional<std::uint64_t> first_good;
  for (std::uint64_t from = bad + 1;;) {
    const auto later = search.find(from);
    if (!later) return fault(later.error());
    if (!later->has_value()) break;
    if ((*later)->group_first > expected_) return SegmentStop::damaged;
    if (!first_good) first_good = (*later)->offset;
    from = (*later)->end;
  }
  if (!first_good) return SegmentStop::torn;
  const auto verdict = swallowed_or_damaged(*ops_, file_.handle(), bad, *first_good);
  if (!verdict) return fault(verdict.error());
  return *verdict;
}

}  // namespace prom
