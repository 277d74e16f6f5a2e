// Import, listing and verification of stored bars.
#include "app/commands/data_import.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "adapters/feeds/archive/bundle.h"
#include "adapters/feeds/archive/import.h"
#include "app/cli/output.h"
#include "app/commands/funding_import.h"
#include "app/commands/import_stop.h"
#include "app/commands/recording_import.h"
#include "app/market/market_at_hand.h"
#include "base/text.h"

namespace prom {
namespace {

constexpr TimeNs kBeginning{std::numeric_limits<std::int64_t>::min()};
constexpr TimeNs kEnd{std::numeric_limits<std::int64_t>::max()};
constexpr std::uint64_t kAll = std::numeric_limits<std::int64_t>::max();
/// Gaps beyond these are counted, not listed.
constexpr std::size_t kMaxGapsListed = 1000;

Value count(std::uint64_t n) { return {static_cast<std::int64_t>(n)}; }

/// Members of the document of an import that stored nothing, beside its error.
ValueObject nothing_stored(ValueList errors) { return {{"rows", 0}, {"gaps", ValueList{}}, {"errors", std::move(errors)}}; }

/// Behind the sentence about the first wrong line: the numbers of the others.
std::string other_lines(const std::vector<ImportError>& more) {
  constexpr std::size_t kNamed = 5;
  std::string out;
  for (std::size_t i = 0; i < more.size() && i < kNamed; ++i)
    out += (i != 0 ? ", " : more.size() == 1 ? "; wrong too: line " : "; wrong too: lines ") + std::to_string(more[i].line);
  if (more.size() > kNamed) out += " and " + std::to_string(more.size() - kNamed) + " more";
  return more.size() + 1 == kMostWrongRows ? out + "; the rest was not read" : out;
}

/// The errors of one file as the document of a failed import: the line-numbered places beside the sentence.
CommandError failed(const ImportError& error) {
  const std::string hint = (error.hint.empty() ? "" : error.hint + "; ") + std::string("nothing was imported");
  ValueList places{place_of(error)};
  for (const ImportError& other : error.more) places.push_back(place_of(other));
  return {ExitCode::input_data, "import_failed", describe(error) + other_lines(error.more), hint, nothing_stored(std::move(places))};
}

CommandError stopped(const ImportStop& stop, const std::string& path) {
  CommandError error = stop.error(path);
  error.hint = "nothing was imported; start it again";
  error.details = nothing_stored({});
  return error;
}

ValueList gap_table(const std::vector<BarGap>& all) {
  ValueList out;
  for (const BarGap& gap : all) {
    if (out.size() == kMaxGapsListed) break;
    out.emplace_back(ValueObject{{"from", gap.from}, {"to", gap.to}, {"missing", count(gap.missing)}});
  }
  return out;
}

struct ImportTotals {
  std::uint64_t rows = 0, duplicates = 0, reordered = 0, unfinished = 0, cut_volumes = 0, off_tick = 0;
  ValueList files;
  std::string origin;
};

std::expected<std::vector<BarColumns>, CommandError> read_all(AppContext& context, const ImportJob& job, const BarsOptions& options, const ImportStop& stop,
                                                              ImportTotals& account) {
  std::vector<BarColumns> parts;
  for (const std::string& path : job.files) {
    ProgressLine progress(context, std::filesystem::path(path).filename().string());
    auto read = read_bars({path, options}, stop.on_progress(progress, "rows"));
    if (!read) return std::unexpected(read.error().fault == ImportFault::stopped ? stopped(stop, path) : failed(read.error()));
    account.rows += read->rows;
    account.duplicates += read->duplicates;
    account.reordered += read->reordered;
    account.unfinished += read->unfinished;
    account.cut_volumes += read->cut_volumes;
    account.off_tick += read->off_tick;
    account.files.emplace_back(
        ValueObject{{"path", path}, {"format", Value(dialect_name(read->dialect))}, {"rows", count(read->rows)}, {"sha256", read->sha256}});
    account.origin += (account.origin.empty() ? "" : "\n") + std::filesystem::path(path).filename().string() + " sha256:" + read->sha256;
    parts.push_back(std::move(read->bars));
  }
  return parts;
}

Value import_document(const ImportTotals& account, const SeriesKey& key, const BarColumns& bars) {
  const std::vector<BarGap> missing = gaps(bars);
  return ValueObject{{"instrument", key.instrument},
                     {"interval", format_interval(key.interval)},
                     {"rows", count(account.rows)},
                     {"bars", count(bars.size())},
                     {"from", TimeNs{bars.open_time_ns.front()}},
                     {"to", TimeNs{bars.open_time_ns.back()} + key.interval},
                     {"gaps", gap_table(missing)},
                     {"gap_count", count(missing.size())},
                     {"errors", ValueList{}},
                     {"duplicates", count(account.duplicates)},
                     {"reordered", count(account.reordered)},
                     {"unfinished", count(account.unfinished)},
                     {"volumes_rounded", count(account.cut_volumes)},
                     {"off_tick", count(account.off_tick)},
                     {"files", account.files}};
}

bool is_bundled(const AppContext& context, const std::string& instrument_code) {
  const auto manifest = load_manifest(context.asset("data/MANIFEST.toml"));
  return manifest && std::ranges::any_of(manifest->files, [&](const BundleFile& file) { return file.instrument == instrument_code; });
}

}  // namespace

std::expected<Value, CommandError> import_files(AppContext& context, const ImportJob& job) {
  if (job.kind == ImportKind::funding) return import_funding(context, job);
  if (job.kind != ImportKind::bars) return import_recordings(context, job);
  if (job.replace)
    return std::unexpected(
        CommandError{ExitCode::usage, "bad_option", "--replace is for recordings; bars that are sent again always replace", "leave it out", {}});
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  PROM_TRY(const std::string code, instrument_code_of(job.instrument, catalogue));
  BarsOptions options;
  options.venue = parse_instrument_code(code)->venue;
  if (const Instrument* known = catalogue.find(code)) options.instrument = *known;
  if (!job.interval.empty()) {
    const auto interval = parse_interval(job.interval);
    if (!interval) {
      return std::unexpected(CommandError{ExitCode::usage, "bad_interval", "'" + job.interval + "' is no interval", "write 1m, 5m, 1h, 4h or 1d", {}});
    }
    options.interval = *interval;
  }
  options.as_of = wall_clock();  // a bar that is still open is not history
  ImportTotals account;
  PROM_TRY(const ImportStop stop, ImportStop::watch());
  PROM_TRY(const std::vector<BarColumns> parts, read_all(context, job, options, stop, account));
  auto joined = join_bars(parts);
  if (!joined) return std::unexpected(failed(joined.error()));
  PROM_TRY(const auto store, market_to_write(context));
  const SeriesKey key{code, joined->interval};
  if (const auto put = store->put_bars(key, *joined, account.origin); !put) return std::unexpected(store_failed(put.error()));
  return import_document(account, key, *joined);
}

std::expected<Value, CommandError> list_series(AppContext& context) {
  ValueList out;
  PROM_TRY(const auto store, stored_market(context));
  if (store != nullptr) {
    const auto series = store->series();
    if (!series) return std::unexpected(store_failed(series.error()));
    for (const SeriesInfo& info : *series) {
      out.emplace_back(ValueObject{{"instrument", info.key.instrument},
                                   {"interval", format_interval(info.key.interval)},
                                   {"bars", count(info.bars)},
                                   {"from", info.first},
                                   {"to", info.last + info.key.interval},
                                   {"origin", info.origin},
                                   {"where", "store"}});
    }
  }
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  const auto manifest = load_manifest(context.asset("data/MANIFEST.toml"));
  if (!manifest) return std::unexpected(command_error(ExitCode::input_data, manifest.error()));
  const BundleFile* shown = nullptr;
  for (const BundleFile& file : manifest->files) {
    const BundleSet* set = manifest->find_set(file.set);
    if (file.kind != BundleKind::bars || set == nullptr) continue;
    if (shown != nullptr && shown->set == file.set && shown->instrument == file.instrument) continue;  // the months of one series
    shown = &file;
    out.emplace_back(ValueObject{{"instrument", file.instrument},
                                 {"interval", format_interval(file.interval)},
                                 {"bars", (set->to - set->from).ns / file.interval.ns},  // a set's window has no gaps
                                 {"from", set->from},
                                 {"to", set->to},
                                 {"origin", file.origin},
                                 {"where", "bundled"}});
  }
  PROM_TRY(ValueList funding, list_funding(context));
  PROM_TRY(ValueList recordings, list_recordings(context));
  return Value(ValueObject{{"series", std::move(out)}, {"funding", std::move(funding)}, {"recordings", std::move(recordings)}});
}

std::expected<Value, CommandError> verify_data(AppContext& context, const std::string& instrument_code) {
  ValueList series_out, faults;
  PROM_TRY(const auto store, stored_market(context));
  if (store != nullptr) {
    const auto series = store->series();
    if (!series) return std::unexpected(store_failed(series.error()));
    for (const SeriesInfo& info : *series) {
      if (!instrument_code.empty() && info.key.instrument != instrument_code) continue;
      const auto bars = store->bars(info.key, kBeginning, kEnd, kAll);
      if (!bars) return std::unexpected(store_failed(bars.error()));
      std::uint64_t unsound = bars->size() == info.bars ? 0 : 1;
      for (std::size_t i = 0; i < bars->size(); ++i) unsound += check_bar(bars->at(i), info.key.interval) == BarFault::none ? 0 : 1;
      const std::vector<BarGap> holes = gaps(*bars);
      series_out.emplace_back(ValueObject{{"instrument", info.key.instrument},
                                          {"interval", format_interval(info.key.interval)},
                                          {"bars", count(bars->size())},
                                          {"unsound", count(unsound)},
                                          {"gaps", gap_table(holes)},
                                          {"gap_count", count(holes.size())}});
      if (unsound > 0) faults.emplace_back(info.key.instrument + " " + format_interval(info.key.interval) + ": " + std::to_string(unsound) + " unsound bars");
    }
  }
  PROM_TRY(const InstrumentCatalogue catalogue, load_catalogue(context));
  if (const auto bundle = load_bundle(context.asset("data/MANIFEST.toml"), catalogue, std::nullopt); !bundle)
    faults.emplace_back("bundled data: " + bundle.error().message);
  PROM_TRY(const ValueList recordings, list_recordings(context));
  const bool recorded = std::ranges::any_of(recordings, [&](const Value& row) { return row.text("instrument") == instrument_code; });
  PROM_TRY(ValueList unsound, verify_recordings(context, instrument_code));
  for (Value& fault : unsound) faults.push_back(std::move(fault));
  if (!instrument_code.empty() && series_out.empty() && !recorded && !is_bundled(context, instrument_code))
    return std::unexpected(
        CommandError{ExitCode::input_data, "no_data", "there are no bars or recordings of " + instrument_code + " to verify", "see promtrade data list", {}});
  const bool sound = faults.empty();
  return Value(ValueObject{{"ok", sound}, {"series", std::move(series_out)}, {"faults", std::move(faults)}});
}

}  // namespace prom
