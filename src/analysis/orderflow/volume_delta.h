// Order flow from bars with taker volume: cumulative volume delta, its divergence from price, and absorption. Any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/swings.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::orderflow {

// Cumulative volume delta: running sum of taker buys less taker sells, base units, from the first bar on. A bar without taker volume ends
// it:
// no value from there on, since the sum would be wrong. Operator with plain copyable state.
class Cvd {
 public:
  struct Params {};
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Cvd> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const { return known_ ? std::optional(total_.total()) : std::nullopt; }

 private:
  indicators::CarriedSum total_;
  bool known_ = false, broken_ = false;
};

enum class DivergenceKind {
  bullish,  // price made a lower swing low, CVD a higher one: sellers push less
  bearish,  // price made a higher swing high, CVD a lower one
};

struct Divergence {
  DivergenceKind kind = DivergenceKind::bullish;
  indicators::Swing first, second;       // neighbouring swings of one kind; known at second.confirmed_index
  double first_cvd = 0, second_cvd = 0;  // at the swings' own bars
};

// Causal; O(n). Refuses bars without taker volume (missing_column).
ParamResult<std::vector<Divergence>> cvd_divergences(const OhlcvView& bars, const indicators::SwingDetector::Params& swings = {});

enum class Absorber {
  buyers,   // resting bids took heavy selling and price held: support
  sellers,  // resting offers took heavy buying and price held: resistance
};

struct AbsorptionZone {
  std::size_t index = 0;
  Absorber absorber = Absorber::buyers;
  double top = 0, bottom = 0;  // the bar's range
  double delta = 0;            // taker buys less taker sells
  double relative_volume = 0;  // volume over the mean of the bars before
  double progress_atr = 0;     // (close - open) in ATRs of the bar before
};
struct AbsorptionParams {
  double volume_multiple = 2.0;    // >= 1: volume against the mean of the volume_period bars before
  double delta_share = 0.2;        // 0..1: |delta| / volume at least
  double max_progress_atr = 0.25;  // 0..10: the aggressors may move price at most this far in their direction, in ATRs
  int volume_period = 20, atr_period = 14;
};
// Bars in which aggressors spent much and got nowhere. Judged by the bar itself and the bars before. O(n). Refuses bars without taker
// volume.
ParamResult<std::vector<AbsorptionZone>> absorption_zones(const OhlcvView& bars, const AbsorptionParams& params = {});

}  // namespace prom::orderflow
