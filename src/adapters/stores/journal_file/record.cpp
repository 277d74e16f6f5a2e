// Segment headers and record framing: little endian, guarded by CRC-32C. Pure; any thread.
#include "adapters/stores/journal_file/record.h"

#include <cstring>

#include "base/assert.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "base/wire.h"

namespace prom {
namespace {

constexpr std::string_view kMagic = "PROMJRNL";
constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kNameDigits = 12;
constexpr std::size_t kCrcOffset = 4;

// Length first, then everything behind the checksum.
std::uint32_t record_crc(std::span<const std::byte> record) {
  return crc32c(record.subspan(kCrcOffset + sizeof(std::uint32_t)), crc32c(record.first(kCrcOffset)));
}

}  // namespace

void write_segment_header(const SegmentHeader& header, std::vector<std::byte>& out) {
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.bytes(std::as_bytes(std::span(kMagic.data(), kMagic.size())));
  writer.u16(header.version);
  writer.u16(0);
  writer.u32(header.shard);
  writer.u64(header.first_seq);
  writer.u32(0);
  writer.u32(crc32c(std::span(out).subspan(start)));
}

Result<SegmentHeader, RecordFault> parse_segment_header(std::span<const std::byte> bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return err(RecordFault::truncated);
  ByteReader reader(bytes.first(kSegmentHeaderBytes));
  const auto magic = reader.bytes(kMagic.size());
  if (std::memcmp(magic.data(), kMagic.data(), kMagic.size()) != 0) return err(RecordFault::bad_magic);
  SegmentHeader header;
  header.version = reader.u16();
  static_cast<void>(reader.u16());
  header.shard = reader.u32();
  header.first_seq = reader.u64();
  static_cast<void>(reader.u32());
  if (reader.u32() != crc32c(bytes.first(kSegmentHeaderBytes - sizeof(std::uint32_t)))) return err(RecordFault::bad_crc);
  if (header.version == 0 || header.version > kJournalFormatVersion) return err(RecordFault::version);
  return header;
}

Result<RecordView, RecordFault> parse_record(std::span<const std::byte> bytes) {
  if (bytes.size() < kRecordHeaderBytes) return err(RecordFault::truncated);
  ByteReader reader(bytes.first(kRecordHeaderBytes));
  const std::uint32_t length = reader.u32();
  const std::uint32_t crc = reader.u32();
  RecordView record;
  record.seq = reader.u64();
  record.index_in_group = reader.u32();
  if (length > kMaxPayloadBytes) return err(RecordFault::bad_length);
  if (bytes.size() - kRecordHeaderBytes < length) return err(RecordFault::truncated);
  record.bytes = kRecordHeaderBytes + length;
  if (record_crc(bytes.first(record.bytes)) != crc) return err(RecordFault::bad_crc);
  record.payload = bytes.subspan(kRecordHeaderBytes, length);
  return record;
}

std::size_t begin_record(std::vector<std::byte>& out) {
  const std::size_t offset = out.size();
  out.resize(offset + kRecordHeaderBytes);
  return offset;
}

bool finish_record(std::vector<std::byte>& out, std::size_t offset, std::uint64_t seq, std::uint32_t index_in_group) {
  PROM_ASSERT(offset <= out.size() && out.size() - offset >= kRecordHeaderBytes, "finish_record without begin_record");
  const std::size_t length = out.size() - offset - kRecordHeaderBytes;
  if (length > kMaxPayloadBytes) return false;
  ByteWriter writer(out);
  writer.patch_u32(offset, static_cast<std::uint32_t>(length));
  writer.patch_u32(offset + 8, static_cast<std::uint32_t>(seq & 0xffffffffU));
  writer.patch_u32(offset + 12, static_cast<std::uint32_t>(seq >> 32));
  writer.patch_u32(offset + 16, index_in_group);
  writer.patch_u32(offset + kCrcOffset, record_crc(std::span(out).subspan(offset)));
  return true;
}

std::string segment_name(std::uint64_t first_seq) {
  std::string digits = std::to_string(first_seq);
  if (digits.size() < kNameDigits) digits.insert(0, kNameDigits - digits.size(), '0');
  return digits + std::string(kSuffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  const auto seq = parse_u64(name.substr(0, name.size() - kSuffix.size()));
  // Only the canonical spelling: another one would sort elsewhere or stand beside the same segment.
  if (!seq || segment_name(*seq) != name) return std::nullopt;
  return seq;
}

}  // namespace prom
