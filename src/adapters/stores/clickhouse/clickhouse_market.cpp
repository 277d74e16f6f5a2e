// See the header. Rows keep the digits that they came with; a reader brings them to the finest of the series, so a finer put rewrites nothing.
#include "adapters/stores/clickhouse/clickhouse_market.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <utility>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_migrate.h"
#include "adapters/stores/clickhouse/row_binary.h"
#include "adapters/stores/market_rows/market_rows.h"
#include "base/time.h"

namespace prom {
namespace {

using clickhouse::Link;
using clickhouse::Named;
using clickhouse::RowReader;
using clickhouse::RowWriter;
using market_rows::kMsNs;

constexpr std::size_t kOnePart = 1'000'000;            // rows that the server is asked to keep in one block
constexpr std::int64_t kLastMs = 9'000'000'000'000;    // year 2255: DateTime64 and TimeNs both hold it
constexpr std::int64_t kFirstMs = -2'208'988'800'000;  // 1900: the first of DateTime64
constexpr std::int64_t kLongStretch = 1'000'000;       // bars; beyond, a whole series is asked for at once
// What a reader knows of a series goes stale without harm: a newer bar is read all the same, and a finer one brings its own digits.
constexpr std::chrono::seconds kTrusted{60};
constexpr std::size_t kMostKnown = 10'000;  // series
constexpr std::string_view kVisible = "(put = 0 OR put IN (SELECT put FROM ohlcv_puts))";
constexpr std::string_view kRollUps = "[300000, 900000, 3600000, 14400000, 86400000]";

struct Digits {
  std::uint64_t rows = 0;    ///< 0: no such series
  std::int64_t last_ms = 0;  ///< opening time of the newest bar, or of one before it
  int price = 0;
  int quantity = 0;
};

StoreError bad(std::string detail) { return {StoreErrorKind::bad_argument, Retry::never, std::move(detail), ""}; }
StoreError unreadable(std::string_view what) {
  return {StoreErrorKind::corrupt, Retry::never, "the market store's answer about " + std::string(what) + " cannot be read", ""};
}
std::int64_t in_range_ms(TimeNs time) { return std::clamp(market_rows::ceil_ms(time), kFirstMs, kLastMs); }
std::string clamped_ms(TimeNs time) { return std::to_string(in_range_ms(time)); }

/// Opening times [from, to) in ms.
struct Stretch {
  std::int64_t from = 0, to = 0;
};
std::int64_t month_of(std::int64_t time_ns) {
  const std::string text = format_rfc3339(TimeNs{time_ns});  // YYYY-MM-...
  return std::stoll(text.substr(0, 4)) * 12 + std::stoll(text.substr(5, 2));
}

std::uint64_t new_put() {
  std::random_device source;
  return (std::uint64_t{source()} << 32 | source()) | 1;  // never 0
}

Named series_parameters(const std::string& instrument, DurationNs interval) {
  return {{"instrument", instrument}, {"interval", std::to_string(interval.ns / kMsNs)}};
}

class Store final : public ClickHouseMarketStore {
 public:
  explicit Store(Link link) : link_(std::move(link)) {}
  StoreResult<void> put_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) override;
  StoreResult<BarColumns> bars(const SeriesKey& key, TimeNs from, TimeNs to, std::uint64_t limit) override;
  StoreResult<std::vector<SeriesInfo>> series() override;
  StoreResult<void> put_funding(const std::string& instrument, const std::vector<FundingRow>& rows) override;
  StoreResult<std::vector<FundingRow>> funding(const std::string& instrument, TimeNs from, TimeNs to) override;
  StoreResult<std::vector<FundingInfo>> funding_held() override;
  StoreResult<BarColumns> rolled_up(const std::string& instrument, DurationNs interval, TimeNs from, TimeNs to, std::uint64_t limit) override;
  StoreResult<void> roll_up(const std::string& instrument, TimeNs first, TimeNs last) override;

 private:
  StoreResult<Digits> digits_of(const std::string& instrument, DurationNs interval);
  /// The same as it was up to kTrusted ago: a statement less for whoever reads one series again and again.
  StoreResult<Digits> lately(const SeriesKey& key);
  StoreResult<BarColumns> bars_of(const SeriesKey& key, const Stretch& whole, std::uint64_t limit, const Digits& digits);
  /// The newest `limit` bars within.
  StoreResult<BarColumns> newest_of(const SeriesKey& key, const Stretch& stretch, std::uint64_t limit, const Digits& digits);
  StoreResult<void> check_scales_meet(const SeriesKey& key, const BarColumns& bars);
  StoreResult<void> insert_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin);
  struct Known {
    Digits digits;
    std::chrono::steady_clock::time_point until;
  };
  Link link_;
  std::map<std::pair<std::string, std::int64_t>, Known> known_;  ///< by instrument and interval, at most kMostKnown
};

StoreResult<Digits> Store::digits_of(const std::string& instrument, DurationNs interval) {
  // The summary that the server keeps of each series, a few rows of it; ohlcv itself where that has none, which is quick for a series without bars. A summary may
  // lag behind a server that was killed between the two, until the batch is sent again: bars() takes `last_ms` for a guess, and read_bars the digits of its rows.
  for (const char* source : {"ohlcv_series", "ohlcv"}) {
    PROM_TRY(const std::string answer,
             link_.run("SELECT count(), max(price_digits), max(quantity_digits), toUnixTimestamp64Milli(max(open_time)) FROM " + std::string(source) +
                           " WHERE instrument = {instrument:String} AND interval_ms = {interval:UInt64} AND " + std::string(kVisible) + " FORMAT RowBinary",
                       series_parameters(instrument, interval)));
    RowReader row(answer);
    Digits out;
    out.rows = row.u64();
    out.price = row.u8();
    out.quantity = row.u8();
    out.last_ms = row.i64();
    if (row.broken() || !row.at_end()) return err(unreadable("a series"));
    if (out.rows != 0) return out;
  }
  return Digits{};
}

StoreResult<Digits> Store::lately(const SeriesKey& key) {
  const auto now = std::chrono::steady_clock::now();
  const std::pair name{key.instrument, key.interval.ns};
  if (const auto known = known_.find(name); known != known_.end() && now < known->second.until) return known->second.digits;
  PROM_TRY(const Digits digits, digits_of(key.instrument, key.interval));
  if (known_.size() >= kMostKnown) known_.clear();
  if (digits.rows != 0) known_[name] = {digits, now + kTrusted};
  return digits;
}

StoreResult<void> Store::check_scales_meet(const SeriesKey& key, const BarColumns& bars) {
  PROM_TRY(const Digits stored, digits_of(key.instrument, key.interval));
  if (stored.rows == 0) return {};
  const int price = std::max(stored.price, bars.price_digits);
  const int quantity = std::max(stored.quantity, bars.quantity_digits);
  if (price != bars.price_digits || quantity != bars.quantity_digits) PROM_CHECK_OK(market_rows::at_digits(bars, price, quantity));
  if (price == stored.price && quantity == stored.quantity) return {};
  // A finer put must not make what is stored unreadable.
  Named parameters = series_parameters(key.instrument, key.interval);
  parameters.emplace_back("price", std::to_string(price));
  parameters.emplace_back("quantity", std::to_string(quantity));
  PROM_TRY(const std::string answer, link_.run("SELECT max(toFloat64(high) * exp10({price:UInt8} - price_digits)) < 9e18 AND max(toFloat64(volume) * "
                                               "exp10({quantity:UInt8} - quantity_digits)) < 9e18 "
                                               "FROM ohlcv WHERE instrument = {instrument:String} AND interval_ms = {interval:UInt64} FORMAT RowBinary",
                                               parameters));
  if (answer == std::string(1, '\1')) return {};
  return err(StoreError{StoreErrorKind::conflict, Retry::never, "the stored bars of " + key.instrument + " do not fit the finer scale of these",
                        "import them with the instrument's own scale"});
}

StoreResult<void> Store::insert_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) {
  const bool one_part = bars.size() <= kOnePart && month_of(bars.open_time_ns.front()) == month_of(bars.open_time_ns.back());
  const std::uint64_t put = one_part ? 0 : new_put();
  std::string rows;
  clickhouse::append_bars(rows, key, bars, origin, put);
  PROM_CHECK_OK(link_.insert(clickhouse::kBarTable, clickhouse::kBarColumns, rows, "",
                             {{"max_insert_block_size", std::to_string(kOnePart + 1)}, {"max_partitions_per_insert_block", "0"}}));
  if (one_part) return {};
  std::string mark;
  RowWriter(mark).u64(put);
  return link_.insert("ohlcv_puts", "put", mark, "");
}

StoreResult<void> Store::put_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) {
  PROM_CHECK_OK(market_rows::check(key, bars));
  if (bars.empty()) return {};
  if (key.interval.ns % kMsNs != 0 || bars.open_time_ns.front() / kMsNs < kFirstMs || bars.open_time_ns.back() / kMsNs >= kLastMs)
    return err(bad(key.instrument + ": bars must lie between 1900 and 2255 and last whole milliseconds"));
  PROM_CHECK_OK(check_scales_meet(key, bars));
  known_.erase({key.instrument, key.interval.ns});
  PROM_CHECK_OK(insert_bars(key, bars, origin));
  if (key.interval != kMinute) return {};
  return roll_up(key.instrument, TimeNs{bars.open_time_ns.front()}, TimeNs{bars.open_time_ns.back()});
}

StoreResult<BarColumns> Store::bars(const SeriesKey& key, TimeNs from, TimeNs to, std::uint64_t limit) {
  const Stretch whole{in_range_ms(from), in_range_ms(to)};
  PROM_TRY(const Digits known, lately(key));
  if (known.rows != 0) {
    PROM_TRY(BarColumns found, bars_of(key, whole, limit, known));
    if (!found.empty()) return found;
  }
  // None within, or none any more.
  PROM_TRY(const Digits digits, digits_of(key.instrument, key.interval));
  if (digits.rows == 0) {
    known_.erase({key.instrument, key.interval.ns});
    return err(StoreError{StoreErrorKind::not_found, Retry::never,
                          "no bars of " + key.instrument + " " + format_interval(key.interval) + " in the market store",
                          "bring them in with `promtrade data import`"});
  }
  return bars_of(key, whole, limit, digits);
}

StoreResult<BarColumns> Store::bars_of(const SeriesKey& key, const Stretch& whole, std::uint64_t limit, const Digits& digits) {
  // Few bars of a long series: first a stretch twice as long as they take where nothing is missing, then ever longer ones. The server would sort all of it.
  const std::int64_t guess = std::min(whole.to, digits.last_ms + 1);
  const std::int64_t interval_ms = key.interval.ns / kMsNs;
  for (std::int64_t bars = 2 * static_cast<std::int64_t>(std::min<std::uint64_t>(limit, kLongStretch)); bars < kLongStretch && interval_ms > 0; bars *= 16) {
    const Stretch part{guess - bars * interval_ms, whole.to};
    if (part.from <= whole.from) break;
    PROM_TRY(BarColumns found, newest_of(key, part, limit, digits));
    if (found.size() >= limit) return found;
  }
  return newest_of(key, whole, limit, digits);
}

StoreResult<BarColumns> Store::newest_of(const SeriesKey& key, const Stretch& stretch, std::uint64_t limit, const Digits& digits) {
  Named parameters = series_parameters(key.instrument, key.interval);
  parameters.emplace_back("from", std::to_string(stretch.from));
  parameters.emplace_back("to", std::to_string(stretch.to));
  parameters.emplace_back("limit", std::to_string(std::min<std::uint64_t>(limit, INT64_MAX)));
  // PREWHERE is said here because a server that is to choose it by itself first reads statistics of all parts, which takes longer than the answer.
  PROM_TRY(
      const std::string answer,
      link_.run("SELECT toUnixTimestamp64Milli(open_time), open, high, low, close, volume, taker_buy, price_digits, quantity_digits FROM ohlcv "
                "PREWHERE instrument = {instrument:String} AND interval_ms = {interval:UInt64} AND open_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') "
                "AND open_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') WHERE " +
                    std::string(kVisible) + " ORDER BY open_time DESC, version DESC LIMIT 1 BY open_time LIMIT {limit:UInt64} FORMAT RowBinary",
                parameters));
  return clickhouse::read_bars(answer, key.interval, digits.price, digits.quantity);
}

StoreResult<std::vector<SeriesInfo>> Store::series() {
  // Grouping in the table's own order keeps one bar at a time in memory, whatever the number of rows.
  PROM_TRY(
      const std::string answer,
      link_.run(
          "SELECT instrument, interval_ms, max(price), max(quantity), count(), toUnixTimestamp64Milli(min(open_time)), toUnixTimestamp64Milli(max(open_time)), "
          "arrayStringConcat(arraySort(groupUniqArrayArray(origins)), '\\n') FROM (SELECT instrument, interval_ms, open_time, max(price_digits) AS price, "
          "max(quantity_digits) AS quantity, groupUniqArray(origin) AS origins FROM ohlcv WHERE " +
              std::string(kVisible) +
              " GROUP BY instrument, interval_ms, open_time) GROUP BY instrument, interval_ms ORDER BY toString(instrument), interval_ms FORMAT RowBinary",
          {}, {{"optimize_aggregation_in_order", "1"}}));
  std::vector<SeriesInfo> out;
  RowReader row(answer);
  while (!row.at_end()) {
    SeriesInfo& info = out.emplace_back();
    info.key.instrument = row.text();
    info.key.interval = DurationNs{static_cast<std::int64_t>(row.u64()) * kMsNs};
    info.price_digits = row.u8();
    info.quantity_digits = row.u8();
    info.bars = row.u64();
    info.first = TimeNs{row.i64() * kMsNs};
    info.last = TimeNs{row.i64() * kMsNs};
    info.origin = row.text();
  }
  if (row.broken()) return err(unreadable("series"));
  return out;
}

StoreResult<void> Store::put_funding(const std::string& instrument, const std::vector<FundingRow>& rows) {
  std::string bytes;
  RowWriter writer(bytes);
  for (const FundingRow& row : rows) {
    const std::int64_t ms = row.time.ns / kMsNs;
    if (row.rate.abs() > kDecimalOne || row.time.ns % kMsNs != 0 || ms < kFirstMs || ms >= kLastMs)
      return err(bad(instrument + ": funding " + row.rate.to_string() + " at " + format_rfc3339(row.time) + " is not sound"));
    writer.text(instrument).i64(ms).decimal(row.rate);
  }
  if (rows.empty()) return {};
  if (rows.size() > kOnePart) return err(bad(instrument + ": more than " + std::to_string(kOnePart) + " funding rates in one put"));
  return link_.insert("funding", "instrument, funding_time, rate", bytes, "", {{"max_insert_block_size", std::to_string(kOnePart + 1)}});
}

StoreResult<std::vector<FundingRow>> Store::funding(const std::string& instrument, TimeNs from, TimeNs to) {
  PROM_TRY(const std::string answer,
           link_.run("SELECT toUnixTimestamp64Milli(funding_time), rate FROM funding WHERE instrument = {instrument:String} AND funding_time >= "
                     "fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND funding_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') "
                     "ORDER BY funding_time, version DESC LIMIT 1 BY funding_time FORMAT RowBinary",
                     {{"instrument", instrument}, {"from", clamped_ms(from)}, {"to", clamped_ms(to)}}));
  std::vector<FundingRow> out;
  RowReader row(answer);
  while (!row.at_end()) {
    const TimeNs time{row.i64() * kMsNs};
    out.push_back({time, row.decimal()});
  }
  if (row.broken()) return err(unreadable("funding"));
  return out;
}

StoreResult<std::vector<FundingInfo>> Store::funding_held() {
  PROM_TRY(const std::string answer,
           link_.run("SELECT instrument, uniqExact(funding_time), toUnixTimestamp64Milli(min(funding_time)), "
                     "toUnixTimestamp64Milli(max(funding_time)) FROM funding GROUP BY instrument ORDER BY instrument FORMAT RowBinary"));
  std::vector<FundingInfo> out;
  RowReader row(answer);
  while (!row.at_end()) {
    FundingInfo info;
    info.instrument = row.text();
    info.rates = row.u64();
    info.first = TimeNs{row.i64() * kMsNs};
    info.last = TimeNs{row.i64() * kMsNs};
    out.push_back(std::move(info));
  }
  if (row.broken()) return err(unreadable("funding"));
  return out;
}

StoreResult<void> Store::roll_up(const std::string& instrument, TimeNs first, TimeNs last) {
  PROM_TRY(const Digits digits, digits_of(instrument, kMinute));
  Named parameters = series_parameters(instrument, kMinute);
  parameters.emplace_back("price", std::to_string(digits.price));
  parameters.emplace_back("quantity", std::to_string(digits.quantity));
  // Whole days: the longest interval decides which minutes are read.
  const auto day = [](TimeNs time) { return time.ns / kDay.ns - (time.ns % kDay.ns < 0 ? 1 : 0); };
  parameters.emplace_back("from", std::to_string(day(first) * (kDay.ns / kMsNs)));
  parameters.emplace_back("to", std::to_string((day(last) + 1) * (kDay.ns / kMsNs)));
  const std::string sql =
      "INSERT INTO ohlcv_rollup (instrument, interval_ms, open_time, open, high, low, close, volume, taker_buy, price_digits, quantity_digits, last_minute) "
      "SELECT {instrument:String}, roll, fromUnixTimestamp64Milli(bucket, 'UTC'), argMin(o, t), max(h), min(l), argMax(c, t), "
      "toInt64(least(sum(toInt128(v)), toInt128(9223372036854775807))), if(count() = count(b), toInt64(least(sum(toInt128(ifNull(b, 0))), "
      "toInt128(9223372036854775807))), NULL), "
      "{price:UInt8}, {quantity:UInt8}, max(t) FROM (SELECT open_time AS t, open * toInt64(intExp10({price:UInt8} - price_digits)) AS o, "
      "high * toInt64(intExp10({price:UInt8} - price_digits)) AS h, low * toInt64(intExp10({price:UInt8} - price_digits)) AS l, "
      "close * toInt64(intExp10({price:UInt8} - price_digits)) AS c, volume * toInt64(intExp10({quantity:UInt8} - quantity_digits)) AS v, "
      "taker_buy * toInt64(intExp10({quantity:UInt8} - quantity_digits)) AS b FROM ohlcv WHERE instrument = {instrument:String} AND interval_ms = "
      "{interval:UInt64} "
      "AND open_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND open_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND " +
      std::string(kVisible) + " ORDER BY open_time, version DESC LIMIT 1 BY open_time) ARRAY JOIN " + std::string(kRollUps) +
      " AS roll GROUP BY roll, toInt64(intDiv(toUnixTimestamp64Milli(t), roll) * roll) AS bucket";
  PROM_CHECK_OK(link_.run(sql, parameters, {{"max_partitions_per_insert_block", "0"}}));
  return {};
}

StoreResult<BarColumns> Store::rolled_up(const std::string& instrument, DurationNs interval, TimeNs from, TimeNs to, std::uint64_t limit) {
  constexpr DurationNs kKnown[] = {5 * kMinute, 15 * kMinute, kHour, 4 * kHour, kDay};
  if (std::ranges::find(kKnown, interval) == std::end(kKnown)) return err(bad("one-minute bars are rolled up to 5m, 15m, 1h, 4h and 1d only"));
  PROM_TRY(const Digits digits, digits_of(instrument, kMinute));
  Named parameters = series_parameters(instrument, interval);
  parameters.emplace_back("from", clamped_ms(from));
  parameters.emplace_back("to", clamped_ms(to));
  parameters.emplace_back("limit", std::to_string(std::min<std::uint64_t>(limit, INT64_MAX)));
  // The newest bar is left out until its last minute, or a later one, is there.
  PROM_TRY(
      const std::string answer,
      link_.run("SELECT toUnixTimestamp64Milli(open_time), open, high, low, close, volume, taker_buy, price_digits, quantity_digits FROM ohlcv_rollup "
                "WHERE instrument = {instrument:String} AND interval_ms = {interval:UInt64} AND open_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') "
                "AND open_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND toUnixTimestamp64Milli(open_time) + {interval:UInt64} <= 60000 + (SELECT "
                "toUnixTimestamp64Milli(max(last_minute)) FROM ohlcv_rollup WHERE instrument = {instrument:String} AND interval_ms = 300000) "
                "ORDER BY open_time DESC, version DESC LIMIT 1 BY open_time LIMIT {limit:UInt64} FORMAT RowBinary",
                parameters));
  return clickhouse::read_bars(answer, interval, digits.price, digits.quantity);
}

}  // namespace

StoreResult<std::unique_ptr<ClickHouseMarketStore>> open_clickhouse_market_store(ClickHouseOptions options) {
  PROM_TRY(Link link, Link::open(std::move(options)));
  PROM_CHECK_OK(clickhouse::migrate(link));
  return std::unique_ptr<ClickHouseMarketStore>(std::make_unique<Store>(std::move(link)));
}

}  // namespace prom
