// Bars from wherever a command is told to take them: files, the market store, the bundled data. One thread.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feeds/archive/catalogue.h"
#include "app/cli/command.h"
#include "domain/bar.h"
#include "domain/instrument.h"
#include "ports/market_store.h"

namespace prom {

/// The shipped catalogue of instruments.
std::expected<InstrumentCatalogue, CommandError> load_catalogue(const AppContext& context);

/// An instrument with its bars, and where they are from in words.
struct MarketInput {
  Instrument instrument;
  std::vector<std::string> assets;  ///< by AssetIx
  BarColumns bars;
  std::string source;
  std::vector<FundingRow> funding = {};  ///< recorded settlements; empty = the instrument's assumed rate is shown
  std::string note = {};                 ///< what reading the file lost, in one sentence; empty: nothing
};

/// The market that a bare symbol is read in where `--market` says nothing.
struct InstrumentChoice {
  std::string venue;   ///< "binance"; empty where `instrument` is a whole code
  std::string market;  ///< "spot", "linear", "inverse"; empty: what the catalogue knows, spot first
  std::string name;    ///< "BTCUSDT", "BTC-USDT-SWAP" or VENUE:MARKET:SYMBOL
};
/// The code VENUE:MARKET:SYMBOL. Venue's own names are looked up in the catalogue. Code bad_instrument.
std::expected<std::string, CommandError> instrument_code_of(const InstrumentChoice& choice, const InstrumentCatalogue& catalogue);

/// An OHLCV file by itself. The instrument is the catalogue's where it has one, at scales as fine as the data's, so that nothing is rounded. `interval` where the
/// file cannot tell.
struct FileInput {
  std::string path;
  std::string instrument_code;
  std::optional<DurationNs> interval;
};
std::expected<MarketInput, CommandError> market_from_file(const FileInput& file, const InstrumentCatalogue& catalogue);

/// An instrument without bars: of the catalogue, else of its code alone.
std::expected<MarketInput, CommandError> bare_market(const std::string& instrument_code, const InstrumentCatalogue& catalogue);

/// Whether bars of `timeframe` can be made of bars of `base`: it is the same, or one of view_intervals() and a multiple.
bool can_be_made(DurationNs timeframe, DurationNs base);

/// Which of several stored series of one instrument is taken.
struct SeriesWish {
  enum class Otherwise : std::uint8_t { finest, refuse };
  std::optional<DurationNs> timeframe;  ///< the finest series of which this can be made; none: the finest of all
  Otherwise otherwise = Otherwise::finest;
};

/// The series of an instrument in the market store (that of `wish`), else in the bundled data: then the rest of its set comes too, behind it, and each series is cut
/// to the set's window, as in a run. Stored markets of gold
/// tokens come behind either, for gold_correlation. Never empty.
/// Code no_data names what there is; code bad_timeframe the intervals that are stored, where none of them will do.
std::expected<std::vector<MarketInput>, CommandError> market_at_hand(AppContext& context, const std::string& instrument_code, const SeriesWish& wish = {});

/// Codes of all markets in the market store and the bundled data, sorted, each once.
std::expected<std::vector<std::string>, CommandError> markets_kept(AppContext& context);

}  // namespace prom
