// What the bars' ranges say about trend and turn: choppiness, mass index, vortex, Elder ray. Operators with plain copyable state, one owner at a time.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "analysis/columns.h"
#include "analysis/indicators/moving_averages.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

// Between which prices the choppiness index measures its window.
enum class ChoppinessSpan {
  high_low,       // highest high to lowest low (TradingView, pandas-ta)
  true_high_low,  // the close before each bar counts to its range (Stock.Indicators)
};

// Choppiness index (Dreiss), 0..100, high where price goes nowhere: 100 log(sum of true ranges / span of the window) / log(period), last `period` bars.
// First value at index period; no value for a window without any range.
class Choppiness {
 public:
  struct Params {
    int period = 14;  // at least 2
    ChoppinessSpan span = ChoppinessSpan::high_low;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<Choppiness> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit Choppiness(const Params& params);
  RollingTotal ranges_;
  RollingMax high_;
  RollingMin low_;
  ChoppinessSpan span_;
  double log_period_;
  std::optional<double> previous_close_;
};

// Mass index (Dorsey, Stocks & Commodities 6/1992): sum over `period` bars of EMA(ema_period) of the bar's range over the EMA of that EMA. A bulge over 27 that
// falls under 26.5 warns of a turn. The second EMA begins at index ema_period-1 and the sum at 2(ema_period-1) with either seed, so the first value stands at index
// 2(ema_period-1)+period-1; `first_value` is the result of Tulip and ta. A ratio without any range counts 1.
class MassIndex {
 public:
  struct Params {
    int ema_period = 9, period = 25;
    EmaSeed seed = EmaSeed::sma;
  };
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<MassIndex> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const { return ratios_.full() ? std::optional(ratios_.value()) : std::nullopt; }

 private:
  MassIndex(const Ema& ema, int ema_period, std::size_t period) : once_(ema), twice_(ema), ratios_(period), ema_period_(ema_period) {}
  Ema once_, twice_;
  RollingTotal ratios_;
  int ema_period_, seen_ = 0;  // bars, up to 2 ema_period_ - 1
};

struct VortexValue {
  double plus = kMissing, minus = kMissing;
  static constexpr std::array<std::string_view, 2> kNames{"plus", "minus"};
  [[nodiscard]] std::array<double, 2> columns() const { return {plus, minus}; }
};

// Vortex (Botes and Siepman, Stocks & Commodities 1/2010): sums over `period` bars of |high - previous low| and |low - previous high|, each over the sum of true
// ranges. First value at index period; no value for a window without any true range.
class Vortex {
 public:
  struct Params {
    int period = 14;
  };
  using Value = VortexValue;
  using Input = OhlcvView;

  static ParamResult<Vortex> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit Vortex(std::size_t period) : plus_(period), minus_(period), range_(period) {}
  RollingTotal plus_, minus_, range_;
  double previous_high_ = 0, previous_low_ = 0, previous_close_ = 0;
  bool begun_ = false;
};

struct ElderRayValue {
  double bull_power = kMissing, bear_power = kMissing;
  static constexpr std::array<std::string_view, 2> kNames{"bull_power", "bear_power"};
  [[nodiscard]] std::array<double, 2> columns() const { return {bull_power, bear_power}; }
};

// Elder ray (Elder, Trading for a Living, 1993), price units: high and low less the EMA(period) of the close. First value at index period-1.
class ElderRay {
 public:
  struct Params {
    int period = 13;
  };
  using Value = ElderRayValue;
  using Input = OhlcvView;

  static ParamResult<ElderRay> make(const Params& params);
  void update(const OhlcvBar& bar) {
    ema_.update(bar.close);
    high_ = bar.high;
    low_ = bar.low;
  }
  [[nodiscard]] std::optional<Value> value() const;

 private:
  explicit ElderRay(Ema ema) : ema_(ema) {}
  Ema ema_;
  double high_ = 0, low_ = 0;
};

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_ELSEWHERE(indicators::Choppiness);
PROM_BATCH_ELSEWHERE(indicators::MassIndex);
PROM_BATCH_ELSEWHERE(indicators::Vortex);
PROM_BATCH_ELSEWHERE(indicators::ElderRay);
}  // namespace prom
