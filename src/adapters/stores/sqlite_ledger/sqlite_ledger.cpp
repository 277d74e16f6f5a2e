// The ledger over its two connections: projection in one transaction for each batch, queries row by row. Any thread; mutexes inside.
#include "adapters/stores/sqlite_ledger/sqlite_ledger.h"

#include <mutex>
#include <utility>

#include "adapters/stores/ledger_rows/ledger_projection.h"
#include "adapters/stores/ledger_rows/ledger_queries.h"
#include "adapters/stores/ledger_rows/ledger_reads.h"
#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/ledger_rows/tool_stat_rows.h"
#include "adapters/stores/sqlite_ledger/flat_rows.h"
#include "adapters/stores/sqlite_ledger/ledger_connection.h"
#include "adapters/stores/sqlite_ledger/sqlite_rows.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> ledger_migrations();
}  // namespace prom::sqlite

namespace prom {
namespace {

using ledger_rows::Binder;
using ledger_rows::Columns;
using ledger_rows::corrupt_row;

class SqliteLedger final : public ledger_rows::LedgerReads<SqliteLedger, Ledger, Binder, Columns> {
 public:
  SqliteLedger(std::uint32_t shard, sqlite::Database writer, std::optional<sqlite::Database> reader)
      : LedgerReads(ledger_queries::Lead::by_narrowest), shard_(shard), writer_(std::move(writer)), rows_(writer_), projection_(rows_) {
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

 private:
  friend LedgerReads;

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
  PROM_CHECK_OK(sqlite::migrate(writer, sqlite::ledger_migrations(), "ledger"));
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
