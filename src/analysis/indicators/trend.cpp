// Trend indicators. Pure, any thread.
#include "analysis/indicators/trend.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"

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

void Macd::bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns) {
  in_chunks(
      from, input.size(),
      [&](std::size_t first, std::size_t n) {
        double *macd = columns[0].data() + first, *signal = columns[1].data() + first;
        Ema::run_gap(fast_, slow_, input.data() + first, macd, n);
        signal_.run(macd, signal, n);
        bulk_kernels().difference(macd, signal, columns[2].data() + first, n);
      },
      fast_.to_fours());
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
  const double plus = plus_movement(up, down), minus = plus_movement(down, up);
  if (moves_ > period_) {
    range_.push(range);
    plus_.push(plus);
    minus_.push(minus);
    return average_dx();
  }
  range_sum_ += range;
  plus_sum_ += plus;
  minus_sum_ += minus;
  if (moves_ < period_) return;
  range_.begin(range_sum_ / period_);
  plus_.begin(plus_sum_ / period_);
  minus_.begin(minus_sum_ / period_);
  average_dx();
}

void Dmi::average_dx() {
  row_.plus_di = percent_of(plus_.value(), range_.value(), 0.0);
  row_.minus_di = percent_of(minus_.value(), range_.value(), 0.0);
  row_.dx = percent_of(magnitude(row_.plus_di - row_.minus_di), row_.plus_di + row_.minus_di, 0.0);
  if (steady()) {
    adx_.push(row_.dx);
    row_.adx = adx_.value();
    return;
  }
  dx_sum_ += row_.dx;
  if (++dx_count_ < period_) return;
  adx_.begin(dx_sum_ / period_);
  row_.adx = adx_.value();
}

void Dmi::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 4>& columns) {
  std::array<double, kChunk> range;
  in_chunks(
      from, bars.size(),
      [&](std::size_t first, std::size_t n) {
        double *adx = columns[0].data() + first, *plus = columns[1].data() + first, *minus = columns[2].data() + first, *dx = columns[3].data() + first;
        bulk_kernels().movements(bars_from(bars, first), range.data(), plus, minus, n);
        range_.run(range.data(), range.data(), n);
        Smoother::run_two(plus_, plus, plus, minus_, minus, minus, n);
        bulk_kernels().directions(range.data(), plus, minus, plus, minus, dx, n);
        adx_.run(dx, adx, n);
      },
      range_.to_fours());
  row_ = {columns[0].back(), columns[1].back(), columns[2].back(), columns[3].back()};
  previous_high_ = bars.high.back();
  previous_low_ = bars.low.back();
  previous_close_ = bars.close.back();
}

std::optional<DmiValue> Dmi::value() const { return dx_count_ > 0 ? std::optional(row_) : std::nullopt; }

ParamResult<LinearRegression> LinearRegression::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return LinearRegression(static_cast<std::size_t>(params.period));
}

std::optional<RegressionValue> LinearRegression::value() const {
  if (!window_.full()) return std::nullopt;
  const LineRow row = line_of(window_.node(), constants_);
  return RegressionValue{row.slope, row.fitted, row.r_squared};
}

void LinearRegression::bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns) {
  const std::size_t period = window_.size();
  std::vector<double> scratch(window_scratch(period));
  std::array<double, kChunk> unwanted;
  in_chunks(from, input.size(), [&](std::size_t first, std::size_t n) {
    if (columns[2].empty()) {
      const auto place = [&](std::size_t c) { return columns[c].empty() ? unwanted.data() : columns[c].data() + first; };
      return bulk_kernels().window_slope(input.data() + first, place(0), place(1), n, period, scratch.data());
    }
    const std::array<double*, 3> out{columns[0].data() + first, columns[1].data() + first, columns[2].data() + first};
    bulk_kernels().window_line(input.data() + first, out.data(), n, period, scratch.data());
  });
  feed_last(*this, input, from, 2 * period);
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
