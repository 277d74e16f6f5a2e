// {"run": name, "place": server, "bars_until": instant, "fills_until": frame} beside the journal. Bars come from the run's data, fills from its journal, so that nothing of theirs need be kept: what is not surely on
// the server or in the spill is pushed again by the next start of the run, and replaces itself there.
#include "app/run/run_market.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "adapters/stores/clickhouse/bar_rows.h"
#include "adapters/stores/clickhouse/fill_rows.h"
#include "adapters/stores/journal_file/journal_file.h"
#include "base/log.h"
#include "research/exports/atomic_file.h"
#include "tools/tool.h"

namespace prom {
namespace {

constexpr std::int64_t kGroupRows = 20'000;
constexpr std::uint64_t kGroupFrames = 20'000;

struct Copied {
  TimeNs bars_until{INT64_MIN};
  std::uint64_t fills_until = 0;
};
/// How far an earlier start of this run came with this server.
Copied copied_before(const std::string& path, const std::string& run, const std::string& place) {
  const auto text = read_whole_file(path);
  const auto document = text ? parse_json_value(*text) : std::unexpected(ToolError{});
  if (!document || document->text("run") != run || document->text("place") != place) return {};
  const auto frames = document->number("fills_until");
  return {parse_rfc3339(document->text("bars_until").value_or("")).value_or(TimeNs{INT64_MIN}),
          frames && *frames > 0 ? static_cast<std::uint64_t>(*frames) : 0};
}

}  // namespace

std::expected<std::unique_ptr<RunMarket>, CommandError> RunMarket::start(AppContext& context, const StatePaths& paths, const std::string& run,
                                                                         const Dataset& data) {
  PROM_TRY(auto writer, ServerWriter::start(context, paths, "run"));
  if (writer == nullptr) return nullptr;
  std::unique_ptr<RunMarket> out(new RunMarket(paths.copies(), run, data));
  out->writer_ = std::move(writer);
  const Copied before = copied_before(out->path_, run, out->writer_->place());
  out->pushed_ = out->remembered_ = std::max(before.bars_until, data.first());
  out->frames_pushed_ = out->frames_remembered_ = before.fills_until;
  out->reader_ = open_journal_reader(paths.journal());
  PROM_CHECK_OK(out->push_observations(paths.market()));
  context.note("bars and fills of the run and what feeds said go to " + out->writer_->place() + ", under the name " + run);
  return out;
}

std::expected<void, CommandError> RunMarket::push_observations(const std::string& market) {
  std::error_code missing;
  if (!std::filesystem::exists(market, missing)) return {};
  const auto failed = [](const StoreError& error) { return std::unexpected(CommandError{ExitCode::outside_away, "store", error.detail, error.hint, {}}); };
  auto store = open_sqlite_observation_store(market);
  if (!store) return failed(store.error());
  observations_ = *std::move(store);
  copy_ = std::make_unique<ObservationCopy>(*observations_, *writer_);
  if (const auto pushed = copy_->push(); !pushed) return failed(pushed.error());
  return {};
}

bool RunMarket::push_bars(TimeNs now) {
  const auto series = static_cast<std::int64_t>(data_.series.size());
  const DurationNs stretch{data_.interval.ns * std::max<std::int64_t>(1, kGroupRows / std::max<std::int64_t>(1, series))};
  const TimeNs until = now - pushed_ > stretch ? pushed_ + stretch : now;
  std::string rows;
  std::uint64_t count = 0;
  for (const InstrumentData& one : data_.series) {
    const SeriesKey key{instrument_code(one.instrument), data_.interval};
    const auto& open = one.bars.open_time_ns;
    // Closed after pushed_, and by `until`.
    const auto begin = std::ranges::upper_bound(open, pushed_.ns - data_.interval.ns) - open.begin();
    const auto end = std::ranges::upper_bound(open, until.ns - data_.interval.ns) - open.begin();
    for (auto i = begin; i < end; ++i, ++count) clickhouse::append_run_bar(rows, run_, key, one.bars, static_cast<std::size_t>(i));
  }
  if (count > 0 && !writer_->push(ServerWriter::run_bars, rows, count)) return false;
  pushed_ = until;
  return true;
}

bool RunMarket::push_fills(std::uint64_t durable) {
  const std::uint64_t until = std::min(durable, frames_pushed_ + kGroupFrames);
  std::string rows;
  std::uint64_t count = 0;
  const auto read = reader_->read(frames_pushed_ + 1, [&](const RecordedFrame& frame) {
    for (const Event& event : frame.events) {
      const auto* filled = std::get_if<FillApplied>(&event);
      if (filled == nullptr || filled->fill.instrument.v >= data_.series.size()) continue;
      const std::size_t asset = filled->fill.fee.asset.v;
      clickhouse::append_run_fill(rows, {run_, frame.seq}, data_.series[filled->fill.instrument.v].instrument, filled->fill,
                                  asset < data_.assets.size() ? data_.assets[asset] : "");
      ++count;
    }
    return frame.seq < until;
  });
  if (!read || (count > 0 && !writer_->push(ServerWriter::run_fills, rows, count))) return false;
  frames_pushed_ = std::max(frames_pushed_, *read);
  return true;
}

void RunMarket::poke(TimeNs now, std::uint64_t durable) {
  writer_->tell();
  if (!writer_->durable()) return;
  if (pushed_ > remembered_ || frames_pushed_ > frames_remembered_) remember();
  if (pushed_ < now) static_cast<void>(push_bars(now));
  if (frames_pushed_ < durable) static_cast<void>(push_fills(durable));
}

void RunMarket::remember() {
  const Value document(
      ValueObject{{"run", run_}, {"place", writer_->place()}, {"bars_until", pushed_}, {"fills_until", static_cast<std::int64_t>(frames_pushed_)}});
  if (const auto kept = write_file_atomically(path_, to_json(document) + "\n"); !kept)
    log_event(LogLevel::warning, "clickhouse", {{"mode", "PAPER"}, {"why", kept.error().message}});
  if (copy_) {
    if (const auto settled = copy_->settle(); !settled) log_event(LogLevel::warning, "clickhouse", {{"mode", "PAPER"}, {"why", settled.error().detail}});
  }
  remembered_ = pushed_;
  frames_remembered_ = frames_pushed_;
}

std::string RunMarket::finish(TimeNs now, std::uint64_t durable, DurationNs timeout) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(timeout.ns);
  while (pushed_ < now && std::chrono::steady_clock::now() < end)
    if (!push_bars(now)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  while (frames_pushed_ < durable && std::chrono::steady_clock::now() < end)
    if (!push_fills(durable)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::string left = writer_->close();
  if (writer_->durable()) remember();
  if (pushed_ < now || frames_pushed_ < durable)
    left += (left.empty() ? "" : "; ") + ("bars after " + format_rfc3339(pushed_) + " and fills after frame " + std::to_string(frames_pushed_)) +
            " were not handed to ClickHouse: the next start of this run does it";
  return left;
}

}  // namespace prom
