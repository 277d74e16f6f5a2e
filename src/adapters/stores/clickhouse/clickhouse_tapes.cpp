// Events go in groups under the number of their put; the row that names the recording comes last. What a program that died left of one is never shown.
#include "adapters/stores/clickhouse/clickhouse_tapes.h"

#include <algorithm>
#include <random>
#include <utility>

#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "adapters/stores/clickhouse/clickhouse_migrate.h"
#include "adapters/stores/clickhouse/row_binary.h"

namespace prom {
namespace {

using clickhouse::Link;
using clickhouse::RowReader;
using clickhouse::RowWriter;

constexpr std::size_t kGroup = 200'000;  ///< events sent or asked for at once: about 8 MB
constexpr std::string_view kColumns = "sha256, instrument, first_ns, last_ns, known_ns, events, trades, tells_trades, tells_book, origin, put";

struct Kept {
  RecordingInfo info;
  std::uint64_t put = 0;
};

StoreError unreadable() { return {StoreErrorKind::corrupt, Retry::never, "the market store's answer about recordings cannot be read", ""}; }

std::uint64_t new_put() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

enum class Standing : std::uint8_t { kept, removed };

void append_recording(std::string& out, const Kept& kept, Standing standing) {
  const RecordingInfo& info = kept.info;
  RowWriter row(out);
  row.text(info.sha256).text(info.instrument).i64(info.first.ns).i64(info.last.ns).i64(info.known.ns).u64(info.events).u64(info.trades);
  row.u8(info.tells_trades ? 1 : 0).u8(info.tells_book ? 1 : 0).text(info.origin).u64(kept.put).u8(standing == Standing::removed ? 1 : 0);
}

class Store final : public TapeStore {
 public:
  explicit Store(Link link) : link_(std::move(link)) {}
  StoreResult<void> put(const Tape& tape, const std::string& origin, OverlapRule rule) override;
  StoreResult<std::vector<RecordingInfo>> recordings() override;
  StoreResult<Tape> load(const std::string& sha256) override;

 private:
  StoreResult<std::vector<Kept>> kept();
  StoreResult<void> insert_events(std::uint64_t put, const std::vector<TapeEvent>& events);
  StoreResult<void> read_events(const Kept& from, std::vector<TapeEvent>& events);
  Link link_;
};

StoreResult<std::vector<Kept>> Store::kept() {
  PROM_TRY(const std::string answer, link_.run("SELECT " + std::string(kColumns) +
                                               " FROM (SELECT * FROM tape_recordings ORDER BY sha256, version DESC LIMIT 1 BY sha256) WHERE removed = 0 "
                                               "ORDER BY instrument, first_ns, sha256 FORMAT RowBinary"));
  std::vector<Kept> out;
  RowReader row(answer);
  while (!row.at_end()) {
    Kept& one = out.emplace_back();
    RecordingInfo& info = one.info;
    info.sha256 = row.text();
    info.instrument = row.text();
    info.first = TimeNs{row.i64()};
    info.last = TimeNs{row.i64()};
    info.known = TimeNs{row.i64()};
    info.events = row.u64();
    info.trades = row.u64();
    info.tells_trades = row.u8() != 0;
    info.tells_book = row.u8() != 0;
    info.origin = row.text();
    one.put = row.u64();
  }
  if (row.broken()) return err(unreadable());
  return out;
}

StoreResult<std::vector<RecordingInfo>> Store::recordings() {
  PROM_TRY(std::vector<Kept> all, kept());
  std::vector<RecordingInfo> out;
  out.reserve(all.size());
  for (Kept& one : all) out.push_back(std::move(one.info));
  return out;
}

StoreResult<void> Store::insert_events(std::uint64_t put, const std::vector<TapeEvent>& events) {
  std::string rows;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TapeEvent& e = events[i];
    RowWriter row(rows);
    row.u64(put).u64(i).i64(e.time.ns).i64(e.late.ns).u8(static_cast<std::uint8_t>(e.kind)).u8(static_cast<std::uint8_t>(e.side)).f64(e.price).f64(e.quantity);
    if ((i + 1) % kGroup != 0 && i + 1 != events.size()) continue;
    PROM_CHECK_OK(link_.insert("tape_events", "put, number, time_ns, late_ns, kind, side, price, quantity", rows, ""));
    rows.clear();
  }
  return {};
}

StoreResult<void> Store::put(const Tape& tape, const std::string& origin, OverlapRule rule) {
  if (const auto fault = fault_of(tape)) return err(unsound_error(tape, *fault));
  const Kept fresh{info_of(tape, origin), new_put()};
  PROM_TRY(const std::vector<Kept> stored, kept());
  if (std::ranges::any_of(stored, [&](const Kept& one) { return one.info.sha256 == fresh.info.sha256; })) return {};
  std::string rows;
  std::string gone;
  for (const Kept& one : stored) {
    if (!overlap(fresh.info, one.info)) continue;
    if (rule == OverlapRule::refuse) return err(overlap_error(fresh.info, one.info));
    append_recording(rows, one, Standing::removed);
    gone.append(gone.empty() ? "" : ", ").append(std::to_string(one.put));
  }
  PROM_CHECK_OK(insert_events(fresh.put, tape.events));
  append_recording(rows, fresh, Standing::kept);
  PROM_CHECK_OK(link_.insert("tape_recordings", std::string(kColumns) + ", removed", rows, ""));
  // Nobody reads these any more; the server frees them when it likes.
  if (!gone.empty()) PROM_CHECK_OK(link_.run("ALTER TABLE tape_events DELETE WHERE put IN (" + gone + ")"));
  return {};
}

StoreResult<void> Store::read_events(const Kept& from, std::vector<TapeEvent>& events) {
  for (std::uint64_t number = 0; number < from.info.events; number += kGroup) {
    PROM_TRY(const std::string answer,
             link_.run("SELECT time_ns, late_ns, kind, side, price, quantity FROM tape_events WHERE put = {put:UInt64} AND number >= {first:UInt64} AND "
                       "number < {end:UInt64} ORDER BY number LIMIT 1 BY number FORMAT RowBinary",
                       {{"put", std::to_string(from.put)}, {"first", std::to_string(number)}, {"end", std::to_string(number + kGroup)}}));
    RowReader row(answer);
    while (!row.at_end()) {
      TapeEvent& e = events.emplace_back();
      e.time = TimeNs{row.i64()};
      e.late = DurationNs{row.i64()};
      e.kind = static_cast<TapeKind>(row.u8());
      e.side = static_cast<BookHalf>(row.u8());
      e.price = row.f64();
      e.quantity = row.f64();
    }
    if (row.broken()) return err(unreadable());
  }
  return {};
}

StoreResult<Tape> Store::load(const std::string& sha256) {
  PROM_TRY(const std::vector<Kept> stored, kept());
  const auto found = std::ranges::find_if(stored, [&](const Kept& one) { return one.info.sha256 == sha256; });
  if (found == stored.end()) return err(StoreError{StoreErrorKind::not_found, Retry::never, "no recording " + sha256 + " in the market store", ""});
  const RecordingInfo& info = found->info;
  Tape out{.instrument = info.instrument, .source = "recording " + info.origin, .tells_trades = info.tells_trades, .tells_book = info.tells_book, .events = {}};
  out.events.reserve(std::min<std::size_t>(info.events, kMaxTapeEvents));
  PROM_CHECK_OK(read_events(*found, out.events));
  // Other programs write to the server too: what is not what was put is not shown.
  if (fault_of(out) || sha256_of(out) != sha256)
    return err(StoreError{StoreErrorKind::corrupt, Retry::never, "the recording " + info.origin + " on the server is not what was put there",
                          "another program changed its tables: use another CLICKHOUSE_DB"});
  return out;
}

}  // namespace

StoreResult<std::unique_ptr<TapeStore>> open_clickhouse_tape_store(ClickHouseOptions options) {
  PROM_TRY(Link link, Link::open(std::move(options)));
  PROM_CHECK_OK(clickhouse::migrate(link));
  return std::unique_ptr<TapeStore>(std::make_unique<Store>(std::move(link)));
}

}  // namespace prom
