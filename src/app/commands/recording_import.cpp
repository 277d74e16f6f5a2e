// Files by the archive's readers, the store by its port.
#include "app/commands/recording_import.h"

#include <filesystem>
#include <utility>

#include "adapters/feeds/archive/tape_file.h"
#include "app/cli/output.h"
#include "app/commands/import_stop.h"
#include "app/commands/market_input.h"
#include "app/market/tapes_at_hand.h"

namespace prom {
namespace {

Value count(std::uint64_t n) { return {static_cast<std::int64_t>(n)}; }

CommandError failed(const StoreError& error) {
  const bool away = error.retry != Retry::never || error.kind == StoreErrorKind::away || error.kind == StoreErrorKind::full;
  const bool overlaps = error.kind == StoreErrorKind::conflict;
  return {away ? ExitCode::outside_away : ExitCode::input_data, away ? "store_away" : overlaps ? "overlap" : "market_store", error.detail, error.hint, {}};
}

Value row_of(const RecordingInfo& info) {
  return ValueObject{{"instrument", info.instrument},
                     {"from", info.first},
                     {"to", info.last},
                     {"known", info.known},
                     {"events", count(info.events)},
                     {"trades", count(info.trades)},
                     {"book", Value(info.tells_book)},
                     {"origin", info.origin},
                     {"sha256", info.sha256}};
}

/// Whether the file at which an import ended failed, or was only not read.
enum class Left : std::uint8_t { failed, unread };

/// Says of every file what became of it: the first ones are in the store, one may have failed, the rest was not read.
CommandError unfinished(const ImportJob& job, ValueList kept, Left last, CommandError error, ValueList errors) {
  std::string in_store, unread;
  ValueList not_read;
  for (std::size_t i = 0; i < job.files.size(); ++i) {
    if (i < kept.size()) in_store += (i == 0 ? "" : ", ") + job.files[i];
    if (i < kept.size() + (last == Left::failed ? 1 : 0)) continue;
    unread += (unread.empty() ? "" : ", ") + job.files[i];
    not_read.emplace_back(job.files[i]);
  }
  error.hint += (error.hint.empty() ? "" : "; ") + (kept.empty() ? "nothing was imported" : "kept: " + in_store);
  if (!unread.empty()) error.hint += "; not read: " + unread;
  error.details = {{"recordings", std::move(kept)}, {"errors", std::move(errors)}, {"not_read", std::move(not_read)}};
  return error;
}

}  // namespace

std::expected<Value, CommandError> import_recordings(AppContext& context, const ImportJob& job) {
  if (!job.interval.empty())
    return std::unexpected(CommandError{ExitCode::usage, "bad_option", "--interval is a length of bars; a recording has none", "leave it out", {}});
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  PROM_TRY(const std::string code, instrument_code_of(job.instrument, catalogue));
  PROM_TRY(const MarketInput market, bare_market(code, catalogue));
  PROM_TRY(const auto store, tapes_to_write(context));
  const OverlapRule rule = job.replace ? OverlapRule::replace : OverlapRule::refuse;
  PROM_TRY(const ImportStop stop, ImportStop::watch());
  ValueList kept;
  for (const std::string& path : job.files) {
    const std::string name = std::filesystem::path(path).filename().string();
    ProgressLine progress(context, name);
    if (stop.requested()) return std::unexpected(unfinished(job, std::move(kept), Left::unread, stop.error(path), {}));
    const OnImportProgress watch = stop.on_progress(progress, "events");
    const auto tape = job.kind == ImportKind::book ? read_book_recording(path, market.instrument, watch) : read_trades(path, market.instrument, watch);
    if (!tape && tape.error().fault == ImportFault::stopped) return std::unexpected(unfinished(job, std::move(kept), Left::unread, stop.error(path), {}));
    if (!tape) {
      CommandError error{ExitCode::input_data, "import_failed", describe(tape.error()), tape.error().hint, {}};
      return std::unexpected(unfinished(job, std::move(kept), Left::failed, std::move(error), {place_of(tape.error())}));
    }
    if (const auto put = store->put(*tape, name, rule); !put) {
      CommandError error = failed(put.error());
      ImportError place;
      place.path = path;
      place.message = error.message;
      place.hint = error.hint;
      error.message = path + ": " + error.message;
      return std::unexpected(unfinished(job, std::move(kept), Left::failed, std::move(error), {place_of(place)}));
    }
    kept.emplace_back(row_of(info_of(*tape, name)));
  }
  return Value(ValueObject{{"instrument", code}, {"recordings", std::move(kept)}});
}

std::expected<ValueList, CommandError> list_recordings(AppContext& context) {
  PROM_TRY(const std::vector<RecordingInfo> all, recordings_kept(context));
  ValueList out;
  for (const RecordingInfo& info : all) out.emplace_back(row_of(info));
  return out;
}

std::expected<ValueList, CommandError> verify_recordings(AppContext& context, const std::string& instrument_code) {
  ValueList faults;
  PROM_TRY(const auto store, stored_tapes(context));
  if (store == nullptr) return faults;
  const auto all = store->recordings();
  if (!all) return std::unexpected(failed(all.error()));
  for (const RecordingInfo& info : *all) {
    if (!instrument_code.empty() && info.instrument != instrument_code) continue;
    const auto tape = store->load(info.sha256);
    if (!tape && tape.error().kind != StoreErrorKind::corrupt) return std::unexpected(failed(tape.error()));
    const bool sound = tape && !fault_of(*tape) && info_of(*tape, info.origin) == info;
    if (!sound) faults.emplace_back("recording " + info.origin + " of " + info.instrument + " is not what was put");
  }
  return faults;
}

}  // namespace prom
