// Manifest to series. A file whose bytes are not those of the manifest is refused: results name the data they came from.
#include "adapters/feeds/archive/bundle.h"

#include "adapters/feeds/archive/toml_reader_internal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "adapters/feeds/archive/import.h"
#include "base/time.h"

namespace prom {
namespace {

using archive::TomlReader;

constexpr std::string_view kCode = "bad_manifest";

TimeNs read_time(TomlReader& reader, const char* key) {
  const std::string text = reader.text(key);
  const auto time = parse_rfc3339(text);
  if (!reader.error() && !time) reader.fail(*reader.table().get(key), std::string(key) + " must be an RFC 3339 time in quotes");
  return time ? *time : TimeNs{};
}

std::expected<BundleSet, Error> read_set(const toml::table& table, const std::string& origin) {
  TomlReader reader(table, origin, "set", std::string(kCode));
  BundleSet out;
  out.name = reader.text("name");
  out.role = reader.text("role");
  out.title = reader.text("title");
  out.from = read_time(reader, "from");
  out.to = read_time(reader, "to");
  reader.refuse_unknown();
  if (!reader.error() && out.from >= out.to) reader.fail(table, "from must be before to");
  if (reader.error()) return err(*reader.error());
  return out;
}

std::expected<BundleFile, Error> read_file(const toml::table& table, const std::string& origin, const std::filesystem::path& folder) {
  TomlReader reader(table, origin, "file", std::string(kCode));
  BundleFile out;
  out.set = reader.text("set");
  const std::string kind = reader.text("kind");
  if (!reader.error() && kind != "bars" && kind != "funding") reader.fail(*table.get("kind"), "kind must be bars or funding");
  out.kind = kind == "funding" ? BundleKind::funding : BundleKind::bars;
  out.path = (folder / reader.text("path")).string();
  out.sha256 = reader.text("sha256");
  out.instrument = reader.text("instrument");
  out.origin = reader.text("origin");
  out.licence = reader.text("licence");
  (void)reader.text("dialect");
  (void)reader.integer("rows", 1, 1'000'000'000);
  if (out.kind == BundleKind::bars) {
    const auto interval = parse_interval(reader.text("interval"));
    if (!reader.error() && !interval) reader.fail(*table.get("interval"), "interval must be a time such as 1m");
    out.interval = interval ? *interval : DurationNs{};
  }
  reader.refuse_unknown();
  if (reader.error()) return err(*reader.error());
  return out;
}

Error failed(const ImportError& error) { return {"import_failed", describe(error), error.hint}; }

std::expected<void, Error> check_digest(const BundleFile& file, const std::string& digest) {
  if (digest == file.sha256) return {};
  return err(Error{"bad_checksum", file.path + " is not the file of the manifest: SHA-256 " + digest + " instead of " + file.sha256,
                   "restore it from the release; own data is brought in with `promtrade data import`"});
}

std::expected<void, Error> add_bars(const BundleFile& file, const Instrument& instrument, Bundle& out) {
  ImportRequest request{file.path, {}};
  request.options.venue = instrument.venue;
  request.options.instrument = instrument;
  request.options.interval = file.interval;
  auto read = read_bars(request, {});
  if (!read) return err(failed(read.error()));
  PROM_CHECK_OK(check_digest(file, read->sha256));
  const auto same = std::ranges::find_if(out.bars, [&](const BundleBars& row) { return row.set == file.set && row.instrument == file.instrument; });
  if (same == out.bars.end()) {
    out.bars.push_back({file.instrument, file.set, std::move(read->bars), {file.sha256}, read->off_tick});
    return {};
  }
  std::vector<BarColumns> parts;
  parts.push_back(std::move(same->bars));
  parts.push_back(std::move(read->bars));
  auto joined = join_bars(parts);
  if (!joined) return err(failed(joined.error()));
  same->bars = std::move(*joined);
  same->sha256.push_back(file.sha256);
  same->off_tick += read->off_tick;
  return {};
}

}  // namespace

const BundleSet* BundleManifest::find_set(std::string_view name) const {
  const auto found = std::ranges::find(sets, name, &BundleSet::name);
  return found == sets.end() ? nullptr : &*found;
}

std::expected<BundleManifest, Error> load_manifest(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return err(Error{"file_open", "cannot open the data manifest " + path, "it belongs to the program's assets"});
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  PROM_TRY(const toml::table table, archive::parse_toml(text, path, kCode));
  TomlReader top(table, path, "manifest", std::string(kCode));
  const toml::array* sets = top.array("set");
  const toml::array* files = top.array("file");
  top.refuse_unknown();
  if (top.error()) return err(*top.error());
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  BundleManifest out;
  for (const toml::node& node : *sets) {
    if (node.as_table() == nullptr) return err(Error{std::string(kCode), path + ": a set must be a table [[set]]", ""});
    PROM_TRY(BundleSet row, read_set(*node.as_table(), path));
    out.sets.push_back(std::move(row));
  }
  for (const toml::node& node : *files) {
    if (node.as_table() == nullptr) return err(Error{std::string(kCode), path + ": a file must be a table [[file]]", ""});
    PROM_TRY(BundleFile row, read_file(*node.as_table(), path, folder));
    if (out.find_set(row.set) == nullptr) return err(Error{std::string(kCode), path + ": file " + row.path + " is of unknown set '" + row.set + "'", ""});
    out.files.push_back(std::move(row));
  }
  return out;
}

std::expected<Bundle, Error> load_bundle(const std::string& manifest_path, const InstrumentCatalogue& catalogue, std::optional<std::string> set) {
  PROM_TRY(BundleManifest manifest, load_manifest(manifest_path));
  if (set && manifest.find_set(*set) == nullptr) {
    std::vector<std::string> names;
    for (const BundleSet& row : manifest.sets) names.push_back(row.name);
    return err(Error{"unknown_set", "no data set '" + *set + "' in " + manifest_path, "there are: " + join(names, ", ")});
  }
  Bundle out;
  for (const BundleSet& row : manifest.sets) {
    if (!set || row.name == *set) out.sets.push_back(row);
  }
  for (const BundleFile& file : manifest.files) {
    if (set && file.set != *set) continue;
    const Instrument* instrument = catalogue.find(file.instrument);
    if (instrument == nullptr) {
      return err(Error{"unknown_instrument", file.path + ": instrument " + file.instrument + " is not in the catalogue", "add it to instruments.toml"});
    }
    if (file.kind == BundleKind::bars) {
      PROM_CHECK_OK(add_bars(file, *instrument, out));
      continue;
    }
    auto read = read_funding(file.path);
    if (!read) return err(failed(read.error()));
    PROM_CHECK_OK(check_digest(file, read->sha256));
    out.funding.push_back({file.instrument, file.set, std::move(read->rows), file.sha256});
  }
  return out;
}

}  // namespace prom
