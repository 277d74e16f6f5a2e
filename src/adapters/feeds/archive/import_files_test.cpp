// Files as they lie on disk: missing, damaged, cut off at every byte; and the large recordings where they are present.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "adapters/feeds/archive/byte_source.h"
#include "adapters/feeds/archive/import.h"

namespace prom {
namespace {

namespace fs = std::filesystem;

std::string fixture(const std::string& name) { return std::string(PROM_SOURCE_DIR) + "/tests/fixtures/archive/" + name; }

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class ImportFiles : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::temp_directory_path() / ("prom_import_" + std::to_string(::getpid()));
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }
  std::string write(const std::string& name, const std::string& bytes) {
    const fs::path path = dir_ / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  fs::path dir_;
};

// The n-th byte missing, for every n: an error each time, never fewer bars.
TEST_F(ImportFiles, CutOffArchivesAreErrorsAtEveryLength) {
  for (const char* name : {"binance_spot_ms.csv.xz", "binance_spot_ms.zip"}) {
    const std::string whole = slurp(fixture(name));
    ASSERT_GT(whole.size(), 100u);
    const auto reference = read_bars({fixture(name), {}}, {});
    ASSERT_TRUE(reference);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto in = read_bars({write("cut.bin", whole.substr(0, n)), {}}, {});
      // The directory at the end of a zip repeats what its entries say; without it the content may still be whole.
      if (in) {
        EXPECT_EQ(in->bars.close, reference->bars.close) << name << " cut at " << n;
        EXPECT_EQ(std::string(name).ends_with(".zip"), true) << name << " cut at " << n << " was taken for whole";
      } else {
        EXPECT_FALSE(in.error().message.empty());
      }
    }
  }
}

TEST_F(ImportFiles, DamagedArchivesAreErrorsOrUnchanged) {
  const std::string whole = slurp(fixture("binance_spot_ms.csv.xz"));
  const auto reference = read_bars({fixture("binance_spot_ms.csv.xz"), {}}, {});
  int refused = 0;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    std::string bad = whole;
    bad[n] = static_cast<char>(bad[n] ^ 0x20);
    const auto in = read_bars({write("bad.xz", bad), {}}, {});
    if (in) {
      EXPECT_EQ(in->bars.close, reference->bars.close) << n;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(whole.size() * 9 / 10));
}

// A .gz whose content changed on the way was read without a word: 21.1 became 29.1. Stored, not deflated, so that every digit can be reached.
TEST_F(ImportFiles, GzipChecksumIsCompared) {
  const std::string text = "time,open,high,low,close,volume\n0,1,2,1,1,21.1\n60,1,2,1,1,1\n";
  std::string file("\x1f\x8b\x08\0\0\0\0\0\0\xff\x01", 11);  // RFC 1952 header; RFC 1951 block: last, stored
  const auto put = [&file](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file.push_back(static_cast<char>(value >> (8 * i)));
  };
  const auto length = static_cast<std::uint32_t>(text.size());
  put(length, 2);
  put(~length, 2);
  file += text;
  const std::size_t trailer = file.size();
  put(0xeb4d0d8cu, 4);  // by another program: python3 -c "zlib.crc32(...)"
  put(length, 4);
  const auto whole = read_bars({write("whole.csv.gz", file), {}}, {});
  ASSERT_TRUE(whole) << describe(whole.error());
  EXPECT_EQ(whole->bars.size(), 2u);
  std::string changed = file;
  changed[changed.find("21.1") + 1] = '9';
  const auto damaged = read_bars({write("damaged.csv.gz", changed), {}}, {});
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().fault, ImportFault::not_readable);
  for (std::size_t i = trailer; i < file.size(); ++i) {
    changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(read_bars({write("trailer.csv.gz", changed), {}}, {})) << i;
  }
}

TEST_F(ImportFiles, MissingEmptyAndOddFilesAreNamed) {
  const auto missing = read_bars({(dir_ / "no.csv").string(), {}}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().fault, ImportFault::not_readable);
  EXPECT_NE(describe(missing.error()).find("no.csv: cannot be opened"), std::string::npos) << describe(missing.error());
  EXPECT_EQ(read_bars({write("empty.csv", ""), {}}, {}).error().fault, ImportFault::not_readable);
  EXPECT_EQ(read_bars({dir_.string(), {}}, {}).error().fault, ImportFault::not_readable);
  const auto two = read_bars({fixture("two_files.zip"), {}}, {});
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().message.find("more than one file"), std::string::npos);
  const auto line = read_bars({write("x.csv", "time,open,high,low,close,volume\n0,1,1,1,1,1\nbroken\n"), {}}, {});
  ASSERT_FALSE(line);
  EXPECT_TRUE(describe(line.error()).ends_with("x.csv:3: 1 columns where at least 6 are needed: \"broken\"")) << describe(line.error());
}

TEST_F(ImportFiles, UnpackingIsBounded) {
  archive::UnpackLimits limits;
  limits.max_bytes = 100;
  auto source = archive::ByteSource::open(fixture("binance_spot_ms.csv.xz"), limits);
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->next());
  limits = {};
  limits.max_ratio = 1;
  limits.ratio_from = 0;
  source = archive::ByteSource::open(fixture("binance_spot_ms.csv.xz"), limits);
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->next()) << "760 bytes out of 352";
}

TEST_F(ImportFiles, ProgressReachesTheEnd) {
  std::string text = "time,open,high,low,close,volume\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 60) + ",1,2,1,1.5,3\n";
  ImportProgress last;
  int calls = 0;
  const auto in = read_bars({write("long.csv", text), {}}, [&](const ImportProgress& now) {
    EXPECT_GE(now.bytes_read, last.bytes_read);
    last = now;
    ++calls;
    return ImportFlow::go_on;
  });
  ASSERT_TRUE(in);
  EXPECT_EQ(in->bars.size(), 50'000u);
  EXPECT_GT(calls, 2);
  EXPECT_EQ(last.bytes_read, last.bytes_total);
}

TEST_F(ImportFiles, StopsWhenItIsToldTo) {
  std::string text = "time,open,high,low,close,volume\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 60) + ",1,2,1,1.5,3\n";
  int calls = 0;
  const auto in = read_bars({write("long.csv", text), {}}, [&](const ImportProgress&) { return ++calls == 2 ? ImportFlow::stop : ImportFlow::go_on; });
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().fault, ImportFault::stopped);
  EXPECT_EQ(calls, 2);
}

std::string shared_data() {
  const char* set = std::getenv("PROM_SHARED");
  return std::string(set != nullptr ? set : std::string(PROM_SOURCE_DIR) + "/../shared") + "/data";
}

struct Recorded {
  const char* path;
  std::size_t bars;
  std::uint64_t missing;
  std::uint64_t unfinished;
  int price_digits, quantity_digits;
};

// Counts, gaps and digits worked out with an independent script over the same files.
TEST_F(ImportFiles, RecordingsReadWhole) {
  if (!fs::exists(shared_data())) GTEST_SKIP() << "no recordings at " << shared_data() << " (set PROM_SHARED)";
  const Recorded files[] = {{"candles/binance-spot-1m/BTCUSDT-1m-2021-02.csv.xz", 40241, 79, 0, 2, 6},
                            {"candles/binance-spot-1m/BTCUSDT-1m-2021-04.csv.xz", 42766, 434, 0, 2, 6},
                            {"candles/binance-spot-1m/BTCUSDT-1m-2025-01.csv.xz", 44640, 0, 0, 2, 6},
                            {"candles/binance-um-1m/ETHUSDT-1m-202505.csv.xz", 60191, 0, 0, 2, 3},
                            {"candles/binance-um-1h/BTCUSDT-1h.csv.xz", 58623, 0, 0, 2, 3},
                            {"candles/bybit-linear/ETHUSDT-5m.csv.xz", 17336, 0, 0, 2, 2},
                            {"candles/okx-swap/ETH-USDT-SWAP-1h.csv.xz", 14999, 0, 1, 2, 2}};
  for (const Recorded& file : files) {
    const auto in = read_bars({shared_data() + "/" + file.path, {}}, {});
    ASSERT_TRUE(in) << describe(in.error());
    EXPECT_EQ(in->bars.size(), file.bars) << file.path;
    std::uint64_t missing = 0;
    for (const BarGap& gap : in->gaps) missing += gap.missing;
    EXPECT_EQ(missing, file.missing) << file.path;
    EXPECT_EQ(in->unfinished, file.unfinished) << file.path;
    EXPECT_EQ(in->bars.price_digits, file.price_digits) << file.path;
    EXPECT_EQ(in->bars.quantity_digits, file.quantity_digits) << file.path;
  }
  const auto months = read_bars({shared_data() + "/candles/binance-spot/BTCUSDT-1M.csv.xz", {}}, {});
  ASSERT_FALSE(months) << "months have no fixed length";
  const auto trades = read_bars({shared_data() + "/ticks-book/futures-APEUSDT-aggTrades-2024-10-18.zip", {}}, {});
  ASSERT_TRUE(trades) << describe(trades.error());
  EXPECT_EQ(trades->dialect, ArchiveDialect::trades);
  EXPECT_EQ(trades->bars.interval, kMinute);
  EXPECT_EQ(
      trades->bars.size() +
          [&] {
            std::uint64_t missing = 0;
            for (const BarGap& gap : trades->gaps) missing += gap.missing;
            return missing;
          }(),
      1440u)
      << "a whole day";
}

// 1m bars made from a real hour of the same venue agree with its own 1h bars wherever both exist.
TEST_F(ImportFiles, MinutesAddUpToTheVenuesHours) {
  if (!fs::exists(shared_data())) GTEST_SKIP() << "no recordings at " << shared_data() << " (set PROM_SHARED)";
  const auto minutes = read_bars({shared_data() + "/candles/binance-um-1m/BTCUSDT-1m-202505.csv.xz", {}}, {});
  const auto hours = read_bars({shared_data() + "/candles/binance-um-1h/BTCUSDT-1h.csv.xz", {}}, {});
  ASSERT_TRUE(minutes && hours);
  const BarColumns made = resample(minutes->bars, kHour);
  std::size_t compared = 0;
  for (std::size_t i = 1; i < made.size(); ++i) {
    const std::size_t j = hours->bars.lower_bound(TimeNs{made.open_time_ns[i]});
    ASSERT_LT(j, hours->bars.size());
    ASSERT_EQ(hours->bars.open_time_ns[j], made.open_time_ns[i]);
    ASSERT_EQ(hours->bars.high_f[j], made.high_f[i]);
    ASSERT_EQ(hours->bars.low_f[j], made.low_f[i]);
    ASSERT_EQ(hours->bars.close_f[j], made.close_f[i]);
    ASSERT_NEAR(hours->bars.volume_f[j], made.volume_f[i], 1e-6);
    ++compared;
  }
  EXPECT_GT(compared, 700u);
}

}  // namespace
}  // namespace prom
