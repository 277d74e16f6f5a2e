// Market regime of one instrument and timeframe, one of seven, by stated rules with hysteresis. Operator with plain copyable state, one
// owner.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/indicators/trend.h"
#include "analysis/indicators/volatility.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::regime {

enum class Regime : std::uint8_t { trend_up, trend_down, range, breakout, volatile_, accumulation, distribution };

// The product's name of a regime ("volatile" is a C++ keyword).
std::string_view name_of(Regime regime);

// What the rules look at, all known at the bar's close.
struct RegimeFeatures {
  double adx = kMissing, plus_di = kMissing, minus_di = kMissing;  // Wilder, adx_period
  double slope = kMissing;                                         // regression slope of the close over slope_period bars, in ATRs a bar
  double volatility_rank = kMissing;                               // 0..1: share of the last rank_period bars whose ATR/close was below this bar's
  double relative_volume = kMissing;                               // volume over the mean of the volume_period bars before; missing where those had none
  double money_flow = kMissing;                                    // -1..1: Chaikin money flow over flow_period bars; missing where those had no volume
  double channel = kMissing;  // close against the prior donchian_period bars: > 0 above their high, < 0 below their low, in ATRs; else 0
};

struct RegimeValue {
  Regime regime = Regime::range;
  Regime candidate = Regime::range;  // what the rules say of this bar alone, before confirmation
  std::size_t bars_in_regime = 0;    // 1 on the bar that began it
  RegimeFeatures features;
  static constexpr std::array<std::string_view, 3> kNames{"regime", "candidate", "bars_in_regime"};
  [[nodiscard]] std::array<double, 3> columns() const {
    return {static_cast<double>(regime), static_cast<double>(candidate), static_cast<double>(bars_in_regime)};
  }
};

// Rules, the first that holds wins. "enter|stay": the second number applies while that regime is the current one.
//   breakout      close outside the prior channel, relative_volume >= breakout_volume, and the volatility rank of the bar before <= 0.5
//                 (out of quiet); it stays, for at most breakout_bars, while the close remains beyond the broken edge
//   volatile      volatility_rank >= 0.90|0.80 and ADX < the trend threshold that applies
//   trend_up      ADX >= 25|20 (Wilder's usual thresholds), +DI > -DI, slope > 0
//   trend_down    mirrored
//   accumulation  money_flow >= +0.10|+0.05 and |slope| < 0.1 ATR a bar: volume closes high in its bars while price goes nowhere
//   distribution  mirrored
//   range         otherwise
// A rule that asks for a volume that is missing does not hold.
// A candidate other than the current regime must hold for confirm_bars bars in a row before it becomes the regime; a breakout is taken at
// once.
// The thresholds are conventions (Wilder 1978 for ADX, Chaikin for the flow), not tuned on any data. Warm-up: the first row stands at index
// max(2*adx_period-1, adx_period+rank_period-1, volume_period, donchian_period, slope_period-1, flow_period-1).
class MarketRegime {
 public:
  struct Params {
    int adx_period = 14;
    int slope_period = 20;
    int rank_period = 100;
    int volume_period = 20;
    int flow_period = 20;
    int donchian_period = 20;
    int confirm_bars = 3;
    int breakout_bars = 10;
    double breakout_volume = 1.5;
  };
  using Value = RegimeValue;
  using Input = OhlcvView;

  static ParamResult<MarketRegime> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const { return row_; }

 private:
  explicit MarketRegime(const Params& params);
  RegimeFeatures measure(const OhlcvBar& bar);
  Regime judge(const RegimeFeatures& f, double close);
  void settle(Regime candidate);

  Params params_;
  indicators::Dmi dmi_;
  indicators::Atr atr_;
  indicators::LinearRegression slope_;
  indicators::Donchian channel_;
  indicators::MirrorWindow ranges_;
  indicators::RollingSum volume_, flow_volume_, flow_;
  double previous_rank_ = kMissing, broken_edge_ = 0;
  bool broke_up_ = false;
  int breakout_age_ = 0, candidate_run_ = 0;
  std::optional<Regime> last_candidate_;
  std::optional<RegimeValue> row_;
};

}  // namespace prom::regime
