// What every ledger must do, as tests: include from one test file of the implementation and instantiate LedgerContract with a maker of harnesses. Tests only.
#pragma once

#include <gtest/gtest.h>  // tidy-ok(heavy_headers): a suite that test files include

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom::ledger_contract {

/// One store that can be opened again and again. A new harness is a new, empty store.
class Harness {
 public:
  virtual ~Harness() = default;
  /// Why there is no store to open (a server that is missing), in one sentence; empty when there is.
  virtual std::string why_not() const { return ""; }
  virtual StoreResult<std::unique_ptr<Ledger>> open() = 0;
};
using MakeHarness = std::function<std::unique_ptr<Harness>()>;

class LedgerContract : public ::testing::TestWithParam<MakeHarness> {
 protected:
  void SetUp() override {
    harness_ = GetParam()();
    if (const std::string why = harness_->why_not(); !why.empty()) GTEST_SKIP() << why;
  }
  std::unique_ptr<Ledger> open() {
    auto opened = harness_->open();
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<Harness> harness_;
};

TEST_P(LedgerContract, ANewOneIsEmpty) {
  const auto ledger = open();
  EXPECT_EQ(*ledger->applied_seq(), 0U);
  expect_all(*ledger, Expected{});
  EXPECT_TRUE(ledger->project({}));
}

TEST_P(LedgerContract, RandomStreamsInRandomBatches) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    harness_ = GetParam()();
    const auto ledger = open();
    Stream stream(seed);
    Xoshiro256pp random(seed + 1000);
    std::uint64_t done = 0;
    while (done < 400) {
      const auto frames = stream.take(1 + random.below(40));
      const auto projected = ledger->project(frames);
      ASSERT_TRUE(projected) << projected.error().detail;
      done = frames.back().seq;
      ASSERT_EQ(*ledger->applied_seq(), done);
    }
    expect_all(*ledger, stream.expected());
  }
}

TEST_P(LedgerContract, ProjectingAgainChangesNothing) {
  Stream stream(11);
  const auto frames = stream.take(250);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(std::span(frames).first(150)));
  ASSERT_TRUE(ledger->project(std::span(frames).first(80)));
  ASSERT_TRUE(ledger->project(std::span(frames).subspan(100)));
  ASSERT_TRUE(ledger->project(frames));
  EXPECT_EQ(*ledger->applied_seq(), 250U);
  expect_all(*ledger, stream.expected());
}

TEST_P(LedgerContract, AGapIsAConflictAndStoresNothing) {
  Stream stream(12);
  const auto first = stream.take(60);
  const Expected before = stream.expected();
  const auto rest = stream.take(40);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(first));
  auto gap = ledger->project(std::span(rest).subspan(1));
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().kind, StoreErrorKind::conflict);
  EXPECT_EQ(gap.error().retry, Retry::never);
  std::vector<RecordedFrame> holed(rest.begin(), rest.begin() + 20);
  holed.insert(holed.end(), rest.begin() + 21, rest.end());
  gap = ledger->project(holed);
  ASSERT_FALSE(gap) << "frames before the gap belong to the same transaction";
  EXPECT_EQ(*ledger->applied_seq(), 60U);
  expect_all(*ledger, before);
  ASSERT_TRUE(ledger->project(rest));
  expect_all(*ledger, stream.expected());
}

TEST_P(LedgerContract, ARestartBetweenAnyTwoFramesChangesNothing) {
  Stream stream(13);
  for (std::uint64_t seq = 1; seq <= 120; ++seq) {
    const auto frames = stream.take(1);
    const auto ledger = open();
    ASSERT_EQ(*ledger->applied_seq(), seq - 1);
    ASSERT_TRUE(ledger->project(frames));
  }
  expect_all(*open(), stream.expected());
}

// An order's life written out by hand, against the state table in words.
TEST_P(LedgerContract, AnOrdersLife) {
  Stream stream(14);
  auto frames = stream.take(Stream::kSetupFrames);
  const auto ledger = open();
  ASSERT_TRUE(ledger->project(frames));
  OrderSpec spec;
  spec.id = OrderId{1};
  spec.quantity = {1000};
  std::uint64_t seq = Stream::kSetupFrames;
  const auto step = [&](Event event) {
    RecordedFrame frame;
    frame.seq = ++seq;
    frame.input.available_at = TimeNs{static_cast<std::int64_t>(seq)};
    frame.input.body = TimePassed{};
    frame.events.push_back(std::move(event));
    ASSERT_TRUE(ledger->project(std::span(&frame, 1)));
  };
  const auto row = [&] { return ledger->orders(std::nullopt, 1)->front(); };
  const auto fill = [&](std::int64_t quantity) {
    Fill f;
    f.trade = VenueTradeId{seq};
    f.order = OrderId{1};
    f.price = {2'000'050};  // 20000.50
    f.quantity = {quantity};
    return f;
  };
  step(OrderCreated{spec});
  EXPECT_EQ(row().state, OrderState::pending);
  step(OrderMoved{OrderId{1}, OrderEventKind::sent, ""});
  EXPECT_EQ(row().state, OrderState::sent);
  step(OrderMoved{OrderId{1}, OrderEventKind::accepted, "venue says yes"});
  EXPECT_EQ(row().state, OrderState::accepted);
  EXPECT_EQ(row().last_text, "venue says yes");
  step(FillApplied{fill(400)});
  EXPECT_EQ(row().state, OrderState::partially_filled);
  EXPECT_EQ(row().filled_value.to_string(), "8000.2");
  EXPECT_EQ(ledger->open_orders(std::nullopt)->size(), 1U);
  step(FillApplied{fill(600)});
  EXPECT_EQ(row().state, OrderState::filled);
  EXPECT_EQ(row().filled.v, 1000);
  EXPECT_EQ(row().filled_value.to_string(), "20000.5");
  EXPECT_TRUE(ledger->open_orders(std::nullopt)->empty());
}

// The desk gives its memories no id: they once overwrote one another, and only the last one of a run was kept.
TEST_P(LedgerContract, MemoriesWithoutAnIdAreAllKept) {
  const auto ledger = open();
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    RecordedFrame frame;
    frame.seq = seq;
    Memory memory;
    memory.text = "lesson " + std::to_string(seq);
    frame.input.body = MemoryNoted{memory};
    frame.events.emplace_back(InputTaken{});
    ASSERT_TRUE(ledger->project({&frame, 1}));
  }
  const auto memories = ledger->memories();
  ASSERT_TRUE(memories);
  ASSERT_EQ(memories->size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*memories)[i].id, i + 1) << "the frame's number";
    EXPECT_EQ((*memories)[i].text, "lesson " + std::to_string(i + 1));
  }
}

}  // namespace prom::ledger_contract
