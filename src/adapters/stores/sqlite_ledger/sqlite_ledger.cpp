// The ledger over its two connections: projection in one transaction for each batch, queries row by row. Any thread; mutexes inside.
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"

#include <mutex>
#include <utility>

#include "adapters/stores/ledger_rows/ledger_projection.h"
#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/ledger_rows/tool_stat_rows.h"
#include "adapters/stores/sqlite_ledger/flat_rows.h"
#include "adapters/stores/sqlite_ledger/ledger_connection.h"
#include "adapters/stores/sqlite_ledger/ledger_queries.h"
#include "adapters/stores/sqlite_ledger/sqlite_rows.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> ledger_migrations();
}  // namespace prom::sqlite

namespace prom {
namespace {

using ledger_queries::DecisionFilter;
using ledger_queries::Filter;
using ledger_queries::ToolFilter;
using ledger_rows::Binder;
using ledger_rows::Columns;
using ledger_rows::corrupt_row;
using ledger_rows::unpack_event;
using ledger_rows::unpack_input;

Filter filter_for(const std::optional<AccountIx>& account) { return account ? Filter::by_account : Filter::none; }

// Binds an account and a limit, those that are given.
auto binding(std::optional<AccountIx> account, std::optional<std::uint32_t> limit = std::nullopt) {
  return [account, limit](Binder& binder) {
    if (account) binder.put(*account);
    if (limit) binder.put(*limit);
  };
}

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(std::uint32_t shard, sqlite::Database writer, std::optional<sqlite::Database> reader)
      : shard_(shard), writer_(std::move(writer)), rows_(writer_), projection_(rows_) {
    if (reader) reader_.emplace(*std::move(reader));
  }

  /// Counts the decisions of a ledger that an earlier program wrote.
  StoreResult<void> settle_tool_stats() {
    const std::scoped_lock lock(write_mutex_);
    PROM_TRY(const bool owed, owes_tool_stats());
    if (!owed) return {};
    PROM_TRY(auto transaction, sqlite::Transaction::begin(writer_.database(), sqlite::Lock::write));
    PROM_TRY(const bool still, owes_tool_stats());
    if (!still) return {};
    ledger_rows::ToolStatRows stats(rows_);
    PROM_CHECK_OK(count_logs(stats));
    PROM_CHECK_OK(stats.finish());
    PROM_CHECK_OK(writer_.database().exec("DELETE FROM tool_stats_owed"));
    PROM_CHECK_OK(transaction.commit());
    return {};
  }

  StoreResult<std::uint64_t> applied_seq() override {
    const std::scoped_lock lock(write_mutex_);
    return applied_locked();
  }

  StoreResult<void> project(std::span<const RecordedFrame> frames) override {
    if (frames.empty()) return {};
    const std::scoped_lock lock(write_mutex_);
    PROM_TRY(auto transaction, sqlite::Transaction::begin(writer_.database(), sqlite::Lock::write));
    PROM_TRY(std::uint64_t applied, applied_locked());
    const std::uint64_t before = applied;
    projection_.begin();
    for (const RecordedFrame& frame : frames) {
      if (frame.seq <= applied) continue;
      if (frame.seq != applied + 1) {
        return err(StoreError{StoreErrorKind::conflict, Retry::never,
                              "ledger: frame " + std::to_string(frame.seq) + " cannot follow frame " + std::to_string(applied),
                              "project the frames in between first"});
      }
      PROM_CHECK_OK(projection_.apply(frame));
      applied = frame.seq;
    }
    if (applied == before) return {};
    PROM_CHECK_OK(projection_.finish());
    PROM_CHECK_OK(store_applied(applied));
    PROM_CHECK_OK(transaction.commit());
    return {};
  }

  StoreResult<std::vector<Instrument>> instruments() override {
    return rows<Instrument>(
        ledger_queries::instruments(), [](Binder&) {},
        [](Columns& columns) -> StoreResult<Instrument> {
          PROM_TRY(auto packed, unpack_input<InstrumentRegistered>(columns.get<std::vector<std::byte>>()));
          return std::move(packed.instrument);
        });
  }
  StoreResult<std::vector<std::string>> assets() override {
    std::vector<std::string> names;
    const auto read = rows<std::uint16_t>(
        ledger_queries::assets(), [](Binder&) {},
        [&](Columns& columns) -> StoreResult<std::uint16_t> {
          const auto ix = columns.get<std::uint16_t>();
          if (names.size() <= ix) names.resize(ix + 1U);
          columns.read(names[ix]);
          return ix;
        });
    if (!read) return err(read.error());
    return names;
  }
  StoreResult<std::vector<User>> users() override { return flat<User>(ledger_queries::users()); }
  StoreResult<std::vector<Account>> accounts() override { return flat<Account>(ledger_queries::accounts()); }
  StoreResult<std::vector<TradingPair>> pairs() override { return flat<TradingPair>(ledger_queries::pairs()); }
  StoreResult<std::vector<Position>> positions(std::optional<AccountIx> account) override {
    return flat<Position>(ledger_queries::positions(filter_for(account)), account);
  }
  StoreResult<std::vector<Posting>> postings(std::optional<AccountIx> account) override {
    return flat<Posting>(ledger_queries::postings(filter_for(account)), account);
  }
  StoreResult<std::vector<Fill>> fills(std::optional<AccountIx> account, std::uint32_t limit) override {
    return flat<Fill>(ledger_queries::fills(filter_for(account)), account, limit);
  }
  StoreResult<std::vector<BalanceRow>> balances(std::optional<AccountIx> account) override {
    return rows<BalanceRow>(ledger_queries::balances(filter_for(account)), binding(account), [](Columns& columns) -> StoreResult<BalanceRow> {
      BalanceRow row;
      columns.read(row.account);
      columns.read(row.asset);
      columns.read(row.amount);
      return row;
    });
  }
  StoreResult<std::vector<OrderRow>> orders(std::optional<AccountIx> account, std::uint32_t limit) override {
    return rows<OrderRow>(ledger_queries::orders(filter_for(account)), binding(account, limit), read_order);
  }
  StoreResult<std::vector<OrderRow>> open_orders(std::optional<AccountIx> account) override {
    return rows<OrderRow>(ledger_queries::open_orders(filter_for(account)), binding(account), read_order);
  }

  StoreResult<std::vector<JournalEntry>> trades(const TradeFilter& filter) override {
    const auto bind = [&](Binder& binder) {
      if (filter.account) binder.put(*filter.account);
      if (filter.instrument) binder.put(*filter.instrument);
      if (filter.pair) binder.put(*filter.pair);
      if (filter.decider) binder.put(*filter.decider);
      binder.put(filter.limit);
    };
    return rows<JournalEntry>(ledger_queries::trades(filter), bind, [](Columns& columns) -> StoreResult<JournalEntry> { return columns.get<JournalEntry>(); });
  }

  StoreResult<std::vector<DenialRow>> denials(std::uint32_t limit) override {
    return rows<DenialRow>(
        ledger_queries::denials(), [&](Binder& binder) { binder.put(limit); },
        [](Columns& columns) -> StoreResult<DenialRow> {
          DenialRow row;
          columns.read(row.time);
          columns.read(row.denial);
          const auto body = columns.get<std::vector<std::byte>>();
          if (body.empty()) {
            columns.read(row.proposal.id);  // denied before it was received whole: only its id is known
            return row;
          }
          PROM_TRY(auto packed, unpack_event<ProposalReceived>(body));
          row.proposal = std::move(packed.proposal);
          return row;
        });
  }

  StoreResult<std::optional<DecisionRecord>> decision(DecisionId id) override {
    PROM_TRY(auto found, rows<DecisionRecord>(ledger_queries::decision(), [&](Binder& binder) { binder.put(id); }, read_decision));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }
  StoreResult<std::vector<DecisionRecord>> decisions(std::optional<PairIx> pair, std::uint32_t limit) override {
    const auto bind = [&](Binder& binder) {
      if (pair) binder.put(*pair);
      binder.put(limit);
    };
    return rows<DecisionRecord>(ledger_queries::decisions(pair ? DecisionFilter::by_pair : DecisionFilter::none), bind, read_decision);
  }
  StoreResult<std::vector<RiskStateRow>> risk_states() override { return flat<RiskStateRow>(ledger_queries::risk_states()); }
  StoreResult<std::vector<ToolStat>> tool_stats(const ToolStatFilter& filter) override {
    const auto bind = [&](Binder& binder) {
      if (filter.tool) binder.put(*filter.tool);
      binder.put(filter.since.value_or(TimeNs{INT64_MIN}));
    };
    return rows<ToolStat>(ledger_queries::tool_stats(filter.tool ? ToolFilter::by_tool : ToolFilter::none), bind,
                          [](Columns& columns) -> StoreResult<ToolStat> { return columns.get<ToolStat>(); });
  }
  StoreResult<std::vector<Memory>> memories() override {
    return rows<Memory>(
        ledger_queries::memories(), [](Binder&) {},
        [](Columns& columns) -> StoreResult<Memory> {
          PROM_TRY(auto packed, unpack_input<MemoryNoted>(columns.get<std::vector<std::byte>>()));
          return std::move(packed.memory);
        });
  }

 private:
  static StoreResult<DecisionRecord> read_decision(Columns& columns) {
    PROM_TRY(auto packed, unpack_input<DecisionRecorded>(columns.get<std::vector<std::byte>>()));
    return std::move(packed.record);
  }
  static StoreResult<OrderRow> read_order(Columns& columns) {
    OrderRow row;
    columns.read(row.spec);
    columns.read(row.state);
    columns.read(row.filled);
    columns.read(row.filled_value);
    columns.read(row.last_text);
    columns.read(row.created_at);
    columns.read(row.updated_at);
    return row;
  }
  StoreResult<std::uint64_t> applied_locked() {
    PROM_TRY(sqlite::Statement * statement, writer_.statement(ledger_queries::applied_seq()));
    const StatementScope scope(*statement);
    Binder(*statement).put(shard_);
    PROM_TRY(const sqlite::Step step, statement->step());
    return step == sqlite::Step::row ? static_cast<std::uint64_t>(statement->column_int(0)) : 0;
  }
  StoreResult<bool> owes_tool_stats() {
    PROM_TRY(sqlite::Statement * statement, writer_.statement(ledger_queries::tool_stats_owed()));
    const StatementScope scope(*statement);
    PROM_TRY(const sqlite::Step step, statement->step());
    return step == sqlite::Step::row;
  }
  StoreResult<void> count_logs(ledger_rows::ToolStatRows& stats) {
    PROM_TRY(sqlite::Statement * statement, writer_.statement(ledger_queries::decision_logs()));
    const StatementScope scope(*statement);
    while (true) {
      PROM_TRY(const sqlite::Step step, statement->step());
      if (step == sqlite::Step::done) return {};
      Columns columns(*statement);
      PROM_TRY(const DecisionRecord record, read_decision(columns));
      PROM_CHECK_OK(stats.add(record));
    }
  }
  StoreResult<void> store_applied(std::uint64_t seq) {
    PROM_TRY(sqlite::Statement * statement, writer_.statement("INSERT OR REPLACE INTO applied (shard, seq) VALUES (?, ?)"));
    Binder(*statement).put(shard_).put(seq);
    PROM_CHECK_OK(statement->run());
    return {};
  }

  template <class Row>
  StoreResult<std::vector<Row>> flat(const std::string& sql, std::optional<AccountIx> account = std::nullopt,
                                     std::optional<std::uint32_t> limit = std::nullopt) {
    return rows<Row>(sql, binding(account, limit), [](Columns& columns) -> StoreResult<Row> { return columns.get<Row>(); });
  }
  // A database in memory has one connection only; its queries take the writer's turn.
  template <class Row, class Bind, class Read>
  StoreResult<std::vector<Row>> rows(const std::string& sql, const Bind& bind, const Read& read) {
    const std::scoped_lock lock(reader_ ? read_mutex_ : write_mutex_);
    PROM_TRY(sqlite::Statement * statement, (reader_ ? *reader_ : writer_).statement(sql));
    const StatementScope scope(*statement);
    Binder binder(*statement);
    bind(binder);
    std::vector<Row> out;
    while (true) {
      PROM_TRY(const sqlite::Step step, statement->step());
      if (step == sqlite::Step::done) return out;
      Columns columns(*statement);
      PROM_TRY(Row row, read(columns));
      if (!columns.ok()) return err(corrupt_row("a row holds a value that this program does not know"));
      out.push_back(std::move(row));
    }
  }

  std::uint32_t shard_;
  std::mutex write_mutex_, read_mutex_;
  LedgerConnection writer_;
  SqliteRows rows_;
  ledger_rows::LedgerProjection projection_;
  std::optional<LedgerConnection> reader_;
};

}  // namespace

StoreResult<std::unique_ptr<Ledger>> open_sqlite_ledger(const SqliteLedgerOptions& options) {
  sqlite::OpenOptions open;
  open.durability = options.durability == Durability::power ? sqlite::Durability::power : sqlite::Durability::process;
  open.busy_timeout_ms = options.busy_timeout_ms;
  PROM_TRY(auto writer, sqlite::Database::open(options.path, open));
  PROM_CHECK_OK(sqlite::migrate(writer, sqlite::ledger_migrations(), "the ledger"));
  std::optional<sqlite::Database> reader;
  if (options.path != ":memory:") {
    open.mode = sqlite::OpenMode::read_only;
    PROM_TRY(auto opened, sqlite::Database::open(options.path, open));
    reader = std::move(opened);
  }
  auto ledger = std::make_unique<SqliteLedger>(options.shard, std::move(writer), std::move(reader));
  PROM_CHECK_OK(ledger->settle_tool_stats());
  return ledger;
}

}  // namespace prom
