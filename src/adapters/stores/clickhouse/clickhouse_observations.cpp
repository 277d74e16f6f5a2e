// Rows are only ever added, all of a put in one part. What is said is held against the last saying known by its own available_at, those of the same put included.
#include "adapters/stores/clickhouse/clickhouse_observations.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_migrate.h"
#include "adapters/stores/clickhouse/observation_rows.h"
#include "adapters/stores/clickhouse/row_binary.h"
#include "base/time.h"

namespace prom {
namespace {

using clickhouse::kObservationColumns;
using clickhouse::Link;
using clickhouse::RowReader;

constexpr std::size_t kOnePart = 1'000'000;

using Identity = std::tuple<std::string, std::string, std::string, std::int64_t, std::string>;
using Sayings = std::map<std::int64_t, std::pair<std::optional<double>, std::string>>;  // by available_ns
using Feed = std::tuple<std::string, std::string>;                                      // series, source

Identity identity_of(const Observation& o) { return {o.series, o.subject, o.source, o.event_time.ns, o.id}; }

std::string whole(std::size_t limit) { return std::to_string(std::min<std::size_t>(limit, INT64_MAX)); }

StoreResult<std::vector<Observation>> read_rows(std::string_view bytes) {
  std::vector<Observation> out;
  RowReader row(bytes);
  while (!row.at_end()) {
    Observation& o = out.emplace_back();
    o.series = row.text();
    o.subject = row.text();
    o.source = row.text();
    o.id = row.text();
    o.event_time = TimeNs{row.i64()};
    o.available_at = TimeNs{row.i64()};
    o.trust = static_cast<TrustTier>(row.u8());
    o.value = row.maybe_f64();
    o.text = row.text();
  }
  if (row.broken()) return err(StoreError{StoreErrorKind::corrupt, Retry::never, "the market store's answer is not made of observations", ""});
  return out;
}

class Store final : public ObservationStore {
 public:
  explicit Store(Link link) : link_(std::move(link)) {}
  StoreResult<std::size_t> put(std::span<const Observation> observations) override;
  StoreResult<std::vector<Observation>> load(const ObservationLoad& what) override;
  StoreResult<std::vector<std::string>> kept_series() override;
  StoreResult<std::vector<ObservationCount>> counts(std::size_t limit) override;

 private:
  StoreResult<std::map<Identity, Sayings>> known(std::span<const Observation> observations);
  Link link_;
};

StoreResult<std::map<Identity, Sayings>> Store::known(std::span<const Observation> observations) {
  std::map<Feed, std::pair<std::int64_t, std::int64_t>> spans;
  for (const Observation& o : observations) {
    const auto [span, fresh] = spans.try_emplace({o.series, o.source}, o.event_time.ns, o.event_time.ns);
    span->second = {std::min(span->second.first, o.event_time.ns), std::max(span->second.second, o.event_time.ns)};
  }
  std::map<Identity, Sayings> out;
  for (const auto& [feed, span] : spans) {
    PROM_TRY(const std::string answer,
             link_.run(
                 "SELECT " + std::string(kObservationColumns) +
                     " FROM observations WHERE series = {series:String} AND source = {source:String} AND "
                     "event_ns BETWEEN {first:Int64} AND {last:Int64} FORMAT RowBinary",
                 {{"series", std::get<0>(feed)}, {"source", std::get<1>(feed)}, {"first", std::to_string(span.first)}, {"last", std::to_string(span.second)}}));
    PROM_TRY(const std::vector<Observation> rows, read_rows(answer));
    for (const Observation& o : rows) out[identity_of(o)].insert_or_assign(o.available_at.ns, std::pair(o.value, o.text));
  }
  return out;
}

StoreResult<std::size_t> Store::put(std::span<const Observation> observations) {
  for (const Observation& o : observations) {
    if (const auto fault = fault_of(o)) return err(StoreError{StoreErrorKind::bad_argument, Retry::never, o.series + " of " + o.source + ": " + *fault, ""});
  }
  if (observations.size() > kOnePart)
    return err(
        StoreError{StoreErrorKind::bad_argument, Retry::never, "more than " + std::to_string(kOnePart) + " observations in one put", "put fewer at once"});
  PROM_TRY(auto before, known(observations));
  std::string bytes;
  std::size_t kept = 0;
  for (const Observation& o : observations) {
    Sayings& sayings = before[identity_of(o)];
    const auto later = sayings.upper_bound(o.available_at.ns);
    if (later != sayings.begin()) {
      const auto& [at, last] = *std::prev(later);
      const bool same = last.first == o.value && last.second == o.text;
      if (same) continue;
      if (at == o.available_at.ns)
        return err(StoreError{StoreErrorKind::conflict, Retry::never,
                              o.series + " " + o.subject + " of " + o.source + " at " + format_rfc3339(o.event_time) + " was known otherwise at that instant",
                              "give a revision the time at which it became known"});
    }
    sayings.emplace(o.available_at.ns, std::pair(o.value, o.text));
    clickhouse::append_observation(bytes, o);
    ++kept;
  }
  if (kept == 0) return kept;
  PROM_CHECK_OK(link_.insert(clickhouse::kObservationTable, kObservationColumns, bytes, "", {{"max_insert_block_size", std::to_string(kOnePart + 1)}}));
  return kept;
}

StoreResult<std::vector<Observation>> Store::load(const ObservationLoad& what) {
  clickhouse::Named parameters{{"from", std::to_string(what.from.ns)}, {"as_of", std::to_string(what.as_of.ns)}, {"limit", whole(what.limit)}};
  if (!what.series.empty()) parameters.emplace_back("series", what.series);
  PROM_TRY(const std::string answer,
           link_.run("SELECT " + std::string(kObservationColumns) + " FROM observations WHERE " + (what.series.empty() ? "" : "series = {series:String} AND ") +
                         "event_ns >= {from:Int64} AND available_ns <= {as_of:Int64} ORDER BY available_ns DESC, toString(series) DESC, "
                         "subject DESC, toString(source) DESC, event_ns DESC, id DESC LIMIT 1 BY available_ns, series, subject, source, event_ns, id "
                         "LIMIT {limit:UInt64} FORMAT RowBinary",
                     parameters));
  PROM_TRY(std::vector<Observation> out, read_rows(answer));
  std::ranges::reverse(out);
  return out;
}

StoreResult<std::vector<std::string>> Store::kept_series() {
  PROM_TRY(const std::string answer, link_.run("SELECT DISTINCT toString(series) AS name FROM observations ORDER BY name FORMAT RowBinary"));
  std::vector<std::string> out;
  RowReader row(answer);
  while (!row.at_end()) out.push_back(row.text());
  if (row.broken()) return err(StoreError{StoreErrorKind::corrupt, Retry::never, "the market store's answer is not made of names", ""});
  return out;
}

StoreResult<std::vector<ObservationCount>> Store::counts(std::size_t limit) {
  // FINAL: a row that was sent twice counts once.
  PROM_TRY(const std::string answer,
           link_.run("SELECT toString(series) AS name, subject, toString(source) AS who, toInt64(count()) AS said, max(event_ns) AS event, "
                     "max(available_ns) AS known FROM observations FINAL GROUP BY series, subject, source ORDER BY name, known DESC, subject, who LIMIT " +
                     whole(limit) + " BY name FORMAT RowBinary"));
  std::vector<ObservationCount> out;
  RowReader row(answer);
  while (!row.at_end()) {
    ObservationCount& count = out.emplace_back();
    count.series = row.text();
    count.subject = row.text();
    count.source = row.text();
    count.rows = row.i64();
    count.newest_event = TimeNs{row.i64()};
    count.last_known = TimeNs{row.i64()};
  }
  if (row.broken()) return err(StoreError{StoreErrorKind::corrupt, Retry::never, "the market store's answer is not made of counts", ""});
  std::ranges::sort(out, {}, [](const ObservationCount& count) { return std::tie(count.series, count.subject, count.source); });
  return out;
}

}  // namespace

StoreResult<std::unique_ptr<ObservationStore>> open_clickhouse_observation_store(ClickHouseOptions options) {
  PROM_TRY(Link link, Link::open(std::move(options)));
  PROM_CHECK_OK(clickhouse::migrate(link));
  return std::unique_ptr<ObservationStore>(std::make_unique<Store>(std::move(link)));
}

}  // namespace prom
