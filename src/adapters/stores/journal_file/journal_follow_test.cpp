// A reader that follows a journal while it grows: it goes on where it stood, whatever has become of the file since.
#include <gtest/gtest.h>

#include "adapters/stores/journal_file/faulty_file_ops.h"
#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/journal_test_frames.h"
#include "adapters/stores/journal_file/record.h"

namespace prom {
namespace {

using journal_test::frame_of;
using journal_test::same;

constexpr const char* kDir = "/journal";

struct JournalFollow : ::testing::Test {
  std::unique_ptr<JournalFileWriter> writer(std::uint64_t segment_bytes = std::uint64_t{64} << 20) {
    JournalFileOptions options;
    options.directory = kDir;
    options.segment_bytes = segment_bytes;
    auto opened = open_journal_writer(options, ops);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  static void write(JournalWriter& to, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t seq = first; seq <= last; ++seq) ASSERT_TRUE(to.append(frame_of(seq)));
    ASSERT_TRUE(to.commit());
  }
  /// Reads on from `next`, at most `most` frames, and moves it.
  void follow(JournalReader& reader, std::uint64_t most = UINT64_MAX) {
    std::uint64_t left = most;
    const auto last = reader.read(next, [&](const RecordedFrame& frame) {
      EXPECT_TRUE(same(frame, next)) << next;
      ++next;
      return --left > 0;
    });
    ASSERT_TRUE(last) << last.error().detail;
    EXPECT_EQ(*last, next - 1);
  }
  FaultyFileOps ops;
  std::uint64_t next = 1;
};

TEST_F(JournalFollow, TheSegmentBehindIsNotReadAgain) {
  const auto journal = writer();
  const auto reader = open_journal_reader(kDir, 0, ops);
  for (std::uint64_t seq = 1; seq <= 20'000; seq += 50) {
    write(*journal, seq, seq + 49);
    follow(*reader);
  }
  ASSERT_EQ(next, 20'001U);
  std::uint64_t bytes = 0;
  for (const auto& name : *ops.list(kDir))
    if (parse_segment_name(name)) bytes += ops.contents(std::string(kDir) + "/" + name).size();
  ASSERT_GT(bytes, 1'000'000U) << "the segment must be long, else this shows nothing";
  EXPECT_LT(ops.bytes_read(), bytes * 3);
}

TEST_F(JournalFollow, APieceAtATimeAcrossSegments) {
  const auto journal = writer(20'000);
  const auto reader = open_journal_reader(kDir, 0, ops);
  write(*journal, 1, 700);
  while (next <= 700) follow(*reader, 7);
  write(*journal, 701, 900);
  while (next <= 900) follow(*reader, 13);
  // Back to the beginning, and on again.
  next = 1;
  follow(*reader, 3);
  next = 650;
  follow(*reader);
  EXPECT_EQ(next, 901U);
}

TEST_F(JournalFollow, ATailThatWasCutOffAndWrittenAnewIsReadAsItStands) {
  const auto reader = open_journal_reader(kDir, 0, ops);
  std::string segment;
  {
    const auto journal = writer();
    write(*journal, 1, 100);
    for (const auto& name : *ops.list(kDir))
      if (parse_segment_name(name)) segment = std::string(kDir) + "/" + name;
  }
  follow(*reader);
  ASSERT_EQ(next, 101U);
  // The last group turns out never to have been acknowledged: the writer that takes over cuts it off, and other frames follow.
  ops.kill();
  auto& bytes = ops.contents(segment);
  bytes.resize(bytes.size() / 2);
  const auto journal = writer();
  const std::uint64_t kept = journal->durable_seq();
  ASSERT_LT(kept, 99U);
  for (std::uint64_t seq = kept + 1; seq <= 120; ++seq) ASSERT_TRUE(journal->append(frame_of(seq, 30)));  // shorter ones: records begin elsewhere
  ASSERT_TRUE(journal->commit());
  const auto last = reader->read(next, [&](const RecordedFrame& frame) {
    EXPECT_TRUE(same(frame, next, 30)) << next;
    ++next;
    return true;
  });
  ASSERT_TRUE(last) << last.error().detail;
  EXPECT_EQ(*last, 120U);
  EXPECT_EQ(next, 121U);
}

// A reader took a group that was half written when it asked for the file's length, and whole by the time it looked closer, for damage.
TEST_F(JournalFollow, AGroupThatIsBeingWrittenIsNotDamage) {
  const auto journal = writer();
  write(*journal, 1, 50);
  std::string segment;
  for (const auto& name : *ops.list(kDir))
    if (parse_segment_name(name)) segment = std::string(kDir) + "/" + name;
  const std::size_t before = ops.contents(segment).size();
  write(*journal, 51, 52);
  const std::size_t first_group = ops.contents(segment).size();
  write(*journal, 53, 90);
  const std::vector<std::byte> whole = ops.contents(segment);
  // Lengths that a reader may see while the two groups are written; the rest is there a moment later.
  for (std::size_t length = before; length <= first_group; length += 7) {
    ops.contents(segment).resize(length);
    ops.after_size([&] { ops.contents(segment) = whole; });
    const auto reader = open_journal_reader(kDir, 0, ops);
    next = 1;
    follow(*reader);
    EXPECT_GE(next, 51U);
    follow(*reader);
    EXPECT_EQ(next, 91U) << length;
  }
}

TEST_F(JournalFollow, DamageBehindTheReaderIsFoundByWhoeverReadsThere) {
  const auto journal = writer();
  write(*journal, 1, 200);
  const auto reader = open_journal_reader(kDir, 0, ops);
  follow(*reader);
  for (const auto& name : *ops.list(kDir)) {
    if (!parse_segment_name(name)) continue;
    auto& bytes = ops.contents(std::string(kDir) + "/" + name);
    bytes[bytes.size() / 3] ^= std::byte{0xff};
  }
  write(*journal, 201, 210);
  follow(*reader);
  EXPECT_EQ(next, 211U) << "who has read on goes on";
  const auto whole = reader->read(1, [](const RecordedFrame&) { return true; });
  ASSERT_FALSE(whole);
  EXPECT_EQ(whole.error().kind, JournalErrorKind::corrupt);
}

}  // namespace
}  // namespace prom
