// Rows in and out of the market database.
#include "adapters/stores/sqlite_market/market_store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/stores/market_rows/market_rows.h"
#include "adapters/stores/sqlite_market/market_database.h"
#include "base/time.h"
#include "io/sqlite/database.h"

namespace prom {
namespace {

using market_rows::kMsNs;
using sqlite::Database;
using sqlite::Statement;
using sqlite::Step;
using sqlite::Transaction;

constexpr std::size_t kLargeBatch = 100'000;

struct SeriesRow {
  std::int64_t id = 0;
  int price_digits = 0;
  int quantity_digits = 0;
  std::uint64_t bars = 0;
  std::string origin;
};

class SqliteMarketStore final : public MarketStore {
 public:
  explicit SqliteMarketStore(Database database) : db_(std::move(database)) {}

  StoreResult<void> put_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) override;
  StoreResult<BarColumns> bars(const SeriesKey& key, TimeNs from, TimeNs to, std::uint64_t limit) override;
  StoreResult<std::vector<SeriesInfo>> series() override;
  StoreResult<void> put_funding(const std::string& instrument, const std::vector<FundingRow>& rows) override;
  StoreResult<std::vector<FundingRow>> funding(const std::string& instrument, TimeNs from, TimeNs to) override;
  StoreResult<std::vector<FundingInfo>> funding_held() override;

 private:
  /// A statement prepared once; every caller resets it before use.
  StoreResult<Statement*> prepared(std::optional<Statement>& slot, std::string_view sql);
  StoreResult<std::optional<SeriesRow>> find_series(const SeriesKey& key);
  StoreResult<SeriesRow> series_for_put(const SeriesKey& key, const BarColumns& bars, const std::string& origin);
  StoreResult<void> rescale_stored(const SeriesRow& row, int price_digits, int quantity_digits);
  StoreResult<void> insert_rows(std::int64_t series_id, const BarColumns& bars);
  StoreResult<std::int64_t> count_between(std::int64_t series_id, std::int64_t first_ms, std::int64_t last_ms);

  Database db_;
  std::optional<Statement> find_series_, select_bars_;
};

StoreResult<Statement*> SqliteMarketStore::prepared(std::optional<Statement>& slot, std::string_view sql) {
  if (slot) {
    slot->reset();
  } else {
    PROM_TRY(slot, db_.prepare(sql));
  }
  return &*slot;
}

StoreResult<std::optional<SeriesRow>> SqliteMarketStore::find_series(const SeriesKey& key) {
  PROM_TRY(Statement * find,
           prepared(find_series_, "SELECT id, price_digits, quantity_digits, bars, origin FROM series WHERE instrument=?1 AND interval_ns=?2"));
  PROM_TRY(const Step step, find->bind(1, key.instrument).bind(2, key.interval.ns).step());
  std::optional<SeriesRow> out;
  if (step == Step::row) {
    out = SeriesRow{find->column_int(0), static_cast<int>(find->column_int(1)), static_cast<int>(find->column_int(2)),
                    static_cast<std::uint64_t>(find->column_int(3)), std::string(find->column_text(4))};
  }
  find->reset();
  return out;
}

StoreResult<void> SqliteMarketStore::rescale_stored(const SeriesRow& row, int price_digits, int quantity_digits) {
  const std::int64_t price = detail::kPow10[price_digits - row.price_digits];
  const std::int64_t quantity = detail::kPow10[quantity_digits - row.quantity_digits];
  // SQLite turns an overflowing product into a double, which the STRICT column refuses: the transaction fails whole.
  PROM_TRY(Statement update, db_.prepare("UPDATE bars SET open=open*?2, high=high*?2, low=low*?2, close=close*?2, volume=volume*?3, taker_buy=taker_buy*?3 "
                                         "WHERE series_id=?1"));
  PROM_CHECK_OK(update.bind(1, row.id).bind(2, price).bind(3, quantity).run());
  PROM_TRY(Statement digits, db_.prepare("UPDATE series SET price_digits=?2, quantity_digits=?3 WHERE id=?1"));
  PROM_CHECK_OK(digits.bind(1, row.id).bind(2, static_cast<std::int64_t>(price_digits)).bind(3, static_cast<std::int64_t>(quantity_digits)).run());
  return {};
}

StoreResult<SeriesRow> SqliteMarketStore::series_for_put(const SeriesKey& key, const BarColumns& bars, const std::string& origin) {
  PROM_TRY(std::optional<SeriesRow> found, find_series(key));
  if (!found) {
    PROM_TRY(Statement insert, db_.prepare("INSERT INTO series(instrument, interval_ns, price_digits, quantity_digits, origin) VALUES(?1,?2,?3,?4,?5)"));
    PROM_CHECK_OK(insert.bind(1, key.instrument)
                      .bind(2, key.interval.ns)
                      .bind(3, static_cast<std::int64_t>(bars.price_digits))
                      .bind(4, static_cast<std::int64_t>(bars.quantity_digits))
                      .bind(5, origin)
                      .run());
    return SeriesRow{db_.last_insert_id(), bars.price_digits, bars.quantity_digits, 0, origin};
  }
  const int price_digits = std::max(found->price_digits, bars.price_digits);
  const int quantity_digits = std::max(found->quantity_digits, bars.quantity_digits);
  if (price_digits != found->price_digits || quantity_digits != found->quantity_digits) {
    PROM_CHECK_OK(rescale_stored(*found, price_digits, quantity_digits));
    found->price_digits = price_digits;
    found->quantity_digits = quantity_digits;
  }
  // An origin that is already listed is not listed again.
  if (found->origin.find(origin) == std::string::npos) found->origin += (found->origin.empty() ? "" : "\n") + origin;
  return *found;
}

StoreResult<std::int64_t> SqliteMarketStore::count_between(std::int64_t series_id, std::int64_t first_ms, std::int64_t last_ms) {
  PROM_TRY(Statement count, db_.prepare("SELECT count(*) FROM bars WHERE series_id=?1 AND open_ms BETWEEN ?2 AND ?3"));
  PROM_TRY(const Step step, count.bind(1, series_id).bind(2, first_ms).bind(3, last_ms).step());
  return step == Step::row ? count.column_int(0) : 0;
}

StoreResult<void> SqliteMarketStore::insert_rows(std::int64_t series_id, const BarColumns& bars) {
  PROM_TRY(Statement insert,
           db_.prepare("INSERT OR REPLACE INTO bars(series_id, open_ms, open, high, low, close, volume, taker_buy) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
  const bool taker = !bars.taker_buy_volume.empty();
  for (std::size_t i = 0; i < bars.size(); ++i) {
    insert.bind(1, series_id).bind(2, bars.open_time_ns[i] / kMsNs).bind(3, bars.open[i]).bind(4, bars.high[i]).bind(5, bars.low[i]);
    insert.bind(6, bars.close[i]).bind(7, bars.volume[i]);
    if (taker) insert.bind(8, bars.taker_buy_volume[i]);
    PROM_CHECK_OK(insert.run());
  }
  return {};
}

StoreResult<void> SqliteMarketStore::put_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) {
  PROM_CHECK_OK(market_rows::check(key, bars));
  if (bars.empty()) return {};
  PROM_TRY(Transaction transaction, Transaction::begin(db_));
  PROM_TRY(const SeriesRow row, series_for_put(key, bars, origin));
  const std::int64_t first = bars.open_time_ns.front() / kMsNs;
  const std::int64_t last = bars.open_time_ns.back() / kMsNs;
  PROM_TRY(const std::int64_t before, count_between(row.id, first, last));
  if (row.price_digits == bars.price_digits && row.quantity_digits == bars.quantity_digits) {
    PROM_CHECK_OK(insert_rows(row.id, bars));
  } else {
    PROM_TRY(const BarColumns scaled, market_rows::at_digits(bars, row.price_digits, row.quantity_digits));
    PROM_CHECK_OK(insert_rows(row.id, scaled));
  }
  PROM_TRY(const std::int64_t after, count_between(row.id, first, last));
  {
    PROM_TRY(Statement update, db_.prepare("UPDATE series SET bars=bars+?2, origin=?3 WHERE id=?1"));
    PROM_CHECK_OK(update.bind(1, row.id).bind(2, after - before).bind(3, row.origin).run());
  }
  PROM_CHECK_OK(transaction.commit());
  // A large import leaves a large log behind; a reader in the way only postpones its shortening.
  if (bars.size() >= kLargeBatch) (void)db_.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return {};
}

StoreResult<BarColumns> SqliteMarketStore::bars(const SeriesKey& key, TimeNs from, TimeNs to, std::uint64_t limit) {
  // Series and rows are read in one transaction: a put that moves the scale in between would otherwise mix two scales.
  PROM_TRY(Transaction transaction, Transaction::begin(db_, sqlite::Lock::read));
  PROM_TRY(const std::optional<SeriesRow> row, find_series(key));
  if (!row) {
    return err(StoreError{StoreErrorKind::not_found, Retry::never,
                          "no bars of " + key.instrument + " " + format_interval(key.interval) + " in the market store",
                          "bring them in with `promtrade data import`"});
  }
  BarColumns out;
  out.price_digits = row->price_digits;
  out.quantity_digits = row->quantity_digits;
  out.interval = key.interval;
  const std::uint64_t most = std::min({limit, row->bars, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())});
  bool taker = true;
  if (most > 0 && from < to) {
    for (auto* column : {&out.open_time_ns, &out.open, &out.high, &out.low, &out.close, &out.volume, &out.taker_buy_volume}) column->reserve(most);
    PROM_TRY(Statement * select, prepared(select_bars_,
                                          "SELECT open_ms, open, high, low, close, volume, taker_buy FROM bars "
                                          "WHERE series_id=?1 AND open_ms>=?2 AND open_ms<?3 ORDER BY open_ms DESC LIMIT ?4"));
    select->bind(1, row->id).bind(2, market_rows::ceil_ms(from)).bind(3, market_rows::ceil_ms(to)).bind(4, static_cast<std::int64_t>(most));
    for (;;) {
      PROM_TRY(const Step step, select->step());
      if (step == Step::done) break;
      out.open_time_ns.push_back(select->column_int(0) * kMsNs);
      out.open.push_back(select->column_int(1));
      out.high.push_back(select->column_int(2));
      out.low.push_back(select->column_int(3));
      out.close.push_back(select->column_int(4));
      out.volume.push_back(select->column_int(5));
      out.taker_buy_volume.push_back(select->column_int(6));
      taker = taker && !select->column_is_null(6);
    }
    select->reset();
    for (auto* column : {&out.open_time_ns, &out.open, &out.high, &out.low, &out.close, &out.volume, &out.taker_buy_volume}) std::ranges::reverse(*column);
  }
  PROM_CHECK_OK(transaction.commit());
  if (!taker) out.taker_buy_volume.clear();
  out.make_floats();
  return out;
}

StoreResult<std::vector<SeriesInfo>> SqliteMarketStore::series() {
  PROM_TRY(Statement select, db_.prepare("SELECT instrument, interval_ns, price_digits, quantity_digits, bars, origin,"
                                         " (SELECT min(open_ms) FROM bars WHERE series_id=id), (SELECT max(open_ms) FROM bars WHERE series_id=id)"
                                         " FROM series ORDER BY instrument, interval_ns"));
  std::vector<SeriesInfo> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    SeriesInfo row;
    row.key = {std::string(select.column_text(0)), DurationNs{select.column_int(1)}};
    row.price_digits = static_cast<int>(select.column_int(2));
    row.quantity_digits = static_cast<int>(select.column_int(3));
    row.bars = static_cast<std::uint64_t>(select.column_int(4));
    row.origin = std::string(select.column_text(5));
    row.first = TimeNs{select.column_int(6) * kMsNs};
    row.last = TimeNs{select.column_int(7) * kMsNs};
    out.push_back(std::move(row));
  }
}

StoreResult<void> SqliteMarketStore::put_funding(const std::string& instrument, const std::vector<FundingRow>& rows) {
  PROM_TRY(Transaction transaction, Transaction::begin(db_));
  PROM_TRY(Statement insert, db_.prepare("INSERT OR REPLACE INTO funding(instrument, time_ms, rate) VALUES(?1,?2,?3)"));
  for (const FundingRow& row : rows) {
    const auto rate = row.rate.to_units(Decimal::kDigits, Round::half_even);
    if (!rate || row.rate.abs() > kDecimalOne || row.time.ns % kMsNs != 0) {
      return err(StoreError{StoreErrorKind::bad_argument, Retry::never,
                            instrument + ": funding " + row.rate.to_string() + " at " + format_rfc3339(row.time) + " is not sound", ""});
    }
    PROM_CHECK_OK(insert.bind(1, instrument).bind(2, row.time.ns / kMsNs).bind(3, *rate).run());
  }
  PROM_CHECK_OK(transaction.commit());
  return {};
}

StoreResult<std::vector<FundingRow>> SqliteMarketStore::funding(const std::string& instrument, TimeNs from, TimeNs to) {
  PROM_TRY(Statement select, db_.prepare("SELECT time_ms, rate FROM funding WHERE instrument=?1 AND time_ms>=?2 AND time_ms<?3 ORDER BY time_ms"));
  select.bind(1, instrument).bind(2, market_rows::ceil_ms(from)).bind(3, market_rows::ceil_ms(to));
  std::vector<FundingRow> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    out.push_back({TimeNs{select.column_int(0) * kMsNs}, Decimal::from_units(select.column_int(1), Decimal::kDigits)});
  }
}

StoreResult<std::vector<FundingInfo>> SqliteMarketStore::funding_held() {
  PROM_TRY(Statement select, db_.prepare("SELECT instrument, count(*), min(time_ms), max(time_ms) FROM funding GROUP BY instrument ORDER BY instrument"));
  std::vector<FundingInfo> out;
  for (;;) {
    PROM_TRY(const Step step, select.step());
    if (step == Step::done) return out;
    out.push_back({std::string(select.column_text(0)), static_cast<std::uint64_t>(select.column_int(1)), TimeNs{select.column_int(2) * kMsNs},
                   TimeNs{select.column_int(3) * kMsNs}});
  }
}

}  // namespace

StoreResult<std::unique_ptr<MarketStore>> open_sqlite_market_store(const std::string& path, const SqliteMarketOptions& options) {
  PROM_TRY(Database database, market_rows::open_market_database(path, options));
  return std::unique_ptr<MarketStore>(std::make_unique<SqliteMarketStore>(std::move(database)));
}

}  // namespace prom
