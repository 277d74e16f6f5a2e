// A MarketView over columns in memory: bars of the base interval plus coarser ones made once at construction. Replay, backtest, the command line and tests
// read markets through it. Immutable after make(): any thread may read it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/bar.h"
#include "domain/instrument.h"
#include "ports/views.h"

namespace prom {

/// A funding rate as it became known. `rate` is a fraction per funding interval.
struct FundingObservation {
  TimeNs available_at{};  ///< when it could be known; a view never shows it earlier
  TimeNs time{};          ///< the funding instant it belongs to
  double rate = 0;
  Provenance provenance = Provenance::venue;
};

/// One instrument and its data.
struct ColumnMarketSource {
  Instrument instrument;
  std::shared_ptr<const BarColumns> bars;   ///< not null; shared, never copied when its double columns are there
  std::vector<FundingObservation> funding;  ///< any order; may be empty
  std::string source;                       ///< e.g. "replay binance:linear:BTCUSDT 1m"
};

enum class ColumnViewFault : std::uint8_t {
  no_bars,           ///< null columns, or an interval that is not positive
  length_mismatch,   ///< columns of different lengths
  not_ascending,     ///< open times not strictly ascending (index = the offending bar)
  value_not_finite,  ///< NaN or infinity in a double column, or a price that is not positive (index = the bar), or a funding rate
  duplicate_instrument
};
struct ColumnViewError {
  ColumnViewFault fault = ColumnViewFault::no_bars;
  std::size_t source = 0;  ///< which entry of the list
  std::size_t index = 0;   ///< which bar or funding row, where that means something
};

/// The intervals a view serves where the base interval divides them: 1m 5m 15m 1h 4h 1d.
std::span<const DurationNs> view_intervals();

class ColumnMarketView final : public MarketView {
 public:
  /// Checks every source, then resamples. O(total bars) once.
  static std::expected<ColumnMarketView, ColumnViewError> make(std::vector<ColumnMarketSource> sources);

  std::span<const Instrument> instruments() const override { return instruments_; }
  /// O(log n), no copies: spans into the columns, valid as long as the view. The base interval is served even where it is not one of view_intervals().
  /// `count` larger than what there is gives what there is.
  BarWindow bars(InstrumentIx instrument, DurationNs interval, std::size_t count, TimeNs as_of) const override;
  /// The newest row with available_at <= as_of (of equal ones, the latest funding time). Without any such row a derivative answers its instrument's assumed
  /// rate, labelled `assumed`, at the last funding instant on its grid; spot answers nothing.
  std::optional<FundingView> funding(InstrumentIx instrument, TimeNs as_of) const override;
  std::string source(InstrumentIx instrument) const override;

 private:
  struct Market {
    std::vector<std::shared_ptr<const BarColumns>> columns;  ///< the base interval first
    std::vector<FundingObservation> funding;                 ///< by available_at, then time
    std::string source;
  };
  ColumnMarketView() = default;
  const Market* market_of(InstrumentIx instrument) const;

  std::vector<Instrument> instruments_;
  std::vector<Market> markets_;        ///< aligned with instruments_
  std::vector<std::int32_t> slot_of_;  ///< by instrument index; -1 = unknown
};

}  // namespace prom
