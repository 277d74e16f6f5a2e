// Volatility from the whole bar: Parkinson, Garman-Klass, Rogers-Satchell, Yang-Zhang. All are fractions (0.5 = 50 %) times sqrt(periods_per_year); with
// periods_per_year = 1 they are per bar. Prices must be positive. Operators with plain copyable state, one owner at a time.
#pragma once
#include <cstddef>
#include <optional>

#include "analysis/columns.h"
#include "analysis/indicators/rolling.h"
#include "analysis/params.h"
#include "analysis/series.h"

namespace prom::indicators {

struct RangeVolatilityParams {
  int period = 30;                // at least 2
  double periods_per_year = 365;  // 0.001..1e9
};

enum class RangeEstimator {
  parkinson,        // ln(high/low)^2 / (4 ln 2)  (Parkinson 1980)
  garman_klass,     // ln(high/low)^2 / 2 - (2 ln 2 - 1) ln(close/open)^2  (Garman and Klass 1980, the practical form)
  rogers_satchell,  // ln(high/close) ln(high/open) + ln(low/close) ln(low/open), right under a drift  (Rogers and Satchell 1991)
};

// One bar's variance.
double bar_variance(RangeEstimator estimator, const OhlcvBar& bar);

// Square root of the mean of bar_variance over the last `period` bars. First value at index period-1.
template <RangeEstimator estimator>
class RangeVolatility {
 public:
  using Params = RangeVolatilityParams;
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<RangeVolatility> make(const Params& params);
  void update(const OhlcvBar& bar) { variance_.push(bar_variance(estimator, bar)); }
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit RangeVolatility(const Params& params) : variance_(static_cast<std::size_t>(params.period)), scale_(params.periods_per_year / params.period) {}
  RollingTotal variance_;
  double scale_;
};

using Parkinson = RangeVolatility<RangeEstimator::parkinson>;
using GarmanKlass = RangeVolatility<RangeEstimator::garman_klass>;
using RogersSatchell = RangeVolatility<RangeEstimator::rogers_satchell>;

// Yang-Zhang (Journal of Business 2000): sample variance of ln(open / previous close), plus k times that of ln(close/open), plus 1-k times the mean of
// Rogers-Satchell, k = 0.34 / (1.34 + (n+1)/(n-1)). Counts the gaps between bars, which the others miss. First value at index period. O(period) a bar for the two
// variances (two passes, no drift).
class YangZhang {
 public:
  using Params = RangeVolatilityParams;
  using Value = double;
  using Input = OhlcvView;

  static ParamResult<YangZhang> make(const Params& params);
  void update(const OhlcvBar& bar);
  [[nodiscard]] std::optional<double> value() const;

 private:
  explicit YangZhang(const Params& params);
  MirrorWindow overnight_, open_to_close_;
  RollingTotal rogers_satchell_;
  double weight_, periods_per_year_, previous_close_ = 0;
};

}  // namespace prom::indicators
