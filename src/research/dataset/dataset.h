// The market data of a run: instruments with dense indexes, aligned base bars, funding records, and hashes that identify them. Immutable; any thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "domain/instrument.h"
#include "ports/market_store.h"
#include "ports/views.h"

namespace prom {

struct InstrumentData {
  Instrument instrument;  ///< ix is its place in Dataset::series
  BarColumns bars;
  std::vector<FundingRow> funding;  ///< recorded settlements, ascending; empty = the instrument's assumed rate is charged
  std::string sha256;               ///< of the source file's bytes
  std::string origin;               ///< file name or import it came from
};

struct Dataset {
  std::vector<std::string> assets;  ///< by AssetIx
  std::vector<InstrumentData> series;
  DurationNs interval{};  ///< the same for every series

  TimeNs first() const;       ///< earliest open time
  TimeNs last_close() const;  ///< latest close time
  std::size_t bar_count() const;
  /// Names the data of a run: of one file its SHA-256, so that sha256sum says the same; of several the SHA-256 over their hashes, codes and ranges.
  std::string digest() const;
  /// Only bars that open in [from, to).
  Dataset slice(TimeNs from, TimeNs to) const;
};

/// Renumbers instruments, checks that all share one interval. `message` says what does not fit.
std::expected<Dataset, std::string> make_dataset(std::vector<std::string> assets, std::vector<InstrumentData> series);

}  // namespace prom
