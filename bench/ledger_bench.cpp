// Projecting the journal into a ledger: orders a second, each of them three frames (approved and created; accepted; filled with two postings and the position), in
// transactions of 2,000 frames as the projector makes them. SQLite in a temporary folder, and the PostgreSQL that POSTGRES_PORT names (dev/servers.py env), in a
// database of its own; without one it says so. The servers of tests run with fsync off: processes are killed there, machines are not.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/pg_connection.h"
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"
#include "domain/command.h"

namespace prom {
namespace {

constexpr std::uint64_t kFramesATransaction = 2'000;

/// An engine's history of one order after another, of 100 accounts and 20 instruments.
class History {
 public:
  std::vector<RecordedFrame> take(std::uint64_t count) {
    std::vector<RecordedFrame> out;
    while (out.size() < count) out.push_back(next());
    return out;
  }
  std::uint64_t orders() const { return order_; }

 private:
  RecordedFrame next() {
    RecordedFrame frame;
    frame.seq = ++seq_;
    frame.input = {TimeNs{static_cast<std::int64_t>(seq_) * 1'000'000}, seq_, TimePassed{}};
    if (seq_ <= 20) {
      Instrument instrument;
      instrument.ix = InstrumentIx{static_cast<std::uint16_t>(seq_ - 1)};
      instrument.symbol = instrument.venue_symbol = "COIN" + std::to_string(seq_) + "USDT";
      instrument.price_digits = 2;
      instrument.quantity_digits = 3;
      instrument.contract_value = kDecimalOne;
      frame.input.body = InstrumentRegistered{instrument};
      frame.events.emplace_back(InputTaken{});
      return frame;
    }
    const AccountIx account{static_cast<std::uint32_t>(order_ % 100)};
    const InstrumentIx instrument{static_cast<std::uint16_t>(order_ % 20)};
    switch (seq_ % 3) {
      case 0: {
        ++order_;
        TradeProposal proposal;
        proposal.id = ProposalId{order_};
        proposal.account = AccountIx{static_cast<std::uint32_t>(order_ % 100)};
        proposal.instrument = InstrumentIx{static_cast<std::uint16_t>(order_ % 20)};
        proposal.quantity = {1'000};
        proposal.stop = PriceUnits{9'000};
        proposal.decider = "agents";
        proposal.reason = "Long at 100.00 with the stop at 90.00 and a first target at 120.00; score +0.42.";
        OrderSpec spec;
        spec.id = OrderId{order_};
        spec.client_id = {proposal.account, 1, spec.id};
        spec.account = proposal.account;
        spec.instrument = proposal.instrument;
        spec.quantity = proposal.quantity;
        spec.proposal = proposal.id;
        frame.events.emplace_back(ProposalReceived{proposal});
        frame.events.emplace_back(ProposalApproved{proposal.id, proposal.quantity, Decimal::from_int(10)});
        frame.events.emplace_back(OrderCreated{spec});
        frame.events.emplace_back(OrderMoved{spec.id, OrderEventKind::sent, {}});
        break;
      }
      case 1: frame.events.emplace_back(OrderMoved{OrderId{order_}, OrderEventKind::accepted, {}}); break;
      default: {
        Fill fill;
        fill.trade = VenueTradeId{order_};
        fill.order = OrderId{order_};
        fill.account = account;
        fill.instrument = instrument;
        fill.price = {10'000};
        fill.quantity = {1'000};
        fill.fee = {AssetIx{0}, Decimal::from_units(5, 2)};
        frame.events.emplace_back(FillApplied{fill});
        Posting fee;
        fee.account = account;
        fee.amount = Decimal::from_units(-5, 2);
        frame.events.emplace_back(Posted{fee});
        frame.events.emplace_back(Posted{fee});
        Position position;
        position.account = account;
        position.instrument = instrument;
        position.quantity = {static_cast<std::int64_t>(order_)};
        PositionSet set;
        set.position = position;
        frame.events.emplace_back(set);
      }
    }
    return frame;
  }
  std::uint64_t seq_ = 0, order_ = 0;
};

void project(benchmark::State& state, Ledger& ledger) {
  History history;
  if (!ledger.project(history.take(20))) return state.SkipWithError("the instruments were refused");
  std::uint64_t orders = 0;
  for (auto _ : state) {
    const std::uint64_t before = history.orders();
    const auto frames = history.take(kFramesATransaction);
    const auto begin = std::chrono::steady_clock::now();
    const auto done = ledger.project(frames);
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!done) return state.SkipWithError(done.error().detail.c_str());
    orders += history.orders() - before;
  }
  state.counters["orders/s"] = benchmark::Counter(static_cast<double>(orders), benchmark::Counter::kIsRate);
}

void BM_project_sqlite(benchmark::State& state) {
  std::string directory = (std::filesystem::temp_directory_path() / "prom_ledger_bench_XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return state.SkipWithError("no temporary directory");
  {
    SqliteLedgerOptions options;
    options.path = directory + "/ledger.db";
    const auto ledger = open_sqlite_ledger(options);
    if (!ledger) return state.SkipWithError(ledger.error().detail.c_str());
    project(state, **ledger);
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_project_sqlite)->UseManualTime()->Unit(benchmark::kMillisecond);

void BM_project_postgres(benchmark::State& state) {
  const auto setting = [](const char* name, const char* otherwise) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : otherwise);
  };
  if (setting("POSTGRES_PORT", "").empty()) return state.SkipWithError("POSTGRES_PORT names no server: see docs/servers.md");
  PostgresOptions options;
  options.host = setting("POSTGRES_HOST", "127.0.0.1");
  options.port = static_cast<std::uint16_t>(std::stoi(setting("POSTGRES_PORT", "5432")));
  options.user = setting("POSTGRES_USER", "prometheus");
  options.password = SecretString(setting("POSTGRES_PASSWORD", ""));
  options.db = setting("POSTGRES_DB", "prometheus");
  const auto admin = postgres::PgConnection::open(options);
  if (!admin) return state.SkipWithError(admin.error().detail.c_str());
  const auto drop = [&] { return (*admin)->script("DROP DATABASE IF EXISTS ledger_bench WITH (FORCE)"); };
  if (!drop() || !(*admin)->script("CREATE DATABASE ledger_bench")) return state.SkipWithError("no database of its own could be made");
  options.db = "ledger_bench";
  {
    options.journal = PostgresOptions::Journal::copied;  // as a run does
    const auto ledger = open_postgres_ledger(std::move(options));
    if (!ledger) return state.SkipWithError(ledger.error().detail.c_str());
    project(state, **ledger);
  }
  [[maybe_unused]] const auto dropped = drop();
}
BENCHMARK(BM_project_postgres)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace prom
