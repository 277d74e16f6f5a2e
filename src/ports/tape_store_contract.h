// What every store of recordings must do. An implementation includes this in one test file and instantiates TapeStoreContract with a case that opens a store in a
// given folder (opening the same folder again must give the same content).
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): included by contract tests only
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/tape_store.h"

namespace prom {

struct TapeStoreCase {
  std::string name;
  std::function<StoreResult<std::unique_ptr<TapeStore>>(const std::filesystem::path&)> open;
};

/// `events` changes of a book and trades from second `from` on, each known `late_ms` later than it happened.
inline Tape contract_tape(std::int64_t from, std::size_t events, std::int64_t late_ms = 3, const std::string& instrument = "binance:linear:BTCUSDT") {
  Tape out{.instrument = instrument, .source = "made", .tells_trades = true, .tells_book = true, .events = {}};
  const TimeNs begin{(1'700'000'000 + from) * kSecond.ns};
  const DurationNs late{late_ms * kMillisecond.ns + 1};
  out.events.push_back({begin, TapeKind::clear, BookHalf::bid, 0, 0, late});
  for (std::size_t k = 1; k < events; ++k) {
    const auto at = begin + DurationNs{static_cast<std::int64_t>(k) * kMillisecond.ns + static_cast<std::int64_t>(k) % 7};
    const TapeKind kind = k < 3 ? TapeKind::seed : k % 3 == 0 ? TapeKind::trade : k % 3 == 1 ? TapeKind::level : TapeKind::best;
    out.events.push_back(
        {at, kind, k % 2 == 0 ? BookHalf::bid : BookHalf::ask, 60'000.1 + 0.1 * static_cast<double>(k % 11), 1.0 / 3 * static_cast<double>(k % 5 + 1), late});
  }
  return out;
}

class TapeStoreContract : public testing::TestWithParam<TapeStoreCase> {
 protected:
  void SetUp() override {
    static int serial = 0;
    dir_ = std::filesystem::temp_directory_path() / ("prom_tapes_" + std::to_string(::getpid()) + "_" + std::to_string(++serial));
    std::filesystem::create_directories(dir_);
    reopen();
    ASSERT_NE(store_, nullptr);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(dir_);
  }
  void reopen() {
    store_.reset();
    auto opened = GetParam().open(dir_);
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(*opened);
  }
  std::vector<RecordingInfo> all() {
    auto got = store_->recordings();
    EXPECT_TRUE(got) << (got ? "" : got.error().detail);
    return got ? std::move(*got) : std::vector<RecordingInfo>{};
  }
  void expect_kept(const Tape& tape) {
    const auto got = store_->load(sha256_of(tape));
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->instrument, tape.instrument);
    EXPECT_EQ(got->tells_book, tape.tells_book);
    EXPECT_EQ(got->tells_trades, tape.tells_trades);
    EXPECT_TRUE(got->events == tape.events) << "to the last bit";
  }
  std::filesystem::path dir_;
  std::unique_ptr<TapeStore> store_;
};

TEST_P(TapeStoreContract, GivesBackWhatWasPutAlsoAfterReopening) {
  const Tape tape = contract_tape(0, 5'000);
  const auto put = store_->put(tape, "feed.gz", OverlapRule::refuse);
  ASSERT_TRUE(put) << put.error().detail;
  reopen();
  const auto found = all();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0], info_of(tape, "feed.gz"));
  expect_kept(tape);
  EXPECT_NE(store_->load(found[0].sha256)->source.find("feed.gz"), std::string::npos);
}

TEST_P(TapeStoreContract, TheSameAgainChangesNothing) {
  const Tape tape = contract_tape(0, 100);
  ASSERT_TRUE(store_->put(tape, "a", OverlapRule::refuse));
  ASSERT_TRUE(store_->put(tape, "b", OverlapRule::refuse));
  ASSERT_TRUE(store_->put(tape, "c", OverlapRule::replace));
  ASSERT_EQ(all().size(), 1U);
  EXPECT_EQ(all()[0].origin, "a");
  expect_kept(tape);
}

TEST_P(TapeStoreContract, WhatOverlapsIsRefusedOrReplaces) {
  const Tape first = contract_tape(0, 2'000), other = contract_tape(1, 2'000), far = contract_tape(10, 100);
  ASSERT_TRUE(store_->put(first, "first.gz", OverlapRule::refuse));
  ASSERT_TRUE(store_->put(far, "far.gz", OverlapRule::refuse));
  const auto refused = store_->put(other, "other.gz", OverlapRule::refuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, StoreErrorKind::conflict);
  EXPECT_NE(refused.error().detail.find("first.gz"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(all().size(), 2U);
  EXPECT_FALSE(store_->load(sha256_of(other)));
  const auto put = store_->put(other, "other.gz", OverlapRule::replace);
  ASSERT_TRUE(put) << put.error().detail;
  ASSERT_EQ(all().size(), 2U);
  EXPECT_EQ(all()[0].origin, "other.gz");
  EXPECT_EQ(all()[1].origin, "far.gz");
  EXPECT_EQ(store_->load(sha256_of(first)).error().kind, StoreErrorKind::not_found);
  expect_kept(other);
  ASSERT_TRUE(store_->put(first, "first again", OverlapRule::replace)) << "what was replaced may come back";
  EXPECT_EQ(all()[0].origin, "first again");
  expect_kept(first);
}

TEST_P(TapeStoreContract, InstrumentsAndPartsAreApart) {
  const Tape book = [] {
    Tape out = contract_tape(0, 300);
    std::erase_if(out.events, [](const TapeEvent& e) { return e.kind == TapeKind::trade; });
    out.tells_trades = false;
    return out;
  }();
  const Tape trades = [] {
    Tape out = contract_tape(0, 300, 0);
    std::erase_if(out.events, [](const TapeEvent& e) { return e.kind != TapeKind::trade; });
    out.tells_book = false;
    return out;
  }();
  const Tape other = contract_tape(0, 300, 3, "okx:spot:BTCUSDT");
  for (const Tape* tape : {&book, &trades, &other}) ASSERT_TRUE(store_->put(*tape, "x", OverlapRule::refuse));
  EXPECT_EQ(all().size(), 3U);
  EXPECT_EQ(all().back().instrument, "okx:spot:BTCUSDT") << "ordered by instrument";
  for (const Tape* tape : {&book, &trades, &other}) expect_kept(*tape);
}

TEST_P(TapeStoreContract, WhatIsNoTapeLeavesNothingBehind) {
  const auto refuse = [&](auto spoil) {
    Tape bad = contract_tape(0, 100);
    spoil(bad);
    const auto put = store_->put(bad, "bad", OverlapRule::replace);
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().kind, StoreErrorKind::bad_argument);
    EXPECT_TRUE(all().empty());
  };
  refuse([](Tape& t) { std::swap(t.events[50], t.events[60]); });
  refuse([](Tape& t) { t.events[50].price = -1; });
  refuse([](Tape& t) { t.events[50].late.ns = -1; });
  refuse([](Tape& t) { t.events.clear(); });
  refuse([](Tape& t) { t.instrument.clear(); });
  EXPECT_EQ(store_->load("no such").error().kind, StoreErrorKind::not_found);
}

}  // namespace prom
