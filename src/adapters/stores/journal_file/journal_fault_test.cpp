// The n-th file call fails, for every n and in every way: what commit() acknowledged is read back, and nothing else is invented.
#include <gtest/gtest.h>

#include <cerrno>

#include "adapters/stores/journal_file/faulty_file_ops.h"
#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/journal_file/journal_test_frames.h"

namespace prom {
namespace {

using journal_test::frame_of;
using journal_test::read_back;

const std::string kDir = "/j";
constexpr std::uint64_t kGroups = 12;

JournalFileOptions small_options(Durability durability) {
  JournalFileOptions options;
  options.directory = kDir;
  options.durability = durability;
  options.segment_bytes = 3000;  // several segments
  options.buffer_bytes = 700;    // groups are written in parts
  return options;
}

struct Outcome {
  std::uint64_t acknowledged = 0;
  std::uint64_t appended = 0;
  std::optional<JournalErrorKind> error;
};

// Opens, appends groups of 1 to 7 frames and commits each, until done or until the first error; then tries once more, which must be refused.
Outcome work(FileOps& ops, Durability durability) {
  Outcome out;
  const auto opened = open_journal_writer(small_options(durability), ops);
  if (!opened) {
    out.error = opened.error().kind;
    return out;
  }
  JournalWriter& writer = **opened;
  std::uint64_t seq = writer.durable_seq();
  out.acknowledged = out.appended = seq;
  for (std::uint64_t group = 0; group < kGroups && !out.error; ++group) {
    for (std::uint64_t i = 0; i < 1 + (group * 5) % 7 && !out.error; ++i) {
      const auto done = writer.append(frame_of(seq + 1));
      out.appended = ++seq;
      if (!done) out.error = done.error().kind;
    }
    if (out.error) break;
    const auto done = writer.commit();
    if (done) {
      EXPECT_EQ(*done, seq);
      out.acknowledged = *done;
    } else {
      out.error = done.error().kind;
    }
  }
  if (out.error) {
    const auto again = writer.commit();
    EXPECT_FALSE(again) << "a failed writer must stay shut";
    if (!again) EXPECT_EQ(again.error().kind, *out.error) << "and say why: " << again.error().detail;
    EXPECT_EQ(writer.durable_seq(), out.acknowledged);
  }
  return out;
}

// After the fault: everything acknowledged is there, what is there was appended in this order, and a new writer can go on.
void check(FaultyFileOps& ops, const Outcome& outcome, Durability durability, const std::string& where) {
  const auto back = read_back(ops, kDir);
  ASSERT_FALSE(back.error) << where << ": " << back.error->detail;
  ASSERT_EQ(back.problem, "") << where;
  ASSERT_GE(back.last, outcome.acknowledged) << where;
  ASSERT_LE(back.last, outcome.appended) << where;
  const Outcome again = work(ops, durability);
  ASSERT_FALSE(again.error) << where;
  const auto after = read_back(ops, kDir);
  ASSERT_EQ(after.problem, "") << where;
  ASSERT_FALSE(after.error) << where;
  ASSERT_EQ(after.last, again.acknowledged) << where;
  ASSERT_GT(after.last, back.last) << where;
}

std::uint64_t calls_without_fault(Durability durability) {
  FaultyFileOps ops;
  const auto outcome = work(ops, durability);
  EXPECT_FALSE(outcome.error);
  EXPECT_GT(ops.changing_calls(), kGroups);
  return ops.changing_calls();
}

class JournalFault : public ::testing::TestWithParam<Durability> {};

TEST_P(JournalFault, EveryCallFails) {
  const std::uint64_t calls = calls_without_fault(GetParam());
  for (const int code : {EIO, ENOSPC}) {
    for (const FaultAction action : {FaultAction::fail, FaultAction::fail_halfway}) {
      for (std::uint64_t n = 1; n <= calls; ++n) {
        FaultyFileOps ops({action, n, code});
        const auto outcome = work(ops, GetParam());
        ASSERT_TRUE(outcome.error) << n;
        ASSERT_EQ(*outcome.error, code == ENOSPC ? JournalErrorKind::full : JournalErrorKind::io) << n;
        ops.kill();
        check(ops, outcome, GetParam(), "call " + std::to_string(n));
      }
    }
  }
}

TEST_P(JournalFault, EveryWriteIsShort) {
  const std::uint64_t calls = calls_without_fault(GetParam());
  for (std::uint64_t n = 1; n <= calls; ++n) {
    FaultyFileOps ops({FaultAction::write_short, n, 0});
    const auto outcome = work(ops, GetParam());
    ASSERT_FALSE(outcome.error) << n;
    const auto back = read_back(ops, kDir);
    ASSERT_EQ(back.problem, "");
    ASSERT_EQ(back.last, outcome.acknowledged);
  }
}

// Also a fault in the repair itself: the first start is cut short, the second start fails at call n, the third must find everything.
TEST_P(JournalFault, EveryCallOfARepairFails) {
  for (std::uint64_t n = 1; n <= 12; ++n) {
    FaultyFileOps ops({FaultAction::fail_halfway, 9, ENOSPC});
    const auto first = work(ops, GetParam());
    ASSERT_TRUE(first.error);
    ops.kill();
    ops.set_plan({FaultAction::fail, n, EIO});
    const auto second = work(ops, GetParam());
    ops.kill();
    Outcome both = second;
    both.acknowledged = std::max(first.acknowledged, second.acknowledged);
    both.appended = std::max(first.appended, second.appended);
    check(ops, both, GetParam(), "repair call " + std::to_string(n));
  }
}

INSTANTIATE_TEST_SUITE_P(Durability, JournalFault, ::testing::Values(Durability::process, Durability::power));

TEST(JournalPowerCut, AtEveryCallNothingAcknowledgedIsLost) {
  const std::uint64_t calls = calls_without_fault(Durability::power);
  for (const Survival survival : {Survival::none, Survival::all, Survival::random_prefix, Survival::random_sectors}) {
    for (std::uint64_t n = 1; n <= calls; ++n) {
      for (std::uint64_t seed = 0; seed < (survival == Survival::none || survival == Survival::all ? 1U : 6U); ++seed) {
        FaultyFileOps ops({FaultAction::power_cut, n, 0});
        const auto outcome = work(ops, Durability::power);
        ASSERT_TRUE(outcome.error) << n;
        ops.crash(survival, seed * 1000 + n);
        check(ops, outcome, Durability::power, "call " + std::to_string(n) + " survival " + std::to_string(static_cast<int>(survival)));
      }
    }
  }
}

// The twin must be able to lose: the same workload without syncs does not survive a power cut.
TEST(JournalPowerCut, ProcessDurabilityDoesNotSurviveIt) {
  FaultyFileOps ops;
  const auto outcome = work(ops, Durability::process);
  ASSERT_GT(outcome.acknowledged, 0U);
  ops.crash(Survival::none, 1);
  EXPECT_LT(read_back(ops, kDir).last, outcome.acknowledged);
}

}  // namespace
}  // namespace prom
