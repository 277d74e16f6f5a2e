// The market data that ships with the program: assets/data/MANIFEST.toml and the files it names, each checked against its SHA-256 before use.
// Blocking reads at start; values afterwards.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "adapters/feeds/archive/catalogue.h"
#include "adapters/feeds/archive/import_types.h"
#include "base/result.h"

namespace prom {

enum class BundleKind : std::uint8_t { bars, funding };

/// One file of the manifest.
struct BundleFile {
  std::string set;  ///< name of its set
  BundleKind kind = BundleKind::bars;
  std::string path;  ///< absolute, or relative to the working directory as the manifest's own path is
  std::string sha256;
  std::string instrument;  ///< code in the catalogue
  DurationNs interval{};   ///< bars only
  std::string origin;      ///< who recorded it
  std::string licence;     ///< SPDX name
};

/// A group of files that belong together, and the window in which all of them have data: from <= time < to.
struct BundleSet {
  std::string name;
  std::string role;   ///< replay, spot, held_out
  std::string title;  ///< for people
  TimeNs from{}, to{};
};

struct BundleManifest {
  std::vector<BundleSet> sets;
  std::vector<BundleFile> files;
  const BundleSet* find_set(std::string_view name) const;
};

/// One series of bars, joined from its files.
struct BundleBars {
  std::string instrument;
  std::string set;
  BarColumns bars;
  std::vector<std::string> sha256;  ///< of its files, in the manifest's order
  std::uint64_t off_tick = 0;       ///< bars with a price that is no multiple of the instrument's tick
};
struct BundleFunding {
  std::string instrument;
  std::string set;
  std::vector<FundingEntry> rows;
  std::string sha256;
};
struct Bundle {
  std::vector<BundleSet> sets;
  std::vector<BundleBars> bars;
  std::vector<BundleFunding> funding;
};

std::expected<BundleManifest, Error> load_manifest(const std::string& path);
/// Reads the files of one set, or of all sets when `set` is absent. Codes: bad_manifest, unknown_set, unknown_instrument, bad_checksum, import_failed.
std::expected<Bundle, Error> load_bundle(const std::string& manifest_path, const InstrumentCatalogue& catalogue, std::optional<std::string> set);

}  // namespace prom
