// Momentum oscillators. Pure, any thread.
#include "analysis/indicators/momentum.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"
#include "analysis/kernels.h"

namespace prom::indicators {

ParamResult<Rsi> Rsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Rsi(params.period);
}

void Rsi::update(double x) {
  const double change = x - previous_;
  previous_ = x;
  if (changes_ <= period_) ++changes_;
  if (changes_ == 0) return;
  const double gain = larger(change, 0.0), loss = larger(-change, 0.0);
  if (changes_ > period_) {
    gain_.push(gain);
    loss_.push(loss);
    return;
  }
  gain_sum_ += gain;
  loss_sum_ += loss;
  if (changes_ < period_) return;
  gain_.begin(gain_sum_ / period_);
  loss_.begin(loss_sum_ / period_);
}

std::optional<double> Rsi::value() const {
  if (!steady()) return std::nullopt;
  return percent_of(gain_.value(), gain_.value() + loss_.value(), 50.0);
}

void Rsi::run(const double* x, double* out, std::size_t n) {
  std::array<double, kChunk> gains, losses;
  bulk_kernels().gains_and_losses(x, gains.data(), losses.data(), n);
  Smoother::run_two(gain_, gains.data(), gains.data(), loss_, losses.data(), losses.data(), n);
  bulk_kernels().share(gains.data(), losses.data(), out, n);
  previous_ = x[n - 1];
  changes_ = period_ + 1;
}

void Rsi::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  in_chunks(from, input.size(), [&](std::size_t first, std::size_t n) { run(input.data() + first, columns[0].data() + first, n); }, gain_.to_fours());
}

ParamResult<Stochastic> Stochastic::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("k_period", params.k_period));
  PROM_CHECK_PARAM(bad_period("k_smooth", params.k_smooth));
  PROM_CHECK_PARAM(bad_period("d_period", params.d_period));
  return Stochastic(params);
}

Stochastic::Stochastic(const Params& params)
    : high_(static_cast<std::size_t>(params.k_period)),
      low_(static_cast<std::size_t>(params.k_period)),
      raw_(static_cast<std::size_t>(params.k_smooth)),
      k_(static_cast<std::size_t>(params.d_period)) {}

void Stochastic::update(const OhlcvBar& bar) {
  high_.push(bar.high);
  low_.push(bar.low);
  if (!high_.full()) return;
  raw_.push(percent_of(bar.close - low_.value(), high_.value() - low_.value(), 50.0));
  if (!raw_.full()) return;
  k_value_ = between_0_and_100(raw_.mean());
  k_.push(k_value_);
}

std::optional<StochasticValue> Stochastic::value() const {
  if (!raw_.full()) return std::nullopt;
  StochasticValue row;
  row.k = k_value_;
  if (k_.full()) row.d = between_0_and_100(k_.mean());
  return row;
}

void Stochastic::run(const BarPointers& bars, double* k, double* d, std::size_t n, std::vector<double>& scratch) const {
  const BulkKernels& kernels = bulk_kernels();
  const std::size_t earlier_k = k_.size() - 1, earlier = earlier_k + raw_.size() - 1, lead = earlier + high_.size() - 1;
  if (kernels.any_nan(bars.high - lead, lead + n) || kernels.any_nan(bars.low - lead, lead + n)) {
    Stochastic slow = *this;
    for (std::ptrdiff_t i = -static_cast<std::ptrdiff_t>(lookback()); i < static_cast<std::ptrdiff_t>(n); ++i) {
      slow.update({0, 0, bars.high[i], bars.low[i], bars.close[i], 0, std::nullopt});
      if (i >= 0) k[i] = slow.value()->k, d[i] = slow.value()->d;
    }
    return;
  }
  const std::size_t raws = earlier + n;
  scratch.resize(window_scratch(high_.size() + raw_.size() + k_.size(), raws) + 3 * raws);
  double *highest = scratch.data(), *lowest = highest + raws, *raw = lowest + raws, *rest = raw + raws;
  kernels.window_max(bars.high - earlier, highest, raws, high_.size(), rest);
  kernels.window_min(bars.low - earlier, lowest, raws, low_.size(), rest);
  kernels.stochastic(bars.close - earlier, highest, lowest, raw, raws);
  double* const ks = highest;
  kernels.window_mean_percent(raw + raw_.size() - 1, ks, earlier_k + n, raw_.size(), rest);
  std::copy_n(ks + earlier_k, n, k);
  kernels.window_mean_percent(ks + earlier_k, d, n, k_.size(), rest);
}

void Stochastic::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 2>& columns) {
  std::vector<double> scratch;
  in_chunks(from, bars.size(),
            [&](std::size_t first, std::size_t n) { run(bars_from(bars, first), columns[0].data() + first, columns[1].data() + first, n, scratch); });
  feed_last(*this, bars, from, 2 * lookback());
}

ParamResult<Cci> Cci::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period, 2));
  return Cci(static_cast<std::size_t>(params.period));
}

std::optional<double> Cci::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  const double mean = sum_.mean(), reciprocal = 1.0 / static_cast<double>(x.size());
  return cci_of(x.back(), mean, lane_sum(x.size(), [&](std::size_t i) { return magnitude(x[i] - mean); }) * reciprocal);
}

void Cci::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const std::size_t period = sum_.size(), before = period - 1;
  std::vector<double> scratch(window_scratch(period)), prices(before + kChunk);
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    bulk_kernels().typical(bars_from(bars, first - before), prices.data(), before + n);
    bulk_kernels().window_cci(prices.data() + before, columns[0].data() + first, n, period, scratch.data());
  });
  feed_last(*this, bars, from, 2 * period);
}

ParamResult<Roc> Roc::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Roc(static_cast<std::size_t>(params.period));
}

std::optional<double> Roc::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  if (x.front() == 0) return std::nullopt;
  return growth_percent(x.back(), x.front());
}

void Roc::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const std::size_t period = window_.capacity() - 1;
  bulk_kernels().rate_of_change(input.data() + from, input.data() + from - period, columns[0].data() + from, input.size() - from);
  feed_last(*this, input, from, period + 1);
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Rsi);
PROM_BATCH_HERE(indicators::Stochastic);
PROM_BATCH_HERE(indicators::Cci);
PROM_BATCH_HERE(indicators::Roc);
}  // namespace prom
