// Reads files of bars and funding rates in the formats of public archives: Binance klines and aggTrades, OKX and Bybit candles, generic OHLCV CSV
// and JSON; plain, .xz, .gz or .zip. The format is found from the content. Blocking file reads; one thread each call.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/import_types.h"

namespace prom {

struct ImportProgress {
  std::uint64_t bytes_read = 0;  ///< of the file on disk
  std::uint64_t bytes_total = 0;
  std::uint64_t rows = 0;
};
enum class ImportFlow : std::uint8_t { go_on, stop };
/// Hears how far it is and says whether to go on; after `stop` the file is given up with ImportFault::stopped.
using OnImportProgress = std::function<ImportFlow(const ImportProgress&)>;

struct ImportRequest {
  std::string path;
  BarsOptions options;
};

/// All bars of a file, or the first thing that is wrong with it, with the other wrong rows in `more`. `on_progress` may be empty; it is called about every 256 KiB.
std::expected<ImportedBars, ImportError> read_bars(const ImportRequest& request, const OnImportProgress& on_progress);
/// The same from memory, unpacked text only; `sha256` stays empty.
std::expected<ImportedBars, ImportError> parse_bars(std::string_view text, const BarsOptions& options);

std::expected<ImportedFunding, ImportError> read_funding(const std::string& path);
std::expected<ImportedFunding, ImportError> parse_funding(std::string_view text);

/// Several files of one series (months) as one: they may touch, overlap with identical bars, and come in any order; scales are brought together.
/// `conflict` where two files differ about a bar. All parts have the same interval.
std::expected<BarColumns, ImportError> join_bars(const std::vector<BarColumns>& parts);

}  // namespace prom
