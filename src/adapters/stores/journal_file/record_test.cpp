// Record framing: layout byte by byte, every truncation and every flipped bit refused, segment names.
#include "adapters/stores/journal_file/record.h"

#include <gtest/gtest.h>

#include <string>

#include "base/crc32c.h"

namespace prom {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text.data(), text.size()));
  return {view.begin(), view.end()};
}

std::vector<std::byte> record_of(std::string_view payload, std::uint64_t seq, std::uint32_t index) {
  std::vector<std::byte> out;
  const auto offset = begin_record(out);
  const auto body = bytes_of(payload);
  out.insert(out.end(), body.begin(), body.end());
  EXPECT_TRUE(finish_record(out, offset, seq, index));
  return out;
}

TEST(Record, LayoutIsWhatTheHeaderSays) {
  const auto record = record_of("abc", 0x0102030405060708ULL, 9);
  ASSERT_EQ(record.size(), 23U);
  EXPECT_EQ(std::to_integer<int>(record[0]), 3);
  EXPECT_EQ(std::to_integer<int>(record[8]), 0x08);
  EXPECT_EQ(std::to_integer<int>(record[15]), 0x01);
  EXPECT_EQ(std::to_integer<int>(record[16]), 9);
  EXPECT_EQ(std::to_integer<char>(record[20]), 'a');
  // The checksum by hand: over the length, then everything behind the checksum.
  std::vector<std::byte> covered(record.begin(), record.begin() + 4);
  covered.insert(covered.end(), record.begin() + 8, record.end());
  const std::uint32_t crc = crc32c(covered);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(std::to_integer<std::uint32_t>(record[4 + static_cast<std::size_t>(i)]), (crc >> (8 * i)) & 0xff);
}

TEST(Record, ReadsBackAndIgnoresWhatFollows) {
  auto record = record_of("payload", 77, 3);
  const std::size_t size = record.size();
  record.resize(size + 40, std::byte{0x5a});
  const auto parsed = parse_record(record);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->seq, 77U);
  EXPECT_EQ(parsed->index_in_group, 3U);
  EXPECT_EQ(parsed->bytes, size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(parsed->payload.data()), parsed->payload.size()), "payload");
}

TEST(Record, EveryTruncationIsTruncated) {
  const auto record = record_of("some payload", 5, 0);
  for (std::size_t n = 0; n < record.size(); ++n) {
    const auto parsed = parse_record(std::span(record).first(n));
    ASSERT_FALSE(parsed) << n;
    EXPECT_EQ(parsed.error(), RecordFault::truncated) << n;
  }
}

TEST(Record, EveryFlippedBitIsRefused) {
  const auto record = record_of("some payload", 5, 1);
  for (std::size_t i = 0; i < record.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto bad = record;
      bad[i] ^= static_cast<std::byte>(1 << bit);
      EXPECT_FALSE(parse_record(bad)) << i << ":" << bit;
    }
  }
}

TEST(Record, ZerosAreNoRecord) {
  const std::vector<std::byte> zeros(64);
  EXPECT_FALSE(parse_record(zeros));
}

TEST(Record, TooLargeAPayloadIsRefused) {
  std::vector<std::byte> out;
  const auto offset = begin_record(out);
  out.resize(out.size() + kMaxPayloadBytes + 1);
  EXPECT_FALSE(finish_record(out, offset, 1, 0));
  out.resize(kRecordHeaderBytes + kMaxPayloadBytes);
  EXPECT_TRUE(finish_record(out, offset, 1, 0));
  EXPECT_TRUE(parse_record(out));
}

TEST(SegmentHeader, RoundTripAndFaults) {
  std::vector<std::byte> bytes;
  write_segment_header({kJournalFormatVersion, 3, 1'000'001}, bytes);
  ASSERT_EQ(bytes.size(), kSegmentHeaderBytes);
  const auto header = parse_segment_header(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(*header, (SegmentHeader{kJournalFormatVersion, 3, 1'000'001}));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto bad = bytes;
    bad[i] ^= std::byte{0x10};
    EXPECT_FALSE(parse_segment_header(bad)) << i;
  }
  EXPECT_EQ(parse_segment_header(std::span(bytes).first(31)).error(), RecordFault::truncated);
  std::vector<std::byte> newer;
  write_segment_header({kJournalFormatVersion + 1, 0, 1}, newer);
  EXPECT_EQ(parse_segment_header(newer).error(), RecordFault::version);
}

TEST(SegmentName, CanonicalOnly) {
  EXPECT_EQ(segment_name(1), "000000000001.journal");
  EXPECT_EQ(segment_name(12'345'678'901'234ULL), "12345678901234.journal");
  EXPECT_EQ(parse_segment_name("000000000042.journal"), 42U);
  EXPECT_EQ(parse_segment_name("12345678901234.journal"), 12'345'678'901'234ULL);
  for (const char* bad : {"42.journal", "0000000000042.journal", "000000000042.torn", "00000000004x.journal", ".journal", ""}) {
    EXPECT_FALSE(parse_segment_name(bad)) << bad;
  }
}

}  // namespace
}  // namespace prom
