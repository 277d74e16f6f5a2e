// Bytes of journal segments: segment header and record framing. Pure functions over spans; any thread.
//
// A segment `NNNNNNNNNNNN.journal` (first sequence, 12 digits or more) is a header and records back to back, all little endian:
//   header  "PROMJRNL", u16 format version, u16 zero, u32 shard, u64 first sequence, u32 zero, u32 crc32c of the 28 bytes before
//   record  u32 payload length, u32 crc32c of the rest of the record and the length, u64 sequence, u32 index in its commit group, payload
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace prom {

/// Version of this framing. The payload has its own (domain/codec).
inline constexpr std::uint16_t kJournalFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderBytes = 32;
inline constexpr std::size_t kRecordHeaderBytes = 20;
/// A frame larger than this is refused at append: it would be a defect of its maker (a decision's whole log is about 100 kB).
inline constexpr std::uint32_t kMaxPayloadBytes = 16U << 20;

struct SegmentHeader {
  std::uint16_t version = kJournalFormatVersion;
  std::uint32_t shard = 0;
  std::uint64_t first_seq = 0;
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};

enum class RecordFault : std::uint8_t {
  truncated,   ///< the bytes end before the record does
  bad_length,  ///< the length is impossible
  bad_crc,     ///< the checksum does not fit: the record, its length included, cannot be trusted
  bad_magic,   ///< not a segment of ours (headers only)
  version      ///< written by a newer release (headers only)
};

struct RecordView {
  std::uint64_t seq = 0;
  std::uint32_t index_in_group = 0;  ///< 0 for the first record of a commit group: its group began at seq - index_in_group
  std::span<const std::byte> payload;
  std::size_t bytes = 0;  ///< of the whole record
};

void write_segment_header(const SegmentHeader& header, std::vector<std::byte>& out);
Result<SegmentHeader, RecordFault> parse_segment_header(std::span<const std::byte> bytes);

/// Parses the record at the start of `bytes`; what follows it is not looked at. `payload` points into `bytes`.
Result<RecordView, RecordFault> parse_record(std::span<const std::byte> bytes);

/// Reserves a record's header at the end of `out`; returns its offset. The caller appends the payload, then calls finish_record.
std::size_t begin_record(std::vector<std::byte>& out);
/// Fills the header in. False when the payload is larger than kMaxPayloadBytes: the caller then cuts `out` back to `offset`.
bool finish_record(std::vector<std::byte>& out, std::size_t offset, std::uint64_t seq, std::uint32_t index_in_group);

std::string segment_name(std::uint64_t first_seq);
/// First sequence of a segment's file name; nothing for other files.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

}  // namespace prom
