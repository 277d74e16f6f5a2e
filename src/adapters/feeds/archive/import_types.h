// What an import is asked for and what it answers: bars or funding with an account of everything that was skipped, or one error with its line.
// Plain values; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/bar.h"
#include "domain/instrument.h"

namespace prom {

/// Formats that are told apart by their columns; what the venue alone would say is not guessed.
enum class ArchiveDialect : std::uint8_t {
  binance_klines,  ///< with the volume that takers bought, or Binance's own name of the time where the venue is known to be Binance
  trades,          ///< of which bars are made
  okx_candles,     ///< with the mark of a closed bar
  bybit_candles,   ///< seven columns without a header, or Bybit's own name of the time, where the venue is known to be Bybit
  generic_csv,     ///< what nothing but open, high, low, close and volume tells of
  json
};
std::string_view dialect_name(ArchiveDialect dialect);

enum class OutOfOrder : std::uint8_t { sort, refuse };
/// Whether the last bar may still have been open when the file was recorded and is therefore left out.
enum class LastBar : std::uint8_t { keep, drop };

struct BarsOptions {
  std::optional<Venue> venue;            ///< hint where columns alone do not tell the format
  std::optional<Instrument> instrument;  ///< fixes the scales; absent: derived from the data
  std::optional<DurationNs> interval;    ///< absent: the smallest distance between bars (trades: 1 minute)
  std::optional<TimeNs> as_of;           ///< bars that close after this instant are unfinished and never enter
  LastBar last_bar = LastBar::keep;
  OutOfOrder out_of_order = OutOfOrder::sort;
};

enum class ImportFault : std::uint8_t {
  not_readable,    ///< file missing, unreadable, damaged or too large
  unknown_format,  ///< columns cannot be understood
  bad_number,
  bad_time,
  bad_bar,
  bad_flag,
  too_few_columns,
  too_many_columns,  ///< more values than the header has names
  off_scale,         ///< more decimals, or a larger value, than the instrument's scale holds
  conflict,          ///< two different bars at the same time
  out_of_order,
  bad_interval,
  no_rows,
  stopped,  ///< whoever was told of the progress wanted no more
};

/// One sentence for a person: where, what, the offending text, what was expected.
struct ImportError {
  ImportFault fault = ImportFault::not_readable;
  std::string path;          ///< empty when parsed from memory
  std::uint64_t line = 0;    ///< 1-based; 0 where no line is to blame
  std::uint32_t column = 0;  ///< 1-based field number in a CSV line; 0 where none
  std::string text;          ///< the offending text, clipped to 80 bytes
  std::string message;
  std::string hint;
  std::vector<ImportError> more;  ///< what else is wrong with the same file, in its order; bounded, and empty within itself
};
/// Wrong rows of one file that are told before the rest of it is not read.
inline constexpr std::size_t kMostWrongRows = 20;
/// "bars.csv:17: message: \"text\"".
std::string describe(const ImportError& error);

struct ImportedBars {
  BarColumns bars;  ///< ascending, unique, checked, with doubles made
  ArchiveDialect dialect = ArchiveDialect::generic_csv;
  std::vector<BarGap> gaps;
  std::uint64_t rows = 0;         ///< data rows read (bars or trades)
  std::uint64_t unfinished = 0;   ///< bars left out because they were still open
  std::uint64_t duplicates = 0;   ///< identical repetitions left out
  std::uint64_t reordered = 0;    ///< rows that came before their place and were sorted
  std::uint64_t cut_prices = 0;   ///< prices rounded to the derived scale's 12 digits
  std::uint64_t cut_volumes = 0;  ///< volumes rounded down to the scale
  std::uint64_t off_tick = 0;     ///< bars with a price that is no multiple of the instrument's tick
  std::string sha256;             ///< of the file's bytes as they lie on disk
};

struct FundingEntry {
  TimeNs time;   ///< settlement; times within a second of a full minute are set to it
  Decimal rate;  ///< as charged, fraction of notional
  friend bool operator==(const FundingEntry&, const FundingEntry&) = default;
};
struct ImportedFunding {
  std::vector<FundingEntry> rows;  ///< ascending, unique
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::string sha256;
};

}  // namespace prom
