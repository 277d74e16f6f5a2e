// The worker beside a ledger that is slow, away and back: whoever pokes never waits for it, nothing is lost or doubled, and frames that are not durable stay out.
#include "runtime/projector/projector_worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace prom {
namespace {

/// Frames 1 ... n, as a journal would read them back.
class Frames final : public JournalReader {
 public:
  explicit Frames(std::uint64_t count) : count_(count) {}
  std::expected<std::uint64_t, JournalError> read(std::uint64_t from_seq, const std::function<bool(const RecordedFrame&)>& visit) override {
    for (std::uint64_t seq = std::max<std::uint64_t>(from_seq, 1); seq <= count_; ++seq) {
      RecordedFrame frame;
      frame.seq = seq;
      if (!visit(frame)) return seq;
    }
    return count_;
  }

 private:
  std::uint64_t count_;
};

/// Counts what it is given; closes its gate when told, and fails when told.
class Gate final : public Ledger {
 public:
  StoreResult<std::uint64_t> applied_seq() override { return applied.load(); }
  StoreResult<void> project(std::span<const RecordedFrame> frames) override {
    std::unique_lock lock(mutex);
    waiting = true;
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    waiting = false;
    if (away) return std::unexpected(StoreError{StoreErrorKind::away, retry, "the ledger is away", ""});
    for (const RecordedFrame& frame : frames) {
      if (frame.seq != applied + 1) doubled = true;
      applied = frame.seq;
    }
    return {};
  }
  StoreResult<std::vector<Instrument>> instruments() override { return {}; }
  StoreResult<std::vector<std::string>> assets() override { return {}; }
  StoreResult<std::vector<User>> users() override { return {}; }
  StoreResult<std::vector<Account>> accounts() override { return {}; }
  StoreResult<std::vector<TradingPair>> pairs() override { return {}; }
  StoreResult<std::vector<Position>> positions(std::optional<AccountIx>) override { return {}; }
  StoreResult<std::vector<BalanceRow>> balances(std::optional<AccountIx>) override { return {}; }
  StoreResult<std::vector<OrderRow>> orders(std::optional<AccountIx>, std::uint32_t) override { return {}; }
  StoreResult<std::vector<OrderRow>> open_orders(std::optional<AccountIx>) override { return {}; }
  StoreResult<std::vector<Fill>> fills(std::optional<AccountIx>, std::uint32_t) override { return {}; }
  StoreResult<std::vector<Posting>> postings(std::optional<AccountIx>) override { return {}; }
  StoreResult<std::vector<JournalEntry>> trades(const TradeFilter&) override { return {}; }
  StoreResult<std::vector<DenialRow>> denials(std::uint32_t) override { return {}; }
  StoreResult<std::optional<DecisionRecord>> decision(DecisionId) override { return std::optional<DecisionRecord>(); }
  StoreResult<std::vector<DecisionRecord>> decisions(std::optional<PairIx>, std::uint32_t) override { return {}; }
  StoreResult<std::vector<Memory>> memories() override { return {}; }
  StoreResult<std::vector<RiskStateRow>> risk_states() override { return {}; }
  StoreResult<std::vector<ToolStat>> tool_stats(const ToolStatFilter&) override { return {}; }

  void set(bool to_open, bool to_away) {
    const std::scoped_lock lock(mutex);
    open = to_open;
    away = to_away;
    changed.notify_all();
  }
  void wait_until_it_waits() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return waiting; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool open = true, away = false, waiting = false;
  Retry retry = Retry::after;  ///< what it says of its failures
  std::atomic<std::uint64_t> applied = 0;
  std::atomic<bool> doubled = false;
};

ProjectorWorker::Status wait_for(const ProjectorWorker& worker, std::uint64_t rounds) {
  for (;;) {
    const ProjectorWorker::Status status = worker.status();
    if (status.rounds >= rounds) return status;
    std::this_thread::yield();
  }
}

TEST(ProjectorWorker, PokesNeverWaitForALedgerThatHangs) {
  Frames frames(10);
  Gate gate;
  gate.open = false;
  Projector projector(frames, gate);
  ProjectorWorker worker(projector);
  worker.poke(3);
  gate.wait_until_it_waits();
  for (int i = 0; i < 1'000; ++i) worker.poke(5);
  EXPECT_EQ(worker.status().rounds, 0U) << "the first catch-up is still under way";
  gate.set(true, false);
  EXPECT_EQ(wait_for(worker, 2).applied, 5U) << "what was durable, and no more";
  EXPECT_FALSE(gate.doubled);
}

TEST(ProjectorWorker, AwayIsSaidAndEndsByItself) {
  Frames frames(4);
  Gate gate;
  gate.away = true;
  Projector projector(frames, gate);
  ProjectorWorker worker(projector);
  worker.poke(4);
  const auto failed = wait_for(worker, 1);
  EXPECT_FALSE(failed.applied.has_value());
  EXPECT_EQ(failed.why, "the ledger is away");
  EXPECT_EQ(failed.retry, Retry::after);
  gate.set(true, false);
  worker.poke(4);
  EXPECT_EQ(wait_for(worker, 2).applied, 4U);
  worker.finish();
  worker.finish();
  EXPECT_EQ(*projector.catch_up(), 4U) << "the projector is the caller's again";
}

TEST(ProjectorWorker, SaysWhetherTryingAgainMayHelp) {
  Frames frames(4);
  Gate gate;
  gate.away = true;
  gate.retry = Retry::never;
  Projector projector(frames, gate);
  ProjectorWorker worker(projector);
  worker.poke(4);
  EXPECT_EQ(wait_for(worker, 1).retry, Retry::never);
}

}  // namespace
}  // namespace prom
