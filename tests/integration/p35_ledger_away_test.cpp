// P35, "database away: orders forgotten", on the real PostgreSQL behind a gate: while the ledger cannot be reached no entry is approved, protection goes on from the journal, a stop still
// leaves; after the return every row is there, once.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "adapters/stores/journal_file/journal_file.h"
#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "event_streams_run.h"
#include "io/testing/tcp_gate.h"
#include "ports/ledger_contract_checks.h"
#include "research/simulation/test_data.h"
#include "runtime/projector/projector.h"
#include "runtime/projector/projector_worker.h"

namespace prom {
namespace {

using namespace std::chrono_literals;

enum class Fault : std::uint8_t { away, half_open, slow, mid_commit, killed };
std::string word(const testing::TestParamInfo<Fault>& info) {
  constexpr const char* kWords[] = {"Away", "HalfOpen", "Slow", "CutOffInACommit", "KilledWithMinus9"};
  return kWords[static_cast<std::size_t>(info.param)];
}

/// What a run did while its ledger was away.
struct Meanwhile {
  int denied_for_the_ledger = 0, approved_entries = 0;
  int entry_orders = 0;
  int stops_sent = 0;  ///< placed or moved
  int uncovered = 0;   ///< looks at an open position whose stop was not at the venue
};

class P35LedgerAway : public testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<postgres_test::OwnDatabase>();
    gate = std::make_unique<TcpGate>(database->options().port);
  }
  void begin_fault() const {
    switch (GetParam()) {
      case Fault::away: gate->set(TcpGate::Mode::cut); break;
      case Fault::half_open: gate->set(TcpGate::Mode::half_open); break;
      case Fault::slow: gate->set(TcpGate::Mode::drip); break;
      case Fault::mid_commit: gate->trap("COMMIT", TcpGate::Mode::deaf); break;
      case Fault::killed: ASSERT_EQ(postgres_test::servers().command("kill postgres"), 0); break;
    }
  }
  void end_fault() const {
    if (GetParam() == Fault::killed) ASSERT_EQ(postgres_test::servers().command("up postgres"), 0);
    gate->set(TcpGate::Mode::pass);
    gate->cut_now();
  }
  std::unique_ptr<postgres_test::OwnDatabase> database;
  std::unique_ptr<TcpGate> gate;
};

/// The run of a product: journal on disk, projection on a thread, and what the projection says told to the engine, as app/run does.
class PlayedRun {
 public:
  PlayedRun(const std::string& folder, Ledger& ledger) : data_(test_data::wave(2, 12'000, 17)) {
    auto writer = open_journal_writer({.directory = folder});
    EXPECT_TRUE(writer);
    journal_ = *std::move(writer);
    reader_ = open_journal_reader(folder);
    projector_ = std::make_unique<Projector>(*reader_, ledger);
    worker_ = std::make_unique<ProjectorWorker>(*projector_);
    SimulationParts parts;
    parts.journal = journal_.get();
    simulation_ = std::move(Simulation::create(data_, test_data::trend_config(data_), parts).value());
    EXPECT_TRUE(simulation_->begin().has_value());
  }
  Simulation& simulation() { return *simulation_; }

  /// Plays until `until` says so at the end of a bar, and counts.
  Meanwhile play(std::function<bool()> until) {
    seen_ = {};
    until_ = std::move(until);
    // What these refer to outlives the call: an input from outside later on is looked at too.
    SimulationHooks hooks;
    hooks.on_frame = [this](const Frame& frame) { count(frame); };
    hooks.pace = [this](const Progress&) {
      EXPECT_TRUE(simulation_->shard().commit());
      for (const Holding& holding : simulation_->state().accounts[0].holdings)
        seen_.uncovered += static_cast<int>(!holding.position.is_flat() && holding.coverage.state != CoverageState::covered);
      return until_() ? Flow::stop : Flow::go_on;
    };
    EXPECT_TRUE(simulation_->run(hooks).has_value());
    return seen_;
  }
  const Meanwhile& seen() const { return seen_; }
  const Holding* open_position() const {
    for (const Holding& holding : simulation_->state().accounts[0].holdings)
      if (!holding.position.is_flat()) return &holding;
    return nullptr;
  }

  /// Projects what is durable until a round has ended as `wanted` says, and tells the engine.
  void project_until(Switch wanted) {
    const auto end = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < end) {
      EXPECT_TRUE(simulation_->shard().commit());
      const std::uint64_t before = worker_->status().rounds;
      worker_->poke(journal_->durable_seq());
      while (worker_->status().rounds == before && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
      const Switch reachable = worker_->status().applied ? Switch::on : Switch::off;
      if (reachable != wanted) continue;
      if (simulation_->state().ledger_reachable != wanted) EXPECT_TRUE(simulation_->inject(LedgerHealth{wanted}).has_value());
      return;
    }
    FAIL() << "the projection did not become what was wanted: " << worker_->status().why;
  }
  void finish() {
    EXPECT_TRUE(simulation_->shard().commit());
    worker_->finish();
    const auto applied = projector_->catch_up();
    EXPECT_TRUE(applied) << applied.error().ledger.detail;
    EXPECT_EQ(applied.value_or(0), journal_->durable_seq());
  }

 private:
  void count(const Frame& frame) {
    for (const Event& event : frame.events) {
      if (const auto* received = std::get_if<ProposalReceived>(&event); received != nullptr && received->proposal.intent == Intent::open)
        openings_.insert(received->proposal.id);
      if (const auto* denied = std::get_if<ProposalDenied>(&event))
        seen_.denied_for_the_ledger += static_cast<int>(denied->denial.code == DenialCode::ledger_away);
      if (const auto* approved = std::get_if<ProposalApproved>(&event)) seen_.approved_entries += static_cast<int>(openings_.contains(approved->proposal));
    }
    for (const Command& command : frame.commands) {
      if (std::holds_alternative<Approved<AmendSpec>>(command)) ++seen_.stops_sent;
      const auto* placed = std::get_if<Approved<OrderSpec>>(&command);
      if (placed == nullptr) continue;
      seen_.entry_orders += static_cast<int>(placed->value().purpose == OrderPurpose::entry);
      seen_.stops_sent += static_cast<int>(placed->value().purpose == OrderPurpose::stop_loss);
    }
  }

  Dataset data_;
  std::unique_ptr<JournalWriter> journal_;
  std::unique_ptr<JournalReader> reader_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<ProjectorWorker> worker_;
  std::unique_ptr<Simulation> simulation_;
  Meanwhile seen_;
  std::function<bool()> until_ = [] { return false; };
  std::set<ProposalId> openings_;
};

/// The same rows, list by list, as a ledger that was never away.
void expect_same_rows(Ledger& found, Ledger& expected) {
  using ledger_contract::bytes_of;
  constexpr std::uint32_t kAll = 1'000'000;
  const auto same = [](const auto& a, const auto& b, const char* what) {
    ASSERT_TRUE(a && b) << what;
    ASSERT_EQ(a->size(), b->size()) << what;
    for (std::size_t i = 0; i < b->size(); ++i) ASSERT_EQ(bytes_of((*a)[i]), bytes_of((*b)[i])) << what << ' ' << i;
  };
  same(found.fills({}, kAll), expected.fills({}, kAll), "fills");
  same(found.postings({}), expected.postings({}), "postings");
  same(found.positions({}), expected.positions({}), "positions");
  same(found.trades({.account = {}, .instrument = {}, .pair = {}, .decider = {}, .limit = kAll}),
       expected.trades({.account = {}, .instrument = {}, .pair = {}, .decider = {}, .limit = kAll}), "trades");
  const auto orders = found.orders({}, kAll);
  const auto wanted = expected.orders({}, kAll);
  ASSERT_TRUE(orders && wanted);
  ASSERT_EQ(orders->size(), wanted->size());
  std::set<OrderId> ids;
  for (std::size_t i = 0; i < wanted->size(); ++i) {
    ASSERT_EQ(bytes_of((*orders)[i].spec), bytes_of((*wanted)[i].spec));
    ASSERT_EQ((*orders)[i].state, (*wanted)[i].state);
    ASSERT_EQ((*orders)[i].filled, (*wanted)[i].filled);
    ASSERT_TRUE(ids.insert((*orders)[i].spec.id).second) << "an order twice";
  }
  const auto denials = found.denials(kAll);
  const auto wanted_denials = expected.denials(kAll);
  ASSERT_TRUE(denials && wanted_denials);
  ASSERT_EQ(denials->size(), wanted_denials->size());
  std::set<std::pair<InstrumentIx, VenueTradeId>> fills;
  const auto filled = found.fills({}, kAll);
  ASSERT_GT(filled->size(), 20U) << "the market must trade, else this shows nothing";
  for (const Fill& fill : *filled) ASSERT_TRUE(fills.insert({fill.instrument, fill.trade}).second) << "a fill twice";
}

TEST_P(P35LedgerAway, NoEntryIsApprovedProtectionGoesOnAndEveryRowIsThereOnceAfterTheReturn) {
  const event_streams::Folder folder;
  PostgresOptions options = database->options(gate->port());
  options.timeout = 500ms;
  auto ledger = open_postgres_ledger(std::move(options));
  ASSERT_TRUE(ledger) << ledger.error().detail;
  PlayedRun run(folder.path(), **ledger);

  const Meanwhile before = run.play([&] { return run.seen().approved_entries >= 8 && run.open_position() != nullptr; });
  EXPECT_GE(before.approved_entries, 8);
  EXPECT_EQ(before.denied_for_the_ledger, 0);
  run.project_until(Switch::on);

  begin_fault();
  run.play([n = 0]() mutable { return ++n >= 3; });  // nobody knows yet; and there is something to commit
  ASSERT_NE(run.open_position(), nullptr);
  const Holding held = *run.open_position();
  run.project_until(Switch::off);
  // A stop that is to be moved while the ledger is away leaves at once.
  const std::int64_t tighter = held.position.quantity.v > 0 ? 1 : -1;
  const int sent_before = run.seen().stops_sent;
  ASSERT_TRUE(held.coverage.stop.has_value());
  ASSERT_TRUE(run.simulation()
                  .inject(ProtectionRequested{.account = held.position.account,
                                              .instrument = held.position.instrument,
                                              .leg = held.position.leg,
                                              .decision = {},
                                              .stop = PriceUnits{held.coverage.stop->v + tighter},
                                              .trailing_distance = {},
                                              .reason = "a person's wish"})
                  .has_value());
  EXPECT_GT(run.seen().stops_sent, sent_before) << "a stop still leaves";
  int bars = 0;
  const Meanwhile away = run.play([&] { return ++bars >= 4'000; });
  EXPECT_GT(away.denied_for_the_ledger, 3) << "entries were proposed and denied";
  EXPECT_EQ(away.approved_entries, 0);
  EXPECT_EQ(away.entry_orders, 0);
  EXPECT_EQ(away.uncovered, 0) << "protection is unaffected";
  EXPECT_EQ(run.open_position(), nullptr) << "what was held has left by its stop or by a closing order";

  end_fault();
  run.project_until(Switch::on);
  const Meanwhile after = run.play([] { return false; });
  EXPECT_EQ(after.denied_for_the_ledger, 0);
  EXPECT_GT(after.approved_entries, 0) << "new risk is taken again";
  run.finish();

  auto fresh = open_sqlite_ledger({.path = folder.path() + "/expected.sqlite"});
  ASSERT_TRUE(fresh);
  const auto reader = open_journal_reader(folder.path());
  ASSERT_TRUE(Projector(*reader, **fresh).catch_up());
  auto direct = open_postgres_ledger(database->options());
  ASSERT_TRUE(direct);
  EXPECT_EQ((*direct)->applied_seq().value_or(0), (*fresh)->applied_seq().value_or(1));
  expect_same_rows(**direct, **fresh);
}

INSTANTIATE_TEST_SUITE_P(Postgres, P35LedgerAway, testing::Values(Fault::away, Fault::half_open, Fault::slow, Fault::mid_commit, Fault::killed), word);

}  // namespace
}  // namespace prom
