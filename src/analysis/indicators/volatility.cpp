// Volatility indicators. Pure, any thread.
#include "analysis/indicators/volatility.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"
#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::indicators {

double true_range(const OhlcvBar& bar, double previous_close) { return range_from(bar.high, bar.low, previous_close); }

ParamResult<Atr> Atr::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Atr(params.period);
}

void Atr::update(const OhlcvBar& bar) {
  const double range = true_range(bar, previous_close_);
  previous_close_ = bar.close;
  if (steady()) return line_.push(range);
  if (++ranges_ == 0) return;
  seed_sum_ += range;
  if (steady()) line_.begin(seed_sum_ / period_);
}

void Atr::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  in_chunks(
      from, bars.size(),
      [&](std::size_t first, std::size_t n) {
        double* out = columns[0].data() + first;
        line_.run_ranges(bars_from(bars, first), out, n);
      },
      line_.to_fours());
  previous_close_ = bars.close.back();
}

std::optional<double> percent_b(const BandsValue& bands, double x) {
  if (!(bands.upper > bands.lower)) return std::nullopt;
  return (x - bands.lower) / (bands.upper - bands.lower);
}

double band_width(const BandsValue& bands) { return (bands.upper - bands.lower) / bands.middle; }

ParamResult<Bollinger> Bollinger::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  PROM_CHECK_PARAM(out_of_range("deviations", params.deviations, {0.01, 100}));
  return Bollinger(params);
}

std::optional<BandsValue> Bollinger::value() const {
  if (!window_.full()) return std::nullopt;
  const SpreadNode& node = window_.node();
  const double reciprocal = 1.0 / static_cast<double>(window_.size()), middle = node.sum * reciprocal;
  const double reach = deviations_ * std::sqrt(real_deviation(node.squares, node.sum) * reciprocal);
  return BandsValue{middle + reach, middle, middle - reach};
}

void Bollinger::bulk(Input input, std::size_t from, const std::array<std::span<double>, 3>& columns) {
  const std::size_t period = window_.size();
  std::vector<double> scratch(window_scratch(period));
  in_chunks(from, input.size(), [&](std::size_t first, std::size_t n) {
    const std::array<double*, 3> out{columns[0].data() + first, columns[1].data() + first, columns[2].data() + first};
    bulk_kernels().window_bands(input.data() + first, deviations_, out.data(), n, period, scratch.data());
  });
  feed_last(*this, input, from, 2 * period);
}

ParamResult<Keltner> Keltner::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  PROM_CHECK_PARAM(bad_period("atr_period", params.atr_period));
  PROM_CHECK_PARAM(out_of_range("multiplier", params.multiplier, {0.01, 100}));
  return Keltner(*Ema::make({.period = params.period}), *Atr::make({params.atr_period}), params.multiplier);
}

std::optional<BandsValue> Keltner::value() const {
  const auto middle = centre_.value(), atr = atr_.value();
  if (!middle || !atr) return std::nullopt;
  const double reach = multiplier_ * *atr;
  return BandsValue{*middle + reach, *middle, *middle - reach};
}

RealisedVolatility::RealisedVolatility(const Params& params) : returns_(static_cast<std::size_t>(params.period)), scale_(std::sqrt(params.periods_per_year)) {}

ParamResult<RealisedVolatility> RealisedVolatility::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  PROM_CHECK_PARAM(out_of_range("periods_per_year", params.periods_per_year, {1e-3, 1e9}));
  return RealisedVolatility(params);
}

void RealisedVolatility::update(double price) {
  if (previous_ > 0) returns_.push(detmath::log(price / previous_));
  previous_ = price;
}

std::optional<double> RealisedVolatility::value() const {
  if (!returns_.full()) return std::nullopt;
  return sample_sd(returns_.values()) * scale_;
}

ParamResult<ZScore> ZScore::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return ZScore(static_cast<std::size_t>(params.period));
}

std::optional<double> ZScore::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  const double offset = mean_offset(x), sd = std::sqrt(squared_deviation_sum(x, offset) / static_cast<double>(x.size()));
  return sd == 0 ? 0.0 : ((x.back() - x.front()) - offset) / sd;
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Atr);
PROM_BATCH_HERE(indicators::Bollinger);
PROM_BATCH_HERE(indicators::Keltner);
PROM_BATCH_HERE(indicators::RealisedVolatility);
PROM_BATCH_HERE(indicators::ZScore);
}  // namespace prom
