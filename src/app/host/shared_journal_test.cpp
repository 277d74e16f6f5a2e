// A local journal beside its shared copy: behind it, ahead of it, at odds with it, without it.
#include "app/host/shared_journal.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

namespace prom {
namespace {

RecordedFrame frame(std::uint64_t seq, std::int64_t story) {
  RecordedFrame out;
  out.seq = seq;
  out.input = Input{TimeNs{static_cast<std::int64_t>(seq) * 1'000 + story}, seq, EpochStarted{1}};
  return out;
}

class Copy final : public JournalCopy {
 public:
  StoreResult<std::uint64_t> claim(std::uint64_t fence) override {
    if (fence < taken) return std::unexpected(StoreError{StoreErrorKind::conflict, Retry::never, "another instance has taken it", ""});
    taken = fence;
    return frames.size();
  }
  StoreResult<std::uint64_t> read_journal(std::uint64_t from, const std::function<bool(const RecordedFrame&)>& visit) override {
    for (std::uint64_t seq = from; seq <= frames.size(); ++seq)
      if (!visit(frames[seq - 1])) return seq;
    return std::max<std::uint64_t>(frames.size(), from - 1);
  }
  std::uint64_t taken = 0;
  std::vector<RecordedFrame> frames;
};

struct SharedJournal : ::testing::Test {
  std::string root = (std::filesystem::path(::testing::TempDir()) / ("shared_journal_test_" + std::to_string(::getpid()))).string();
  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    options.directory = root + "/journal";
  }
  void TearDown() override { std::filesystem::remove_all(root); }
  void local(std::uint64_t count, std::int64_t story = 0) {
    auto writer = open_journal_writer(options);
    ASSERT_TRUE(writer.has_value());
    for (std::uint64_t seq = 1; seq <= count; ++seq) ASSERT_TRUE((*writer)->append_recorded(frame(seq, story)).has_value());
    ASSERT_TRUE((*writer)->commit().has_value());
  }
  void shared(std::uint64_t count, std::int64_t story = 0) {
    for (std::uint64_t seq = copy.frames.size() + 1; seq <= count; ++seq) copy.frames.push_back(frame(seq, story));
  }
  /// Times of the local frames, which tell the stories apart.
  std::vector<std::int64_t> times() {
    std::vector<std::int64_t> out;
    EXPECT_TRUE(open_journal_reader(options.directory)->read(1, [&](const RecordedFrame& f) {
      out.push_back(f.input.available_at.ns);
      return true;
    }));
    return out;
  }
  JournalFileOptions options;
  Copy copy;
};

TEST_F(SharedJournal, WhatTheCopyHasBeyondItIsFetched) {
  local(3);
  shared(2'500);
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_TRUE(agreed.has_value()) << agreed.error().why;
  EXPECT_EQ(agreed->fetched, 2'497U);
  EXPECT_EQ(agreed->set_aside, "");
  EXPECT_EQ(agreed->writer->durable_seq(), 2'500U);
  EXPECT_EQ(times().size(), 2'500U);
  EXPECT_EQ(copy.taken, 7U);
}

TEST_F(SharedJournal, ALostDiskIsRebuilt) {
  shared(40);
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_TRUE(agreed.has_value()) << agreed.error().why;
  EXPECT_EQ(agreed->fetched, 40U);
  EXPECT_EQ(times().back(), 40'000);
}

TEST_F(SharedJournal, AheadOfTheCopyItStays) {
  local(10);
  shared(6);
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_TRUE(agreed.has_value()) << agreed.error().why;
  EXPECT_EQ(agreed->fetched, 0U);
  EXPECT_EQ(agreed->set_aside, "");
  EXPECT_EQ(agreed->writer->durable_seq(), 10U);
}

TEST_F(SharedJournal, OneThatWasContinuedElsewhereIsMovedAsideWhole) {
  for (const std::uint64_t theirs : {8U, 10U, 14U}) {
    SCOPED_TRACE(theirs);
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(root);
    copy = {};
    local(10);
    shared(6);          // so far the copy had come
    shared(theirs, 5);  // and another went on from there
    const auto agreed = open_agreed_journal(options, copy, 7);
    ASSERT_TRUE(agreed.has_value()) << agreed.error().why;
    EXPECT_EQ(agreed->set_aside, options.directory + "-7");
    EXPECT_EQ(agreed->fetched, theirs);
    EXPECT_EQ(times().size(), theirs);
    EXPECT_EQ(times().back(), static_cast<std::int64_t>(theirs) * 1'000 + 5);
    options.directory = agreed->set_aside;
    EXPECT_EQ(times().size(), 10U) << "nothing of it is lost";
    options.directory = root + "/journal";
  }
}

// Compared at the last common frame alone, this local journal passed for the copy's own.
TEST_F(SharedJournal, StoriesThatPartedAndHaveALaterFrameAlikeAreTwo) {
  local(10);
  shared(6);
  shared(8, 5);
  shared(10);
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_TRUE(agreed.has_value()) << agreed.error().why;
  EXPECT_EQ(agreed->set_aside, options.directory + "-7");
  EXPECT_EQ(times().at(7), 8'005);
}

TEST_F(SharedJournal, WhoHasBeenFollowedOpensNothing) {
  local(3);
  shared(3);
  copy.taken = 9;
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_FALSE(agreed.has_value());
  EXPECT_EQ(agreed.error().why, "another instance has taken it");
  EXPECT_FALSE(agreed.error().locked);
}

TEST_F(SharedJournal, OneThatIsHeldByALivingInstanceIsSaidToBe) {
  const auto holder = open_journal_writer(options);
  ASSERT_TRUE(holder.has_value());
  const auto agreed = open_agreed_journal(options, copy, 7);
  ASSERT_FALSE(agreed.has_value());
  EXPECT_TRUE(agreed.error().locked);
  EXPECT_EQ(copy.taken, 0U) << "the turn is not taken from it";
}

}  // namespace
}  // namespace prom
