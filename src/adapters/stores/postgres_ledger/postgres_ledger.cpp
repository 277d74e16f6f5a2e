// The ledger: projection in one transaction for each batch on a connection of its own, queries over a pool. Any thread; mutexes inside.
#include "adapters/stores/postgres_ledger/postgres_ledger.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "adapters/stores/ledger_rows/ledger_projection.h"
#include "adapters/stores/ledger_rows/packed_records.h"
#include "adapters/stores/ledger_rows/tool_stat_rows.h"
#include "adapters/stores/postgres_ledger/journal_rows.h"
#include "adapters/stores/postgres_ledger/ledger_queries.h"
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
using ledger_queries::DecisionFilter;
using ledger_queries::Filter;
using ledger_queries::ToolFilter;
using ledger_rows::corrupt_row;
using ledger_rows::LedgerProjection;
using ledger_rows::unpack_event;
using ledger_rows::unpack_input;

Filter filter_for(const std::optional<AccountIx>& account) { return account ? Filter::by_account : Filter::none; }

// Binds an account and a limit, those that are given.
auto binding(std::optional<AccountIx> account, std::optional<std::uint32_t> limit = std::nullopt) {
  return [account, limit](Parameters& parameters) {
    if (account) parameters.put(*account);
    if (limit) parameters.put(*limit);
  };
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

class ServerLedger final : public PostgresLedger {
 public:
  explicit ServerLedger(const std::shared_ptr<const PostgresOptions>& options)
      : shard_(options->shard),
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

  StoreResult<std::vector<Instrument>> instruments() override {
    return rows<Instrument>(
        ledger_queries::instruments(), [](Parameters&) {},
        [](Columns& columns) -> StoreResult<Instrument> {
          PROM_TRY(auto packed, unpack_input<InstrumentRegistered>(columns.get<std::vector<std::byte>>()));
          return std::move(packed.instrument);
        });
  }
  StoreResult<std::vector<std::string>> assets() override {
    std::vector<std::string> names;
    const auto read = rows<std::uint16_t>(
        ledger_queries::assets(), [](Parameters&) {},
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
    const auto bind = [&](Parameters& parameters) {
      if (filter.account) parameters.put(*filter.account);
      if (filter.instrument) parameters.put(*filter.instrument);
      if (filter.pair) parameters.put(*filter.pair);
      if (filter.decider) parameters.put(*filter.decider);
      parameters.put(filter.limit);
    };
    return rows<JournalEntry>(ledger_queries::trades(filter), bind, [](Columns& columns) -> StoreResult<JournalEntry> { return columns.get<JournalEntry>(); });
  }

  StoreResult<std::vector<DenialRow>> denials(std::uint32_t limit) override {
    return rows<DenialRow>(
        ledger_queries::denials(), [&](Parameters& parameters) { parameters.put(limit); },
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
    PROM_TRY(auto found, rows<DecisionRecord>(ledger_queries::decision(), [&](Parameters& parameters) { parameters.put(id); }, read_decision));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }
  StoreResult<std::vector<DecisionRecord>> decisions(std::optional<PairIx> pair, std::uint32_t limit) override {
    const auto bind = [&](Parameters& parameters) {
      if (pair) parameters.put(*pair);
      parameters.put(limit);
    };
    return rows<DecisionRecord>(ledger_queries::decisions(pair ? DecisionFilter::by_pair : DecisionFilter::none), bind, read_decision);
  }
  StoreResult<std::vector<RiskStateRow>> risk_states() override { return flat<RiskStateRow>(ledger_queries::risk_states()); }
  StoreResult<std::vector<ToolStat>> tool_stats(const ToolStatFilter& filter) override {
    const auto bind = [&](Parameters& parameters) {
      if (filter.tool) parameters.put(*filter.tool);
      parameters.put(filter.since.value_or(TimeNs{INT64_MIN}));
    };
    return rows<ToolStat>(ledger_queries::tool_stats(filter.tool ? ToolFilter::by_tool : ToolFilter::none), bind,
                          [](Columns& columns) -> StoreResult<ToolStat> { return columns.get<ToolStat>(); });
  }
  StoreResult<std::vector<Memory>> memories() override {
    return rows<Memory>(
        ledger_queries::memories(), [](Parameters&) {},
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
  /// Counts the decisions of a ledger that an earlier program wrote, beside no projection.
  StoreResult<void> settle_tool_stats(PgConnection& connection) const {
    PROM_TRY(const Rows owed, connection.ask("SELECT 1 FROM tool_stats_owed"));
    if (owed.empty()) return {};
    PROM_CHECK_OK(connection.begin());
    PROM_CHECK_OK(applied(connection, ledger_queries::applied_seq_locked()));
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
    PROM_TRY(std::uint64_t seq, applied(connection, ledger_queries::applied_seq_locked()));
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
      auto seq = applied(*connection, ledger_queries::applied_seq_locked());
      connection->roll_back();
      return seq;
    };
    const auto stored = writer_.checked(ask());
    if (stored && *stored >= last) return {};
    const std::string why = stored ? "the commit was lost" : "whether the commit was done cannot be asked now: " + stored.error().detail;
    // Either way the same frames may be given again: what is stored is skipped.
    return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "ledger: " + why, ""});
  }

  template <class Row>
  StoreResult<std::vector<Row>> flat(const std::string& sql, std::optional<AccountIx> account = std::nullopt,
                                     std::optional<std::uint32_t> limit = std::nullopt) {
    return rows<Row>(sql, binding(account, limit), [](Columns& columns) -> StoreResult<Row> { return columns.get<Row>(); });
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
