// Torn tails at every byte, and damage anywhere else: what was acknowledged is never dropped without a word.
#include <gtest/gtest.h>

#include "adapters/stores/journal_file/faulty_file_ops.h"
#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/journal_test_frames.h"
#include "adapters/stores/journal_file/record.h"

namespace prom {
namespace {

using journal_test::frame_of;
using journal_test::read_back;

const std::string kDir = "/j";
const std::string kFirst = kDir + "/000000000001.journal";

JournalFileOptions options_for(Durability durability = Durability::process) {
  JournalFileOptions options;
  options.directory = kDir;
  options.durability = durability;
  return options;
}

// Groups of `group` frames each, sequences 1..frames.
void write_journal(FileOps& ops, std::uint64_t frames, std::uint64_t group, const JournalFileOptions& options = options_for()) {
  auto writer = open_journal_writer(options, ops);
  ASSERT_TRUE(writer);
  for (std::uint64_t seq = 1; seq <= frames; ++seq) {
    ASSERT_TRUE((*writer)->append(frame_of(seq)));
    if (seq % group == 0 || seq == frames) {
      ASSERT_TRUE((*writer)->commit());
    }
  }
}

// Byte ranges [from, to) of the records in a segment.
std::vector<std::pair<std::size_t, std::size_t>> records_of(std::span<const std::byte> segment) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t at = kSegmentHeaderBytes; at < segment.size();) {
    const auto record = parse_record(segment.subspan(at));
    if (!record) break;
    out.emplace_back(at, at + record->bytes);
    at += record->bytes;
  }
  return out;
}

TEST(JournalTorn, EveryLengthOfTheFileReadsWholeFramesOnlyAndWritingGoesOn) {
  FaultyFileOps base;
  write_journal(base, 6, 2);
  const auto whole = base.contents(kFirst);
  const auto records = records_of(whole);
  ASSERT_EQ(records.size(), 6U);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    FaultyFileOps ops;
    write_journal(ops, 6, 2);
    ops.contents(kFirst).resize(size);
    const auto kept = static_cast<std::uint64_t>(std::count_if(records.begin(), records.end(), [&](const auto& r) { return r.second <= size; }));
    const auto before = read_back(ops, kDir);
    ASSERT_EQ(before.problem, "") << size;
    ASSERT_FALSE(before.error) << size;
    ASSERT_EQ(before.last, kept) << size;
    auto writer = open_journal_writer(options_for(Durability::power), ops);
    ASSERT_TRUE(writer) << size;
    ASSERT_EQ((*writer)->durable_seq(), kept) << size;
    const std::size_t good = kept > 0 ? records[kept - 1].second : (size >= kSegmentHeaderBytes ? kSegmentHeaderBytes : 0);
    ASSERT_EQ((*writer)->repair().torn_bytes, size - good) << size;
    if (size > good) {
      const auto& evidence = ops.contents((*writer)->repair().evidence);
      ASSERT_TRUE(
          std::equal(evidence.begin(), evidence.end(), whole.begin() + static_cast<std::ptrdiff_t>(good), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    ASSERT_TRUE((*writer)->append(frame_of(kept + 1)));
    ASSERT_EQ(*(*writer)->commit(), kept + 1);
    ASSERT_EQ(read_back(ops, kDir).last, kept + 1) << size;
  }
}

TEST(JournalTorn, GarbageBehindTheLastRecordIsCutOff) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyFileOps ops;
    write_journal(ops, 5, 2);
    Xoshiro256pp random(seed);
    auto& bytes = ops.contents(kFirst);
    for (std::uint64_t n = 1 + random.below(2000); n > 0; --n) bytes.push_back(static_cast<std::byte>(random.below(256)));
    auto writer = open_journal_writer(options_for(), ops);
    ASSERT_TRUE(writer);
    ASSERT_EQ((*writer)->durable_seq(), 5U);
    ASSERT_EQ(read_back(ops, kDir).last, 5U);
  }
}

TEST(JournalDamage, AFlippedBitBeforeTheTailIsCorruptWithTheLastGoodSequence) {
  FaultyFileOps base;
  write_journal(base, 6, 1);
  const auto whole = base.contents(kFirst);
  const auto records = records_of(whole);
  for (std::size_t i = 0; i + 1 < records.size(); ++i) {
    for (std::size_t at = records[i].first; at < records[i].second; ++at) {
      FaultyFileOps ops;
      write_journal(ops, 6, 1);
      ops.contents(kFirst)[at] ^= std::byte{0x04};
      const auto damaged = ops.contents(kFirst);
      const auto back = read_back(ops, kDir);
      ASSERT_TRUE(back.error) << at;
      ASSERT_EQ(back.error->kind, JournalErrorKind::corrupt);
      ASSERT_EQ(back.error->seq, i);
      ASSERT_EQ(back.last, i);
      const auto writer = open_journal_writer(options_for(), ops);
      ASSERT_FALSE(writer) << at;
      ASSERT_EQ(writer.error().kind, JournalErrorKind::corrupt);
      ASSERT_EQ(writer.error().seq, i);
      ASSERT_EQ(ops.contents(kFirst), damaged) << "a damaged journal was changed";
    }
  }
}

TEST(JournalDamage, AFlippedBitInsideTheLastGroupIsCorruptToo) {
  FaultyFileOps ops;
  write_journal(ops, 6, 6);
  const auto records = records_of(ops.contents(kFirst));
  ops.contents(kFirst)[records[2].first + kRecordHeaderBytes] ^= std::byte{1};
  const auto back = read_back(ops, kDir);
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->seq, 2U);
}

TEST(JournalDamage, AMissingPageInTheLastGroupIsATornTail) {
  FaultyFileOps ops;
  write_journal(ops, 40, 20);
  auto& bytes = ops.contents(kFirst);
  const auto records = records_of(bytes);
  // One whole sector of zeros within the second group, good records of that group behind it.
  const std::size_t sector = (records[24].first / 512 + 1) * 512;
  ASSERT_LT(sector + 512, records[38].first);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(sector), 512, std::byte{0});
  const auto back = read_back(ops, kDir);
  EXPECT_FALSE(back.error);
  EXPECT_GE(back.last, 20U);
  EXPECT_LT(back.last, 40U);
  auto writer = open_journal_writer(options_for(), ops);
  ASSERT_TRUE(writer);
  EXPECT_EQ((*writer)->durable_seq(), back.last);
  // The same hole in an acknowledged group is damage.
  FaultyFileOps other;
  write_journal(other, 60, 20);
  std::fill_n(other.contents(kFirst).begin() + static_cast<std::ptrdiff_t>(sector), 512, std::byte{0});
  EXPECT_TRUE(read_back(other, kDir).error);
}

TEST(JournalDamage, ADamagedSegmentHeaderWithRecordsIsCorrupt) {
  FaultyFileOps ops;
  write_journal(ops, 3, 1);
  ops.contents(kFirst)[20] ^= std::byte{1};
  EXPECT_TRUE(read_back(ops, kDir).error);
  EXPECT_FALSE(open_journal_writer(options_for(), ops));
}

TEST(JournalDamage, MissingAndCutInnerSegmentsAreCorrupt) {
  auto options = options_for();
  options.segment_bytes = 600;
  FaultyFileOps ops;
  write_journal(ops, 30, 1, options);
  const auto names = *ops.list(kDir);
  std::vector<std::string> segments;
  for (const auto& name : names) {
    if (parse_segment_name(name)) segments.push_back(name);
  }
  ASSERT_GT(segments.size(), 4U);
  auto& cut = ops.contents(kDir + "/" + segments[1]);
  const auto kept = cut;
  cut.resize(cut.size() - 1);
  auto back = read_back(ops, kDir);
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->kind, JournalErrorKind::corrupt);
  ops.contents(kDir + "/" + segments[1]) = kept;
  EXPECT_FALSE(read_back(ops, kDir).error);
  ASSERT_TRUE(ops.remove(kDir + "/" + segments[2]));
  back = read_back(ops, kDir);
  ASSERT_TRUE(back.error);
  EXPECT_EQ(back.error->seq + 1, *parse_segment_name(segments[2]));
  ASSERT_TRUE(ops.remove(kDir + "/" + segments[0]));
  EXPECT_TRUE(read_back(ops, kDir).error) << "a journal without its beginning";
}

TEST(JournalDamage, ANewerVersionIsAVersionError) {
  FaultyFileOps ops;
  write_journal(ops, 1, 1);
  std::vector<std::byte> header;
  write_segment_header({kJournalFormatVersion + 1, 0, 1}, header);
  std::copy(header.begin(), header.end(), ops.contents(kFirst).begin());
  EXPECT_EQ(read_back(ops, kDir).error->kind, JournalErrorKind::version);
  EXPECT_EQ(open_journal_writer(options_for(), ops).error().kind, JournalErrorKind::version);
}

}  // namespace
}  // namespace prom
