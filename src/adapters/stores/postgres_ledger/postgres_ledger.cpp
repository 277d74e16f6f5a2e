// The ledger: projection in one transaction for each batch on a connection of its own, queries over a pool. Any thread; mutexes inside.
#include "adapters/stores/postgres_ledger/postgres_ledger.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "adapters/stores/ledger_rows/ledger_projection.h"
#include "adapters/stores/ledger_rows/ledger_queries.h"
#include "adapters/stores/ledger_rows/ledger_reads.h"
#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/ledger_rows/tool_stat_rows.h"
#include "adapters/stores/postgres_ledger/journal_rows.h"
#include "adapters/stores/postgres_ledger/pg_rows.h"
#include "adapters/stores/postgres_link/flat_rows.h"
#include "adapters/stores/postgres_link/pg_migrate.h"
#include "adapters/stores/postgres_link/pg_pool.h"
#include "io/sqlite/migrator.h"

namespace prom::sqlite {
std::span<const Migration> postgres_ledger_migrations();
}  // namespace prom::sqlite

namespace prom::postgres {
namespace {

using flat_rows::Columns;
using flat_rows::Parameters;
using ledger_rows::corrupt_row;
using ledger_rows::LedgerProjection;

// The row of `applied`, for a transaction: waits for another one that has it.
const std::string& applied_seq_locked() {
  static const std::string sql = ledger_queries::applied_seq() + " FOR UPDATE";
  return sql;
}

/// A connection that is opened when it is needed and dropped when it has broken. One user at a time.
class Slot {
 public:
  explicit Slot(std::shared_ptr<const PostgresOptions> options) : options_(std::move(options)) {}
  std::mutex mutex;

  StoreResult<PgConnection*> get() {
    if (connection_ && !connection_->quiet()) connection_.reset();
    if (!connection_) {
      PROM_TRY(connection_, PgConnection::open(*options_));
    }
    return connection_.get();
  }
  /// `result` of something done with the connection, which is dropped where it is of no more use.
  template <class T>
  StoreResult<T> checked(StoreResult<T> result) {
    if (!result && result.error().kind == StoreErrorKind::away) connection_.reset();
    return result;
  }

 private:
  std::shared_ptr<const PostgresOptions> options_;
  std::unique_ptr<PgConnection> connection_;
};

class ServerLedger final : public ledger_rows::LedgerReads<ServerLedger, PostgresLedger, Parameters, Columns> {
 public:
  explicit ServerLedger(const std::shared_ptr<const PostgresOptions>& options)
      : LedgerReads(ledger_queries::Lead::by_statistics),
        shard_(options->shard),
        journal_(options->journal),
        schema_(options->schema),
        patience_(options->timeout),
        writer_(options),
        readers_(options, options->readers) {}

  StoreResult<void> open() {
    const std::scoped_lock lock(writer_.mutex);
    PROM_TRY(PgConnection * connection, writer_.get());
    PROM_CHECK_OK(writer_.checked(ensure_schema(*connection, schema_)));
    PROM_CHECK_OK(writer_.checked(migrate(*connection, {"ledger", "schema_version", 7'736'870, sqlite::postgres_ledger_migrations()})));
    // The row that every projection locks, so that one whose commit is still under way is waited for.
    PROM_CHECK_OK(writer_.checked(
        done(connection->run("INSERT INTO applied (shard, seq) VALUES (?, 0) ON CONFLICT (shard) DO NOTHING", Parameters().put(shard_).values()))));
    auto settled = settle_tool_stats(*connection);
    if (!settled) connection->roll_back();
    return writer_.checked(std::move(settled));
  }

  StoreResult<std::uint64_t> applied_seq() override {
    const std::scoped_lock lock(writer_.mutex);
    PROM_TRY(PgConnection * connection, writer_.get());
    return writer_.checked(applied(*connection, ledger_queries::applied_seq()));
  }

  StoreResult<void> project(std::span<const RecordedFrame> frames) override {
    if (frames.empty()) return {};
    const std::scoped_lock lock(writer_.mutex);
    PROM_TRY(PgConnection * connection, writer_.get());
    auto projected = project_on(*connection, frames);
    if (!projected) connection->roll_back();
    const bool doubt = !projected && projected.error().retry == Retry::in_doubt;
    projected = writer_.checked(std::move(projected));
    return doubt ? settle(frames.back().seq) : projected;
  }

  StoreResult<std::uint64_t> claim(std::uint64_t fence) override {
    const std::scoped_lock lock(writer_.mutex);
    PROM_TRY(PgConnection * connection, writer_.get());
    PROM_TRY(const Rows taken, writer_.checked(connection->run("UPDATE applied SET fence = ? WHERE shard = ? AND fence <= ? RETURNING seq",
                                                               Parameters().put(fence).put(shard_).put(fence).values())));
    if (taken.empty()) return std::unexpected(shut_out(fence));
    fence_ = fence;
    PROM_TRY(const Rows newest,
             writer_.checked(connection->run("SELECT coalesce(max(seq), 0) FROM journal WHERE shard = ?", Parameters().put(shard_).values())));
    return number_in(newest);
  }
  StoreResult<std::uint64_t> read_journal(std::uint64_t from, const std::function<bool(const RecordedFrame&)>& visit) override {
    return read_frames(readers_, patience_, shard_, from, visit);
  }

 private:
  friend LedgerReads;

  StoreResult<void> settle_tool_stats(PgConnection& connection) const {
    PROM_TRY(const Rows owed, connection.ask("SELECT 1 FROM tool_stats_owed"));
    if (owed.empty()) return {};
    PROM_CHECK_OK(connection.begin());
    PROM_CHECK_OK(applied(connection, applied_seq_locked()));
    PROM_TRY(const Rows ours, connection.ask("DELETE FROM tool_stats_owed RETURNING one"));
    if (ours.empty()) return connection.commit();  // another has done it meanwhile
    PgRows rows(connection);
    ledger_rows::ToolStatRows stats(rows);
    constexpr std::uint32_t kAtOnce = 500;
    for (DecisionId last{};;) {
      PROM_TRY(const Rows found, connection.run(ledger_queries::decision_logs_after(), Parameters().put(last).put(kAtOnce).values()));
      for (const auto& values : found) {
        Columns columns(values);
        PROM_TRY(const DecisionRecord record, read_decision(columns));
        PROM_CHECK_OK(stats.add(record));
        last = record.id;
      }
      if (found.size() < kAtOnce) break;
    }
    PROM_CHECK_OK(stats.finish());
    PROM_CHECK_OK(rows.flush());
    return connection.commit();
  }
  static StoreResult<void> done(const StoreResult<Rows>& rows) {
    if (!rows) return std::unexpected(rows.error());
    return {};
  }
  StoreResult<std::uint64_t> applied(PgConnection& connection, const std::string& sql) const {
    PROM_TRY(const Rows found, connection.run(sql, Parameters().put(shard_).values()));
    return number_in(found);
  }
  static StoreResult<std::uint64_t> number_in(const Rows& found) {
    if (found.empty()) return 0;
    Columns columns(found.front());
    const auto number = columns.get<std::uint64_t>();
    if (!columns.ok()) return std::unexpected(corrupt_row("the applied sequence is no number"));
    return number;
  }
  static StoreError shut_out(std::uint64_t fence) {
    return {StoreErrorKind::conflict, Retry::never, "ledger: another instance has taken this journal after the lease with fence " + std::to_string(fence),
            "this instance acts for it no more"};
  }
  /// The row of `applied` is locked.
  StoreResult<void> check_turn(PgConnection& connection) const {
    PROM_TRY(const Rows found, connection.run("SELECT fence FROM applied WHERE shard = ?", Parameters().put(shard_).values()));
    PROM_TRY(const std::uint64_t taken, number_in(found));
    if (taken > fence_) return std::unexpected(shut_out(fence_));
    return {};
  }
  StoreResult<void> project_on(PgConnection& connection, std::span<const RecordedFrame> frames) {
    PROM_CHECK_OK(connection.begin());
    PROM_TRY(std::uint64_t seq, applied(connection, applied_seq_locked()));
    if (journal_ == PostgresOptions::Journal::copied) PROM_CHECK_OK(check_turn(connection));
    const std::uint64_t before = seq;
    PgRows rows(connection);
    LedgerProjection projection(rows);
    const auto fresh = std::find_if(frames.begin(), frames.end(), [&](const RecordedFrame& frame) { return frame.seq > seq; });
    PROM_CHECK_OK(projection.expect({fresh, frames.end()}));
    for (const RecordedFrame& frame : std::span(fresh, frames.end())) {
      if (frame.seq != seq + 1) {
        return err(StoreError{StoreErrorKind::conflict, Retry::never,
                              "ledger: frame " + std::to_string(frame.seq) + " cannot follow frame " + std::to_string(seq),
                              "project the frames in between first"});
      }
      PROM_CHECK_OK(projection.apply(frame));
      seq = frame.seq;
    }
    PROM_CHECK_OK(projection.finish());
    PROM_CHECK_OK(rows.flush());
    if (journal_ == PostgresOptions::Journal::copied) PROM_CHECK_OK(write_frames(connection, shard_, fence_, {fresh, frames.end()}));
    if (seq != before) PROM_CHECK_OK(connection.run("UPDATE applied SET seq = ? WHERE shard = ?", Parameters().put(seq).put(shard_).values()));
    return connection.commit();
  }
  /// After a doubtful commit: asks on a new connection what is stored. The lock waits for a commit that is still under way.
  StoreResult<void> settle(std::uint64_t last) {
    const auto ask = [&]() -> StoreResult<std::uint64_t> {
      PROM_TRY(PgConnection * connection, writer_.get());
      PROM_CHECK_OK(connection->begin());
      auto seq = applied(*connection, applied_seq_locked());
      connection->roll_back();
      return seq;
    };
    const auto stored = writer_.checked(ask());
    if (stored && *stored >= last) return {};
    const std::string why = stored ? "the commit was lost" : "whether the commit was done cannot be asked now: " + stored.error().detail;
    // Either way the same frames may be given again: what is stored is skipped.
    return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "ledger: " + why, ""});
  }

  template <class Row, class Bind, class Read>
  StoreResult<std::vector<Row>> rows(const std::string& sql, const Bind& bind, const Read& read) {
    Parameters parameters;
    bind(parameters);
    PROM_TRY(const Rows found, readers_.read(sql, parameters.values(), patience_));
    std::vector<Row> out;
    for (const auto& values : found) {
      Columns columns(values);
      PROM_TRY(Row row, read(columns));
      if (!columns.ok()) return err(corrupt_row("a row holds a value that this program does not know"));
      out.push_back(std::move(row));
    }
    return out;
  }

  std::uint32_t shard_;
  PostgresOptions::Journal journal_;
  std::atomic<std::uint64_t> fence_ = 0;  ///< the turn that was taken
  std::string schema_;
  std::chrono::milliseconds patience_;
  Slot writer_;
  PgPool readers_;
};

}  // namespace
}  // namespace prom::postgres

namespace prom {

StoreResult<std::unique_ptr<PostgresLedger>> open_postgres_ledger(PostgresOptions options) {
  auto ledger = std::make_unique<postgres::ServerLedger>(std::make_shared<const PostgresOptions>(std::move(options)));
  PROM_CHECK_OK(ledger->open());
  return ledger;
}

}  // namespace prom
