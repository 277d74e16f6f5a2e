// The journal's shared copy on a real PostgreSQL: with the projection or not at all, byte for byte, and by one writer at a time.
#include <gtest/gtest.h>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "domain/codec/frame_codec.h"
#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom {
namespace {

using ledger_contract::expect_all;
using ledger_contract::Stream;
using postgres_test::OwnDatabase;

struct PostgresJournalCopy : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<OwnDatabase>();
  }
  std::unique_ptr<PostgresLedger> open() const {
    PostgresOptions options = database->options();
    options.journal = PostgresOptions::Journal::copied;
    auto opened = open_postgres_ledger(std::move(options));
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  static std::vector<std::byte> bytes_of(const RecordedFrame& frame) {
    std::vector<std::byte> out;
    encode_recorded_frame(frame, out);
    return out;
  }
  std::unique_ptr<OwnDatabase> database;
};

TEST_F(PostgresJournalCopy, FramesComeBackByteForByte) {
  const auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->claim(3), 0U);
  Stream stream(50);
  std::vector<RecordedFrame> all;
  for (int batch = 0; batch < 4; ++batch) {
    const auto frames = stream.take(300);
    ASSERT_TRUE(ledger->project(frames));
    all.insert(all.end(), frames.begin(), frames.end());
    if (batch == 1) ASSERT_TRUE(ledger->project(std::span(all).last(100))) << "given again, they count once";
  }
  const auto other = open();
  ASSERT_TRUE(other);
  EXPECT_EQ(other->claim(4), all.size());
  for (const std::uint64_t from : {1U, 499U, 1'200U, 1'201U}) {
    std::uint64_t next = from;
    EXPECT_EQ(other->read_journal(from,
                                  [&](const RecordedFrame& frame) {
                                    EXPECT_EQ(frame.seq, next);
                                    EXPECT_EQ(bytes_of(frame), bytes_of(all.at(next - 1)));
                                    ++next;
                                    return true;
                                  }),
              1'200U);
    EXPECT_EQ(next, 1'201U);
  }
  EXPECT_EQ(other->read_journal(1, [](const RecordedFrame& frame) { return frame.seq < 7; }), 7U) << "ends when told to";
}

TEST_F(PostgresJournalCopy, WhoHasBeenFollowedWritesNeitherLedgerNorCopy) {
  const auto first = open();
  const auto second = open();
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->claim(10));
  Stream stream(51);
  ASSERT_TRUE(first->project(stream.take(20)));
  const auto known = stream.expected();
  EXPECT_EQ(second->claim(11), 20U);
  const auto frames = stream.take(20);
  const auto refused = first->project(frames);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::conflict);
  EXPECT_EQ(refused.error().retry, Retry::never);
  EXPECT_EQ(refused.error().detail, "ledger: another instance has taken this journal after the lease with fence 10");
  EXPECT_EQ(second->applied_seq(), 20U);
  expect_all(*second, known);
  const auto late = first->claim(10);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, StoreErrorKind::conflict);
  ASSERT_TRUE(second->project(frames));
  expect_all(*second, stream.expected());
  EXPECT_EQ(second->read_journal(1, [](const RecordedFrame&) { return true; }), 40U);
}

TEST_F(PostgresJournalCopy, AMissingFrameIsSaid) {
  auto plain = open_postgres_ledger(database->options());
  ASSERT_TRUE(plain);
  Stream stream(52);
  ASSERT_TRUE((*plain)->project(stream.take(5))) << "before the copy was kept";
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(stream.take(5)));
  EXPECT_EQ(ledger->claim(1), 10U);
  EXPECT_EQ(ledger->read_journal(6, [](const RecordedFrame&) { return true; }), 10U);
  const auto read = ledger->read_journal(1, [](const RecordedFrame&) { return true; });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, StoreErrorKind::corrupt);
}

}  // namespace
}  // namespace prom
