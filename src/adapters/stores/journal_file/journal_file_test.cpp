// The journal on the real file system: continuation, segments, lock, limits, kill -9, readers beside the writer.
#include "adapters/stores/journal_file/journal_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/stores/journal_file/journal_test_frames.h"
#include "adapters/stores/journal_file/record.h"

namespace prom {
namespace {

using journal_test::frame_of;
using journal_test::read_back;

class JournalFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "prom_journal_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
    options_.directory = root_ + "/shard0";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<JournalFileWriter> writer() {
    auto opened = open_journal_writer(options_);
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  static void append(JournalWriter& writer, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seq = from; seq <= to; ++seq) ASSERT_TRUE(writer.append(frame_of(seq)));
  }
  std::size_t segments() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory)) count += parse_segment_name(entry.path().filename().string()).has_value();
    return count;
  }

  std::string root_;
  JournalFileOptions options_;
};

TEST_F(JournalFile, EmptyAndMissingJournalsReadAsEmpty) {
  const auto reader = open_journal_reader(options_.directory);
  const auto never = [](const RecordedFrame&) {
    ADD_FAILURE();
    return true;
  };
  EXPECT_EQ(*reader->read(0, never), 0U);
  EXPECT_EQ(*reader->read(1, never), 0U);
  EXPECT_EQ(*reader->read(9, never), 8U);
  auto open = writer();
  EXPECT_EQ(*open->commit(), 0U);
  EXPECT_EQ(*reader->read(1, never), 0U);
}

TEST_F(JournalFile, CommittedFramesComeBackAndTheNextWriterContinues) {
  for (int round = 0; round < 5; ++round) {
    auto open = writer();
    const auto first = static_cast<std::uint64_t>(round) * 10 + 1;
    EXPECT_EQ(open->durable_seq(), first - 1);
    append(*open, first, first + 9);
    EXPECT_EQ(open->durable_seq(), first - 1);
    EXPECT_EQ(*open->commit(), first + 9);
  }
  EXPECT_EQ(segments(), 1U);
  const auto back = read_back(posix_file_ops(), options_.directory);
  EXPECT_EQ(back.problem, "");
  EXPECT_EQ(back.last, 50U);
}

TEST_F(JournalFile, UncommittedFramesAreNotInTheFile) {
  {
    auto open = writer();
    append(*open, 1, 3);
    ASSERT_TRUE(open->commit());
    append(*open, 4, 9);
  }
  EXPECT_EQ(read_back(posix_file_ops(), options_.directory).last, 3U);
}

TEST_F(JournalFile, RollsSegmentsAndReadsFromAnySequence) {
  options_.segment_bytes = 2000;
  options_.durability = Durability::power;
  constexpr std::uint64_t kFrames = 120;
  for (std::uint64_t seq = 1; seq <= kFrames; seq += 3) {
    auto open = writer();
    append(*open, seq, seq + 2);
    ASSERT_EQ(*open->commit(), seq + 2);
  }
  EXPECT_GT(segments(), 5U);
  for (std::uint64_t from = 0; from <= kFrames + 1; ++from) {
    const auto back = read_back(posix_file_ops(), options_.directory, std::max<std::uint64_t>(from, 1));
    EXPECT_EQ(back.problem, "") << from;
    EXPECT_FALSE(back.error) << from;
    EXPECT_EQ(back.last, kFrames) << from;
  }
}

TEST_F(JournalFile, AReaderMayStopEarly) {
  auto open = writer();
  append(*open, 1, 20);
  ASSERT_TRUE(open->commit());
  std::uint64_t seen = 0;
  const auto last = open_journal_reader(options_.directory)->read(5, [&](const RecordedFrame& frame) {
    ++seen;
    return frame.seq < 8;
  });
  EXPECT_EQ(*last, 8U);
  EXPECT_EQ(seen, 4U);
}

TEST_F(JournalFile, ALargeGroupIsWrittenEarlyAndReadableOnlyWholeFrames) {
  options_.buffer_bytes = 4096;
  auto open = writer();
  append(*open, 1, 200);
  EXPECT_EQ(open->durable_seq(), 0U);
  EXPECT_EQ(*open->commit(), 200U);
  const auto back = read_back(posix_file_ops(), options_.directory);
  EXPECT_EQ(back.problem, "");
  EXPECT_EQ(back.last, 200U);
}

TEST_F(JournalFile, AFrameBeyondTheLimitIsRefusedAndTheWriterGoesOn) {
  auto open = writer();
  append(*open, 1, 1);
  Frame huge = frame_of(2);
  for (int i = 0; i < 2; ++i) huge.events.emplace_back(OddityNoted{std::string(kMaxPayloadBytes / 2, 'x')});
  const auto refused = open->append(huge);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, JournalErrorKind::full);
  append(*open, 2, 2);
  EXPECT_EQ(*open->commit(), 2U);
  EXPECT_EQ(read_back(posix_file_ops(), options_.directory).last, 2U);
}

TEST_F(JournalFile, OneWriterAndTheErrorNamesItsProcess) {
  auto first = writer();
  const auto second = open_journal_writer(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, JournalErrorKind::locked);
  EXPECT_NE(second.error().detail.find("process " + std::to_string(::getpid())), std::string::npos) << second.error().detail;
  first.reset();
  EXPECT_TRUE(writer());
}

TEST_F(JournalFile, ADifferentShardIsRefused) {
  {
    auto open = writer();
    append(*open, 1, 1);
    ASSERT_TRUE(open->commit());
  }
  options_.shard = 1;
  const auto other = open_journal_writer(options_);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, JournalErrorKind::corrupt);
}

// A child commits groups and reports each acknowledged sequence through a pipe; the parent kills it at a random moment.
TEST_F(JournalFile, KillMinusNineLosesNothingAcknowledged) {
  Xoshiro256pp random(20250504);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 8; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      auto opened = open_journal_writer(options_);
      if (!opened) ::_exit(1);
      auto& open = **opened;
      for (std::uint64_t seq = open.durable_seq() + 1;; seq += 4) {
        for (std::uint64_t i = 0; i < 4; ++i) {
          if (!open.append(frame_of(seq + i))) ::_exit(2);
        }
        const auto done = open.commit();
        if (!done || ::write(pipe_ends[1], &*done, sizeof *done) != static_cast<ssize_t>(sizeof *done)) ::_exit(3);
      }
    }
    ::close(pipe_ends[1]);
    const std::uint64_t wait_for = 1 + random.below(60);
    std::uint64_t value = 0;
    for (std::uint64_t i = 0; i < wait_for && ::read(pipe_ends[0], &value, sizeof value) == static_cast<ssize_t>(sizeof value); ++i) acknowledged = value;
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    while (::read(pipe_ends[0], &value, sizeof value) == static_cast<ssize_t>(sizeof value)) acknowledged = value;
    ::close(pipe_ends[0]);
    const auto back = read_back(posix_file_ops(), options_.directory);
    ASSERT_EQ(back.problem, "");
    ASSERT_FALSE(back.error) << back.error->detail;
    ASSERT_GE(back.last, acknowledged);
  }
  EXPECT_GT(acknowledged, 0U);
}

}  // namespace
}  // namespace prom
