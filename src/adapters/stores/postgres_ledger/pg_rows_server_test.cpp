// A batch may gather and merge as it likes: what it leaves in every table is what one frame after another leaves. On the server of dev/servers.py.
#include <gtest/gtest.h>

#include <array>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "ports/ledger_contract_stream.h"

namespace prom {
namespace {

using postgres_test::OwnDatabase;

/// Changes that meet in one batch: rows that come, go and come again, a decision that is recorded once more with fewer verdicts, settings of rows from before.
std::vector<RecordedFrame> meetings(std::uint64_t first_seq) {
  std::vector<RecordedFrame> out;
  const auto frame = [&](InputBody input, std::vector<Event> events) {
    RecordedFrame f;
    f.seq = first_seq + out.size();
    f.input = {TimeNs{static_cast<std::int64_t>(f.seq) * 1'000'000'000'000}, f.seq, std::move(input)};
    f.events = std::move(events);
    out.push_back(std::move(f));
  };
  const auto breaker = [](std::int64_t limit) {
    return BreakerTripped{UserIx{0}, BreakerKind::daily_loss, Decimal::from_int(limit), Decimal::from_int(7), TimeNs{9}};
  };
  for (int round = 0; round < 3; ++round) {
    frame(TimePassed{}, {breaker(round), BreakerResumed{UserIx{0}, BreakerKind::daily_loss}, breaker(10 + round)});
    QuarantineSet on;
    on.account = AccountIx{1};
    on.instrument = InstrumentIx{1};
    on.quarantined = Switch::on;
    on.diff = "it's " + std::to_string(round);
    QuarantineSet off = on;
    off.quarantined = Switch::off;
    frame(TimePassed{}, {on, off});
    if (round != 1) frame(TimePassed{}, {on});
    DecisionRecorded decided;
    decided.record.id = DecisionId{900'000};
    decided.record.verdicts.resize(static_cast<std::size_t>(3 - round));
    for (Verdict& verdict : decided.record.verdicts) verdict.summary = "round " + std::to_string(round);
    frame(decided, {InputTaken{}});
    frame(PairStateSet{PairIx{0}, PairState::paused, "pause " + std::to_string(round)}, {InputTaken{}});
    frame(TradingStateSet{UserIx{0}, TradingState::reducing, "a\\b'c"}, {InputTaken{}});
    frame(TimePassed{}, {PeakRaised{UserIx{0}, Decimal::from_int(round)}, EquitySampled{UserIx{0}, TimeNs{5}, Decimal::from_int(round)}});
  }
  return out;
}

std::string dump(const OwnDatabase& database) {
  auto connection = postgres::PgConnection::open(database.options());
  EXPECT_TRUE(connection) << connection.error().detail;
  std::string out;
  constexpr std::array kTables{"applied",    "assets",         "instruments", "users",         "accounts",  "pairs",    "decider_status",
                               "orders",     "fills",          "postings",    "balances",      "positions", "coverage", "proposals",
                               "denials",    "trades",         "decisions",   "decision_logs", "verdicts",  "memories", "breakers",
                               "risk_state", "equity_samples", "quarantine",  "risk_events"};
  for (const char* table : kTables) {
    const auto rows = (*connection)->ask(std::string("SELECT * FROM ") + table + " ORDER BY 1, 2");
    EXPECT_TRUE(rows) << table << ": " << rows.error().detail;
    if (!rows) return out;
    for (const auto& row : *rows) {
      out += table;
      for (const auto& value : row) out += "|" + value.value_or("NULL");
      out += '\n';
    }
  }
  return out;
}

TEST(PgRows, ABatchLeavesWhatItsFramesLeaveOneByOne) {
  if (!postgres_test::why_not().empty()) GTEST_SKIP() << postgres_test::why_not();
  for (const std::uint64_t seed : {1U, 2U}) {
    ledger_contract::Stream stream(seed);
    std::vector<RecordedFrame> frames = stream.take(250);
    for (RecordedFrame& frame : meetings(frames.back().seq + 1)) frames.push_back(std::move(frame));
    const OwnDatabase one_by_one, batched;
    {
      auto ledger = open_postgres_ledger(one_by_one.options());
      ASSERT_TRUE(ledger) << ledger.error().detail;
      for (const RecordedFrame& frame : frames) ASSERT_TRUE((*ledger)->project({&frame, 1}));
    }
    {
      auto ledger = open_postgres_ledger(batched.options());
      ASSERT_TRUE(ledger) << ledger.error().detail;
      Xoshiro256pp random(seed);
      for (std::size_t from = 0; from < frames.size();) {
        const std::size_t count = std::min<std::size_t>(1 + random.below(400), frames.size() - from);
        const auto done = (*ledger)->project(std::span(frames).subspan(from, count));
        ASSERT_TRUE(done) << done.error().detail;
        from += count;
      }
    }
    ASSERT_EQ(dump(batched), dump(one_by_one)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace prom
