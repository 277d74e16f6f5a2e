// Trend indicators. Pure, any thread.
#include "analysis/indicators/trend.h"

#include <algorithm>
#include <cmath>

#include "analysis/kernels.h"

namespace prom::indicators {

ParamResult<Macd> Macd::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(bad_period("signal", params.signal));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Macd(*Ema::make({.period = params.fast}), *Ema::make({.period = params.slow}), *Ema::make({.period = params.signal}));
}

void Macd::update(double x) {
  fast_.update(x);
  slow_.update(x);
  if (const auto slow = slow_.value()) signal_.update(*fast_.value() - *slow);
}

std::optional<MacdValue> Macd::value() const {
  const auto slow = slow_.value();
  if (!slow) return std::nullopt;
  MacdValue row;
  row.macd = *fast_.value() - *slow;
  if (const auto signal = signal_.value()) {
    row.signal = *signal;
    row.histogram = row.macd - *signal;
  }
  return row;
}

ParamResult<SuperTrend> SuperTrend::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  PROM_CHECK_PARAM(out_of_range("multiplier", params.multiplier, {0.01, 100}));
  return SuperTrend(*Atr::make({params.period}), params.multiplier);
}

void SuperTrend::update(const OhlcvBar& bar) {
  atr_.update(bar);
  const double previous_close = previous_close_;
  previous_close_ = bar.close;
  const auto atr = atr_.value();
  if (!atr) return;
  const double middle = (bar.high + bar.low) / 2.0, reach = multiplier_ * *atr;
  if (!trend_) {
    trend_ = bar.close >= middle ? Trend::up : Trend::down;
    upper_ = middle + reach;
    lower_ = middle - reach;
  }
  if (std::isnan(middle + reach)) upper_ = lower_ = kMissing;
  if (middle + reach < upper_ || previous_close > upper_) upper_ = middle + reach;
  if (middle - reach > lower_ || previous_close < lower_) lower_ = middle - reach;
  trend_ = bar.close <= (*trend_ == Trend::up ? lower_ : upper_) ? Trend::down : Trend::up;
}

std::optional<SuperTrendValue> SuperTrend::value() const {
  if (!trend_) return std::nullopt;
  SuperTrendValue row;
  row.trend = trend_;
  if (*trend_ == Trend::up) {
    row.line = row.lower = lower_;
  } else {
    row.line = row.upper = upper_;
  }
  return row;
}

ParamResult<Dmi> Dmi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return Dmi(params.period);
}

void Dmi::update(const OhlcvBar& bar) {
  const double up = bar.high - previous_high_, down = previous_low_ - bar.low;
  const double range = true_range(bar, previous_close_);
  previous_high_ = bar.high;
  previous_low_ = bar.low;
  previous_close_ = bar.close;
  if (moves_ <= period_) ++moves_;
  if (moves_ == 0) return;
  const double plus = up > down ? std::max(up, 0.0) : 0.0;
  const double minus = down > up ? std::max(down, 0.0) : 0.0;
  const double keep = moves_ > period_ ? 1.0 - 1.0 / period_ : 1.0;
  range_ = range_ * keep + range;
  plus_ = plus_ * keep + plus;
  minus_ = minus_ * keep + minus;
  if (moves_ >= period_) average_dx();
}

void Dmi::average_dx() {
  row_.plus_di = range_ == 0 ? 0.0 : 100.0 * (plus_ / range_);
  row_.minus_di = range_ == 0 ? 0.0 : 100.0 * (minus_ / range_);
  const double both = row_.plus_di + row_.minus_di;
  const double dx = both == 0 ? 0.0 : 100.0 * (std::fabs(row_.plus_di - row_.minus_di) / both);
  row_.dx = dx;
  if (dx_count_ >= period_) {
    row_.adx = (row_.adx * (period_ - 1.0) + dx) / period_;
    return;
  }
  dx_sum_ += dx;
  if (++dx_count_ == period_) row_.adx = dx_sum_ / period_;
}

std::optional<DmiValue> Dmi::value() const { return dx_count_ > 0 ? std::optional(row_) : std::nullopt; }

ParamResult<LinearRegression> LinearRegression::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return LinearRegression(static_cast<std::size_t>(params.period));
}

std::optional<RegressionValue> LinearRegression::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  const double n = static_cast<double>(x.size()), centre = (n - 1.0) / 2.0, origin = x.front();
  const double sxx = n * (n * n - 1.0) / 12.0;
  const double sxy = lane_sum(x.size(), [&](std::size_t i) { return (static_cast<double>(static_cast<std::int32_t>(i)) - centre) * (x[i] - origin); });
  const double offset = mean_offset(x), syy = squared_deviation_sum(x, offset);
  RegressionValue row;
  row.slope = sxy / sxx;
  row.fitted = (origin + offset) + row.slope * (n - 1.0 - centre);
  if (syy > 0) row.r_squared = std::min(1.0, sxy * sxy / (sxx * syy));
  return row;
}

ParamResult<Donchian> Donchian::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Donchian(params);
}

Donchian::Donchian(const Params& params)
    : high_(static_cast<std::size_t>(params.period)), low_(static_cast<std::size_t>(params.period)), window_(params.window) {}

void Donchian::update(const OhlcvBar& bar) {
  const auto read = [this] {
    if (high_.full()) row_ = BandsValue{high_.value(), (high_.value() + low_.value()) / 2.0, low_.value()};
  };
  if (window_ == DonchianWindow::prior_bars) read();
  high_.push(bar.high);
  low_.push(bar.low);
  if (window_ == DonchianWindow::through_current) read();
}

Ichimoku::Ichimoku(const Params& params)
    : tenkan_(params.tenkan),
      kijun_(params.kijun),
      senkou_b_(params.senkou_b),
      past_a_(static_cast<std::size_t>(params.displacement)),
      past_b_(static_cast<std::size_t>(params.displacement)),
      first_row_(std::min({params.tenkan, params.kijun, params.displacement + 1})),
      displacement_(params.displacement) {}

ParamResult<Ichimoku> Ichimoku::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("tenkan", params.tenkan));
  PROM_CHECK_PARAM(bad_period("kijun", params.kijun));
  PROM_CHECK_PARAM(bad_period("senkou_b", params.senkou_b));
  PROM_CHECK_PARAM(bad_period("displacement", params.displacement));
  PROM_CHECK_PARAM(not_below("tenkan", params.tenkan, params.kijun));
  PROM_CHECK_PARAM(not_below("kijun", params.kijun, params.senkou_b));
  return Ichimoku(params);
}

void Ichimoku::update(const OhlcvBar& bar) {
  tenkan_.push(bar);
  kijun_.push(bar);
  senkou_b_.push(bar);
  row_.tenkan = tenkan_.value();
  row_.kijun = kijun_.value();
  row_.senkou_a = past_a_.full() ? past_a_.oldest() : kMissing;
  row_.senkou_b = past_b_.full() ? past_b_.oldest() : kMissing;
  row_.chikou = seen_ >= displacement_ ? bar.close : kMissing;
  ahead_a_ = (row_.tenkan + row_.kijun) / 2.0;
  ahead_b_ = senkou_b_.value();
  past_a_.push(ahead_a_);
  past_b_.push(ahead_b_);
  if (seen_ <= std::max(first_row_, displacement_)) ++seen_;
}

std::optional<IchimokuValue> Ichimoku::value() const { return seen_ >= first_row_ ? std::optional(row_) : std::nullopt; }

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Macd);
PROM_BATCH_HERE(indicators::SuperTrend);
PROM_BATCH_HERE(indicators::Dmi);
PROM_BATCH_HERE(indicators::LinearRegression);
PROM_BATCH_HERE(indicators::Donchian);
PROM_BATCH_HERE(indicators::Ichimoku);
}  // namespace prom
