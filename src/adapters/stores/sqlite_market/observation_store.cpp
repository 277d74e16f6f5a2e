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

constexpr std::string_view kColumns = "series, subject, source, id, event_ns, available_ns, trust, value, text";

std::int64_t whole(std::size_t limit) { return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX)); }

/// Of a row of kColumns.
Observation observation_at(const Statement& row) {
  Observation o;
  o.series = row.column_text(0);
  o.subject = row.column_text(1);
  o.source = row.column_text(2);
  o.id = row.column_text(3);
  o.event_time = TimeNs{row.column_int(4)};
  o.available_at = TimeNs{row.column_int(5)};
  o.trust = static_cast<TrustTier>(row.column_int(6));
  if (!row.column_is_null(7)) o.value = row.column_double(7);
  o.text = row.column_text(8);
  return o;
}

class Store final : public SqliteObservationStore {
 public:
  explicit Store(Database database) : db_(std::move(database)) {}
  StoreResult<std::size_t> put(std::span<const Observation> observations) override;
  StoreResult<std::vector<Observation>> load(const ObservationLoad& what) override;
  StoreResult<std::vector<std::string>> kept_series() override;
  StoreResult<std::vector<ObservationCount>> counts(std::size_t limit) override;
  StoreResult<TimeNs> copied(const std::string& place) override;
  StoreResult<void> set_copied(const std::string& place, TimeNs until) override;
  StoreResult<void> known_after(TimeNs after, const std::function<bool(const Observation&)>& take) override;

 private:
  Database db_;
};

StoreResult<std::size_t> Store::put(std::span<const Observation> observations) {
  for (const Observation& o : observations) {
    if (const auto fault = fault_of(o)) return err(StoreError{StoreErrorKind::bad_argument, Retry::never, o.series + " of " + o.source + ": " + *fault, ""});
  }
  PROM_TRY(Transaction transaction, Transaction::begin(db_));
  std::size_t kept = 0;
  TimeNs earliest{INT64_MAX};
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
      earliest = std::min(earliest, o.available_at);
      ++kept;
    }
  }
  if (kept > 0) {
    PROM_TRY(Statement back, db_.prepare("UPDATE observation_copies SET until_ns=?1 WHERE until_ns>?1"));
    PROM_CHECK_OK(back.bind(1, earliest.ns - 1).run());
  }
  PROM_CHECK_OK(transaction.commit());
  return kept;
}

StoreResult<std::vector<Observation>> Store::load(const ObservationLoad& what) {
  const std::string_view one_series = what.series.empty() ? "" : " AND series=?4";
  PROM_TRY(Statement select,
           db_.prepare("SELECT " + std::string(kColumns) + " FROM observations WHERE event_ns>=?1 AND available_ns<=?2" + std::string(one_series) +
                       " ORDER BY available_ns DESC, series DESC, subject DESC, source DESC, event_ns DESC, id DESC LIMIT ?3"));
  select.bind(1, what.from.ns).bind(2, what.as_of.ns).bind(3, whole(what.limit));
  if (!one_series.empty()) select.bind(4, what.series);
  std::vector<Observation> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) break;
    out.push_back(observation_at(select));
  }
  std::ranges::reverse(out);
  return out;
}

StoreResult<std::vector<std::string>> Store::kept_series() {
  // Each step seeks the next name in the primary key: DISTINCT would read every row.
  PROM_TRY(Statement select, db_.prepare("WITH RECURSIVE kept(name) AS (SELECT min(series) FROM observations UNION ALL SELECT (SELECT min(series) FROM "
                                         "observations WHERE series>kept.name) FROM kept WHERE kept.name IS NOT NULL) SELECT name FROM kept WHERE name IS NOT "
                                         "NULL ORDER BY name"));
  std::vector<std::string> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    out.emplace_back(select.column_text(0));
  }
}

StoreResult<std::vector<ObservationCount>> Store::counts(std::size_t limit) {
  PROM_TRY(Statement select, db_.prepare("SELECT series, subject, source, said, event, known FROM (SELECT series, subject, source, count(*) AS said, "
                                         "max(event_ns) AS event, max(available_ns) AS known, row_number() OVER (PARTITION BY series ORDER BY "
                                         "max(available_ns) DESC, subject, source) AS place FROM observations GROUP BY series, subject, source) "
                                         "WHERE place<=?1 ORDER BY series, subject, source"));
  select.bind(1, whole(limit));
  std::vector<ObservationCount> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    out.push_back({std::string(select.column_text(0)), std::string(select.column_text(1)), std::string(select.column_text(2)), select.column_int(3),
                   TimeNs{select.column_int(4)}, TimeNs{select.column_int(5)}});
  }
}

StoreResult<TimeNs> Store::copied(const std::string& place) {
  PROM_TRY(Statement select, db_.prepare("SELECT until_ns FROM observation_copies WHERE place=?1"));
  PROM_TRY(const Step step, select.bind(1, place).step());
  return TimeNs{step == Step::row ? select.column_int(0) : INT64_MIN};
}

StoreResult<void> Store::set_copied(const std::string& place, TimeNs until) {
  PROM_TRY(Statement set, db_.prepare("INSERT INTO observation_copies(place, until_ns) VALUES(?1,?2) ON CONFLICT(place) DO UPDATE SET until_ns=?2"));
  PROM_CHECK_OK(set.bind(1, place).bind(2, until.ns).run());
  return {};
}

StoreResult<void> Store::known_after(TimeNs after, const std::function<bool(const Observation&)>& take) {
  PROM_TRY(Statement select, db_.prepare("SELECT " + std::string(kColumns) + " FROM observations WHERE available_ns>?1 ORDER BY available_ns"));
  select.bind(1, after.ns);
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done || !take(observation_at(select))) return {};
  }
}

}  // namespace

StoreResult<std::unique_ptr<SqliteObservationStore>> open_sqlite_observation_store(const std::string& path, const SqliteMarketOptions& options) {
  PROM_TRY(Database database, market_rows::open_market_database(path, options));
  return std::unique_ptr<SqliteObservationStore>(std::make_unique<Store>(std::move(database)));
}

}  // namespace prom
