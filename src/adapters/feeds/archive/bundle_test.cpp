// The shipped data: every byte is the manifest's, every price a multiple of its tick (P11), every set whole in its window (P33).
#include "adapters/feeds/archive/bundle.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace prom {
namespace {

namespace fs = std::filesystem;

const std::string kAssets = std::string(PROM_SOURCE_DIR) + "/assets";

InstrumentCatalogue catalogue() { return *load_instruments(kAssets + "/instruments.toml"); }

TEST(Bundle, SetsAreWholeInTheirWindows) {
  const auto bundle = load_bundle(kAssets + "/data/MANIFEST.toml", catalogue(), std::nullopt);
  ASSERT_TRUE(bundle) << bundle.error().message;
  ASSERT_EQ(bundle->sets.size(), 3u);
  ASSERT_EQ(bundle->bars.size(), 6u) << "four futures, one spot series of four months, one OKX series";
  for (const BundleBars& series : bundle->bars) {
    const auto set = std::ranges::find(bundle->sets, series.set, &BundleSet::name);
    ASSERT_NE(set, bundle->sets.end());
    const std::size_t from = series.bars.lower_bound(set->from);
    const std::size_t to = series.bars.lower_bound(set->to);
    ASSERT_LT(from, series.bars.size());
    EXPECT_EQ(series.bars.open_time_ns[from], set->from.ns) << series.instrument;
    EXPECT_EQ(static_cast<std::int64_t>(to - from), (set->to - set->from) / series.bars.interval) << series.instrument << " misses bars in its window";
    EXPECT_EQ(series.bars.taker_buy_volume.empty(), set->role != "spot") << series.instrument;
  }
}

// One print of SOL (2025-05-10T00:17Z, high 174.733) is finer than its tick of 0.01; all other bars are on theirs.
TEST(Bundle, PricesAreMultiplesOfTheTick) {
  const auto bundle = load_bundle(kAssets + "/data/MANIFEST.toml", catalogue(), std::nullopt);
  ASSERT_TRUE(bundle);
  for (const BundleBars& series : bundle->bars) EXPECT_EQ(series.off_tick, series.instrument == "binance:linear:SOLUSDT" ? 1u : 0u) << series.instrument;
}

TEST(Bundle, HeldOutSetHasItsRecordedFunding) {
  const auto bundle = load_bundle(kAssets + "/data/MANIFEST.toml", catalogue(), "okx_held_out");
  ASSERT_TRUE(bundle) << bundle.error().message;
  ASSERT_EQ(bundle->bars.size(), 1u);
  ASSERT_EQ(bundle->funding.size(), 1u);
  const auto& rows = bundle->funding[0].rows;
  EXPECT_EQ(rows.size(), 292u);
  for (std::size_t i = 1; i < rows.size(); ++i) ASSERT_EQ((rows[i].time - rows[i - 1].time).ns, (8 * kHour).ns);
  EXPECT_EQ(rows.front().time, bundle->sets[0].from);
  EXPECT_EQ(rows.back().time + 8 * kHour, bundle->sets[0].to) << "the first unknown settlement lies outside";
}

TEST(Bundle, WhatShipsIsSmallAndLicensed) {
  const auto manifest = load_manifest(kAssets + "/data/MANIFEST.toml");
  ASSERT_TRUE(manifest) << manifest.error().message;
  std::uintmax_t bytes = 0;
  for (const BundleFile& file : manifest->files) {
    bytes += fs::file_size(file.path);
    EXPECT_TRUE(file.licence == "MIT" || file.licence == "Apache-2.0") << file.path;
  }
  EXPECT_LE(bytes, 12'000'000u);
  for (const auto& entry : fs::directory_iterator(kAssets + "/data")) {
    if (!entry.path().string().ends_with(".xz")) continue;
    EXPECT_TRUE(std::ranges::any_of(manifest->files, [&](const BundleFile& file) { return fs::path(file.path).filename() == entry.path().filename(); }))
        << entry.path() << " is not in the manifest";
  }
}

TEST(Bundle, ForeignBytesAndUnknownNamesAreRefused) {
  const auto unknown = load_bundle(kAssets + "/data/MANIFEST.toml", catalogue(), "nosuch");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "unknown_set");
  EXPECT_NE(unknown.error().hint.find("okx_held_out"), std::string::npos);
  const fs::path dir = fs::temp_directory_path() / ("prom_bundle_" + std::to_string(::getpid()));
  fs::create_directories(dir);
  std::ofstream(dir / "x.csv") << "time,open,high,low,close,volume\n0,1,1,1,1,1\n60,1,1,1,1,1\n";
  const std::string manifest =
      "[[set]]\nname=\"s\"\nrole=\"replay\"\ntitle=\"t\"\nfrom=\"1970-01-01T00:00:00Z\"\nto=\"1970-01-01T00:02:00Z\"\n"
      "[[file]]\nset=\"s\"\nkind=\"bars\"\npath=\"x.csv\"\nsha256=\"00\"\ninstrument=\"binance:linear:BTCUSDT\"\ninterval=\"1m\"\n"
      "dialect=\"generic_csv\"\nrows=2\norigin=\"o\"\nlicence=\"MIT\"\n";
  std::ofstream(dir / "M.toml") << manifest;
  const auto foreign = load_bundle((dir / "M.toml").string(), catalogue(), std::nullopt);
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, "bad_checksum");
  std::ofstream(dir / "M.toml") << manifest << "licens=\"MIT\"\n";
  const auto typo = load_bundle((dir / "M.toml").string(), catalogue(), std::nullopt);
  ASSERT_FALSE(typo);
  EXPECT_EQ(typo.error().hint, "did you mean 'licence'?");
  fs::remove_all(dir);
}

}  // namespace
}  // namespace prom
