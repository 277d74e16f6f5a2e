// One series from one or several files into the market store: read and joined whole in memory, then put in one transaction; recordings: recording_import.h. One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/command.h"
#include "app/commands/market_input.h"

namespace prom {

enum class ImportKind : std::uint8_t {
  bars,    ///< files of bars, and of trades that are folded into bars
  book,    ///< recordings of a venue's feed, frame by frame: order book and trades
  trades,  ///< files of trades, kept trade by trade
  funding  ///< recorded funding rates
};

struct ImportJob {
  std::vector<std::string> files;
  InstrumentChoice instrument;
  std::string interval;  ///< "1m"; empty = as the files say
  ImportKind kind = ImportKind::bars;
  bool replace = false;  ///< recordings that overlap give way
};

/// What `data import --json` answers. An error leaves the store as it was; it carries rows, gaps and errors as details too.
std::expected<Value, CommandError> import_files(AppContext& context, const ImportJob& job);

/// The stored series, funding rates and recordings.
std::expected<Value, CommandError> list_series(AppContext& context);

/// Walks every stored bar, every recording and the bundled files. `ok` is false where one is unsound or a bundled file is not what its checksum says; gaps are listed, and
/// are no fault of the store.
std::expected<Value, CommandError> verify_data(AppContext& context, const std::string& instrument_code);

}  // namespace prom
