// A mark is an instant: rows that became available at one instant are pushed together, so that it never stands between them.
#include "app/feeds/observation_copy.h"

#include "adapters/stores/clickhouse/observation_rows.h"

namespace prom {
namespace {
constexpr std::size_t kGroup = std::size_t{2} << 20;  // bytes pushed at once, but for rows of one instant
}  // namespace

bool ObservationCopy::push_rows() {
  if (count_ == 0) return true;
  // A round of the writer makes room, be it on the server or on disk.
  const bool took =
      writer_.push(ServerWriter::observations, rows_, count_) || (static_cast<void>(writer_.flush()), writer_.push(ServerWriter::observations, rows_, count_));
  if (!took) return false;
  pushed_ += count_;
  reached_ = last_;
  rows_.clear();
  count_ = 0;
  return true;
}

StoreResult<std::uint64_t> ObservationCopy::push() {
  PROM_TRY(const TimeNs after, store_.copied(writer_.place()));
  bool room = true;
  PROM_CHECK_OK(store_.known_after(after, [&](const Observation& o) {
    if (o.available_at != last_ && rows_.size() >= kGroup) room = push_rows();
    if (!room) return false;
    clickhouse::append_observation(rows_, o);
    ++count_;
    last_ = o.available_at;
    return true;
  }));
  if (room) static_cast<void>(push_rows());
  return pushed_;
}

StoreResult<void> ObservationCopy::settle() {
  if (pushed_ == 0 || !writer_.durable()) return {};
  return store_.set_copied(writer_.place(), reached_);
}

std::expected<Value, CommandError> copy_observations(AppContext& context, const StatePaths& paths, SqliteObservationStore& store) {
  const auto failed = [](const StoreError& error) { return std::unexpected(CommandError{ExitCode::outside_away, "store", error.detail, error.hint, {}}); };
  PROM_TRY(const auto writer, ServerWriter::start(context, paths, "feeds"));
  if (writer == nullptr) return Value();
  ObservationCopy copy(store, *writer);
  const auto rows = copy.push();
  if (!rows) return failed(rows.error());
  static_cast<void>(writer->flush());
  const std::string waiting = writer->close();
  if (const auto settled = copy.settle(); !settled) return failed(settled.error());
  if (!waiting.empty()) context.note(waiting);
  return Value(ValueObject{{"rows", static_cast<std::int64_t>(*rows)}, {"place", writer->place()}, {"waiting", waiting}});
}

}  // namespace prom
