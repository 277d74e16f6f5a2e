// Read, add, write: one row a day, agent and tool, once a batch. The writing thread.
#include "adapters/stores/ledger_rows/tool_stat_rows.h"

#include <vector>

#include "adapters/stores/ledger_rows/cells.h"
#include "adapters/stores/ledger_rows/packed_records.h"

namespace prom::ledger_rows {
namespace {

const RowShape& analyses() {
  static const RowShape shape("tool_stat_analyses", "instrument, time_ns", "instrument");
  return shape;
}
const RowShape& stats() {
  static const RowShape shape("tool_stats", columns_of<ToolStat>(), "day_ns, agent, tool");
  return shape;
}

/// What find() gives: every column but the keys, in their order.
std::optional<ToolStat> numbers_of(const Cells& cells) {
  CellReader row(cells);
  ToolStat out;
  for (std::uint64_t* number : {&out.calls, &out.cached, &out.refused, &out.bad_argument, &out.unavailable, &out.not_enough_data, &out.failed})
    *number = row.get<std::uint64_t>();
  out.took_total = DurationNs{row.get<std::int64_t>()};
  out.took_longest = DurationNs{row.get<std::int64_t>()};
  return row.ok() ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

void ToolStatRows::begin() {
  calls_.clear();
  analysed_.clear();
}

StoreResult<void> ToolStatRows::expect(std::span<const InstrumentIx> instruments) {
  std::vector<Cells> keys;
  keys.reserve(instruments.size());
  for (const InstrumentIx ix : instruments) keys.push_back(cells_of(ix));
  return sink_->expect(analyses(), keys);
}

StoreResult<void> ToolStatRows::add(const DecisionRecord& record) {
  auto last = analysed_.find(record.instrument);
  if (last == analysed_.end()) {
    PROM_TRY(const auto found, sink_->find(analyses(), cells_of(record.instrument)));
    TimeNs time{};
    if (found) {
      CellReader row(*found);
      time.ns = row.get<std::int64_t>();
      if (!row.ok()) return err(corrupt_row("the instant of an analysis cannot be read"));
    }
    last = analysed_.emplace(record.instrument, time).first;
  }
  const TimeNs now = record.as_of.time;
  calls_.add(record, last->second == now ? SharedCalls::known : SharedCalls::counted);
  last->second = now;
  return {};
}

StoreResult<void> ToolStatRows::finish() {
  for (const auto& [instrument, time] : analysed_) PROM_CHECK_OK(sink_->put(analyses(), cells_of(instrument, time)));
  std::vector<Cells> keys;
  for (const auto& [key, stat] : calls_.stats()) keys.push_back(cells_of(key.day, key.agent, key.tool));
  PROM_CHECK_OK(sink_->expect(stats(), keys));
  std::size_t at = 0;
  for (const auto& [key, gathered] : calls_.stats()) {
    ToolStat sum = gathered;
    PROM_TRY(const auto found, sink_->find(stats(), keys[at++]));
    if (found) {
      const auto before = numbers_of(*found);
      if (!before) return err(corrupt_row("the numbers of a tool cannot be read"));
      sum.add(*before);
    }
    PROM_CHECK_OK(sink_->put(stats(), cells_of(sum)));
  }
  begin();
  return {};
}

}  // namespace prom::ledger_rows
