// Prices between which a bar or trade changes nothing but the price itself: no loss limit, equity peak or trailing stop can be reached inside. What makes a tick
// cost the same however many accounts hold the instrument, and lets a backtest run through the bars between events. Derived from the engine's state and never
// recorded. Engine thread.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/state/state.h"

namespace prom {

/// All limits are exclusive. The default holds every price; an empty band holds none.
struct CalmBand {
  std::int64_t low = INT64_MIN, high = INT64_MAX;              ///< a bar's low lies above `low`, its high below `high`
  std::int64_t close_low = INT64_MIN, close_high = INT64_MAX;  ///< and its close between these
  /// Closes beyond close_low and close_high, but between these, can do no more than raise the equity peak: the loss limits that follow the peak are not reached
  /// inside the band even then. Never narrower than close_low and close_high.
  std::int64_t peak_low = INT64_MIN, peak_high = INT64_MAX;

  static CalmBand empty() { return {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN}; }
  bool holds(PriceUnits bar_high, PriceUnits bar_low, PriceUnits close) const {
    return (bar_low.v > low) & (bar_high.v < high) & (close.v > close_low) & (close.v < close_high);
  }
  void narrow(const CalmBand& other);
};

/// The bands of every account and, combined, of every instrument. An account's bands belong together: each of its positions may use up an equal share of what
/// is left to the nearest limit, so that no combination of prices inside them reaches it. They are therefore made anew all at once, when a price has left one
/// of them or something other than a price has changed.
class CalmBands {
 public:
  struct OfInstrument {
    CalmBand band;
    std::int64_t best = INT64_MAX;   ///< highs up to here raise no holding's watermark
    std::int64_t worst = INT64_MIN;  ///< lows down to here lower none
  };

  /// Something other than a price changed: no band is valid any more.
  void invalidate() { ++generation_; }
  /// Counts the invalidations of all bands.
  std::uint64_t generation() const { return generation_; }
  /// A price left a band of this user's accounts.
  void invalidate(const EngineState& state, UserIx user);
  /// Watermarks of the instrument's holdings moved.
  void refresh_watermarks(const EngineState& state, InstrumentIx instrument);

  /// Over all accounts that hold the instrument; made anew where it is not valid. The reference stands until the next call.
  const OfInstrument& of(const EngineState& state, InstrumentIx instrument);
  /// The same where it is valid, else null.
  const OfInstrument* known(InstrumentIx instrument) const {
    const bool valid = instrument.v < instruments_.size() && instruments_[instrument.v].generation == generation_;
    return valid ? &instruments_[instrument.v].value : nullptr;
  }
  /// Of one holder of the instrument. Valid after of(state, instrument) until the next invalidation.
  const CalmBand& of(const EngineState& state, AccountIx account, InstrumentIx instrument) const;

 private:
  /// What one unit of price moves a user's equity by at most, and which way.
  struct Slope {
    wide::I128 per_unit = 0;  ///< mantissa at 1e-12, rounded away from zero; never zero
    AccountIx account{};
    std::uint16_t instrument = 0;
    Side held = Side::buy;  ///< buy: equity rises with the price
  };
  struct InstrumentEntry {
    std::uint64_t generation = 0;
    OfInstrument value;
  };
  /// False where the account's equity is not a plain sum over prices of instruments that it holds.
  bool add_slopes(const EngineState& state, const AccountState& account);
  void rebuild(const EngineState& state, UserIx user);

  std::uint64_t generation_ = 1;
  std::vector<std::uint64_t> users_;             ///< generation of each user's bands
  std::vector<std::vector<CalmBand>> accounts_;  ///< account -> holding -> band; an instrument's stands at its first holding
  std::vector<InstrumentEntry> instruments_;
  std::vector<Slope> slopes_;  ///< of the user in rebuild()
};

}  // namespace prom
