// Rows are only ever added. What a put says is held against the last saying known by its own available_at, so that a feed fetched again adds nothing.
#include "adapters/stores/sqlite_market/observation_store.h"

#include <algorithm>
#include <utility>

#include "adapters/stores/sqlite_market/market_database.h"

namespace prom {
namespace {

using sqlite::Database;
using sqlite::Statement;
using sqlite::Step;
using sqlite::Transaction;

Statement& bind_identity(Statement& statement, const Observation& o) {
  return statement.bind(1, o.series).bind(2, o.subject).bind(3, o.source).bind(4, o.event_time.ns).bind(5, o.id).bind(6, o.available_at.ns);
}

class SqliteObservationStore final : public ObservationStore {
 public:
  explicit SqliteObservationStore(Database database) : db_(std::move(database)) {}
  StoreResult<std::size_t> put(std::span<const Observation> observations) override;
  StoreResult<std::vector<Observation>> load(TimeNs from, TimeNs as_of, std::size_t limit) override;

 private:
  Database db_;
};

StoreResult<std::size_t> SqliteObservationStore::put(std::span<const Observation> observations) {
  for (const Observation& o : observations) {
    if (const auto fault = fault_of(o)) return err(StoreError{StoreErrorKind::bad_argument, Retry::never, o.series + " of " + o.source + ": " + *fault, ""});
  }
  PROM_TRY(Transaction transaction, Transaction::begin(db_));
  std::size_t kept = 0;
  {
    PROM_TRY(Statement last, db_.prepare("SELECT available_ns, value, text FROM observations WHERE series=?1 AND subject=?2 AND source=?3 AND event_ns=?4 "
                                         "AND id=?5 AND available_ns<=?6 ORDER BY available_ns DESC LIMIT 1"));
    PROM_TRY(Statement insert, db_.prepare("INSERT INTO observations(series, subject, source, event_ns, id, available_ns, trust, value, text) "
                                           "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
    for (const Observation& o : observations) {
      PROM_TRY(const Step step, bind_identity(last, o).step());
      if (step == Step::row) {
        const std::optional<double> value = last.column_is_null(1) ? std::nullopt : std::optional(last.column_double(1));
        const bool same = value == o.value && last.column_text(2) == o.text;
        const bool same_instant = last.column_int(0) == o.available_at.ns;
        if (!same && same_instant) {
          return err(StoreError{StoreErrorKind::conflict, Retry::never,
                                o.series + " " + o.subject + " of " + o.source + " at " + format_rfc3339(o.event_time) + " was known otherwise at that instant",
                                "give a revision the time at which it became known"});
        }
        if (same) {
          last.reset();
          continue;
        }
      }
      last.reset();
      bind_identity(insert, o).bind(7, static_cast<std::int64_t>(o.trust));
      if (o.value) insert.bind(8, *o.value);
      PROM_CHECK_OK(insert.bind(9, o.text).run());
      ++kept;
    }
  }
  PROM_CHECK_OK(transaction.commit());
  return kept;
}

StoreResult<std::vector<Observation>> SqliteObservationStore::load(TimeNs from, TimeNs as_of, std::size_t limit) {
  PROM_TRY(Statement select, db_.prepare("SELECT series, subject, source, id, event_ns, available_ns, trust, value, text FROM observations "
                                         "WHERE event_ns>=?1 AND available_ns<=?2 ORDER BY available_ns DESC, series DESC, subject DESC, source DESC, "
                                         "event_ns DESC, id DESC LIMIT ?3"));
  select.bind(1, from.ns).bind(2, as_of.ns).bind(3, static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)));
  std::vector<Observation> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) break;
    Observation o;
    o.series = select.column_text(0);
    o.subject = select.column_text(1);
    o.source = select.column_text(2);
    o.id = select.column_text(3);
    o.event_time = TimeNs{select.column_int(4)};
    o.available_at = TimeNs{select.column_int(5)};
    o.trust = static_cast<TrustTier>(select.column_int(6));
    if (!select.column_is_null(7)) o.value = select.column_double(7);
    o.text = select.column_text(8);
    out.push_back(std::move(o));
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace

StoreResult<std::unique_ptr<ObservationStore>> open_sqlite_observation_store(const std::string& path, const SqliteMarketOptions& options) {
  PROM_TRY(Database database, market_rows::open_market_database(path, options));
  return std::unique_ptr<ObservationStore>(std::make_unique<SqliteObservationStore>(std::move(database)));
}

}  // namespace prom
