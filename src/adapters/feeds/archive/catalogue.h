// The catalogue of instruments (assets/instruments.toml): filters, fees, tiers and assumed funding of each market. Read once at start; a value afterwards.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/instrument.h"

namespace prom {

struct InstrumentCatalogue {
  std::vector<std::string> assets;      ///< by AssetIx, in order of first appearance
  std::vector<Instrument> instruments;  ///< by InstrumentIx, in the file's order
  /// The instrument of a code such as "binance:linear:BTCUSDT" (any case, market aliases allowed); null when unknown.
  const Instrument* find(std::string_view code) const;
  /// All codes, for lists and suggestions.
  std::vector<std::string> codes() const;
};

/// Reads the TOML text. Every key must be known and every value in range; the error names the line, the instrument and, for a misspelt key, the nearest
/// known one. Codes: "bad_instruments". `origin` is how messages call the text, e.g. its path.
std::expected<InstrumentCatalogue, Error> parse_instruments(std::string_view text, std::string_view origin);
/// The same from a file; "file_open" where it cannot be read.
std::expected<InstrumentCatalogue, Error> load_instruments(const std::string& path);

/// An instrument of which nothing is known but its data: the given code, scales of the data, tick and step of one unit, no limits but those of the scale,
/// fees, funding and leverage tiers assumed at the dear end of the catalogue's. Marked assumed. "bad_instrument_code" when `code` cannot be read; base and
/// quote are split at a known quote asset, behind which a contract's suffix (SWAP, PERP, a date) may stand.
struct UnknownInstrument {
  Instrument instrument;
  std::string base, quote;
};
std::expected<UnknownInstrument, Error> instrument_from_data(std::string_view code, int price_digits, int quantity_digits);

}  // namespace prom
