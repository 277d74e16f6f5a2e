// A row an event: a recording of four million takes about 200 MB. A put looks for overlaps, takes away what it replaces and adds its rows in one transaction.
#include "adapters/stores/sqlite_market/tape_store.h"

#include <algorithm>
#include <utility>

#include "adapters/stores/sqlite_market/market_database.h"

namespace prom {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Step;
using sqlite::Transaction;

constexpr std::size_t kLargeBatch = 100'000;
constexpr std::string_view kColumns = "sha256, instrument, first_ns, last_ns, known_ns, events, trades, tells_trades, tells_book, origin";

RecordingInfo info_at(const Statement& row) {
  RecordingInfo out;
  out.sha256 = row.column_text(0);
  out.instrument = row.column_text(1);
  out.first = TimeNs{row.column_int(2)};
  out.last = TimeNs{row.column_int(3)};
  out.known = TimeNs{row.column_int(4)};
  out.events = static_cast<std::uint64_t>(row.column_int(5));
  out.trades = static_cast<std::uint64_t>(row.column_int(6));
  out.tells_trades = row.column_int(7) != 0;
  out.tells_book = row.column_int(8) != 0;
  out.origin = row.column_text(9);
  return out;
}

class Store final : public TapeStore {
 public:
  explicit Store(Database database) : db_(std::move(database)) {}
  StoreResult<void> put(const Tape& tape, const std::string& origin, OverlapRule rule) override;
  StoreResult<std::vector<RecordingInfo>> recordings() override;
  StoreResult<Tape> load(const std::string& sha256) override;

 private:
  StoreResult<void> insert(const RecordingInfo& info, const std::vector<TapeEvent>& events);
  Database db_;
};

StoreResult<void> Store::put(const Tape& tape, const std::string& origin, OverlapRule rule) {
  if (const auto fault = fault_of(tape)) return err(unsound_error(tape, *fault));
  const RecordingInfo info = info_of(tape, origin);
  PROM_TRY(Transaction transaction, Transaction::begin(db_));
  PROM_TRY(const std::vector<RecordingInfo> stored, recordings());
  if (std::ranges::any_of(stored, [&](const RecordingInfo& one) { return one.sha256 == info.sha256; })) return {};
  for (const RecordingInfo& one : stored) {
    if (!overlap(info, one)) continue;
    if (rule == OverlapRule::refuse) return err(overlap_error(info, one));
    PROM_TRY(Statement remove, db_.prepare("DELETE FROM recordings WHERE sha256=?1"));
    PROM_CHECK_OK(remove.bind(1, one.sha256).run());
  }
  PROM_CHECK_OK(insert(info, tape.events));
  PROM_CHECK_OK(transaction.commit());
  // A large import leaves a large log behind; a reader in the way only postpones its shortening.
  if (tape.events.size() >= kLargeBatch) {
    [[maybe_unused]] const auto shortened = db_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  return {};
}

StoreResult<void> Store::insert(const RecordingInfo& info, const std::vector<TapeEvent>& events) {
  PROM_TRY(Statement head, db_.prepare("INSERT INTO recordings(" + std::string(kColumns) + ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"));
  head.bind(1, info.sha256).bind(2, info.instrument).bind(3, info.first.ns).bind(4, info.last.ns).bind(5, info.known.ns);
  head.bind(6, static_cast<std::int64_t>(info.events)).bind(7, static_cast<std::int64_t>(info.trades));
  head.bind(8, std::int64_t{info.tells_trades}).bind(9, std::int64_t{info.tells_book}).bind(10, info.origin);
  PROM_CHECK_OK(head.run());
  const std::int64_t id = db_.last_insert_id();
  PROM_TRY(Statement row, db_.prepare("INSERT INTO recorded_events(recording_id, number, time_ns, late_ns, kind, side, price, quantity) "
                                      "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TapeEvent& e = events[i];
    row.bind(1, id).bind(2, static_cast<std::int64_t>(i)).bind(3, e.time.ns).bind(4, e.late.ns);
    row.bind(5, static_cast<std::int64_t>(e.kind)).bind(6, static_cast<std::int64_t>(e.side)).bind(7, e.price).bind(8, e.quantity);
    PROM_CHECK_OK(row.run());
  }
  return {};
}

StoreResult<std::vector<RecordingInfo>> Store::recordings() {
  PROM_TRY(Statement select, db_.prepare("SELECT " + std::string(kColumns) + " FROM recordings ORDER BY instrument, first_ns, sha256"));
  std::vector<RecordingInfo> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    out.push_back(info_at(select));
  }
}

StoreResult<Tape> Store::load(const std::string& sha256) {
  PROM_TRY(Transaction transaction, Transaction::begin(db_, sqlite::Lock::read));
  PROM_TRY(Statement head, db_.prepare("SELECT " + std::string(kColumns) + ", id FROM recordings WHERE sha256=?1"));
  PROM_TRY(const Step found, head.bind(1, sha256).step());
  if (found == Step::done) return err(StoreError{StoreErrorKind::not_found, Retry::never, "no recording " + sha256 + " in the market store", ""});
  const RecordingInfo info = info_at(head);
  Tape out{.instrument = info.instrument, .source = "recording " + info.origin, .tells_trades = info.tells_trades, .tells_book = info.tells_book, .events = {}};
  out.events.reserve(std::min<std::size_t>(info.events, kMaxTapeEvents));
  PROM_TRY(Statement select, db_.prepare("SELECT time_ns, late_ns, kind, side, price, quantity FROM recorded_events WHERE recording_id=?1 ORDER BY number"));
  select.bind(1, head.column_int(10));
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) break;
    out.events.push_back({TimeNs{select.column_int(0)}, static_cast<TapeKind>(select.column_int(2)), static_cast<BookHalf>(select.column_int(3)),
                          select.column_double(4), select.column_double(5), DurationNs{select.column_int(1)}});
  }
  head.reset();
  PROM_CHECK_OK(transaction.commit());
  return out;
}

}  // namespace

StoreResult<std::unique_ptr<TapeStore>> open_sqlite_tape_store(const std::string& path, const SqliteMarketOptions& options) {
  PROM_TRY(Database database, market_rows::open_market_database(path, options));
  return std::unique_ptr<TapeStore>(std::make_unique<Store>(std::move(database)));
}

}  // namespace prom
