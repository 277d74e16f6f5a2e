// Price and volume together. Pure, any thread.
#include "analysis/indicators/money_flow.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"

namespace prom::indicators {

double money_flow_multiplier(const OhlcvBar& bar) { return flow_multiplier(bar.high, bar.low, bar.close); }

void AccumulationDistribution::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const auto one = [&](std::size_t i) { return money_flow_multiplier(bar_at(bars, from + i)) * bars.volume[from + i]; };
  double* const out = columns[0].data() + from;
  line_.run(out, bars.size() - from, one,
            [&](std::size_t i, CarriedSum& sum, std::size_t count) { bulk_kernels().flow_line(bars_from(bars, from + i), sum, out + i, count); });
  begun_ = true;
}

void ChaikinOscillator::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  Ema::run_flow_gap(line_.line(), fast_, slow_, bars_from(bars, from), columns[0].data() + from, bars.size() - from);
}

ParamResult<AccumulationDistribution> AccumulationDistribution::make(const Params&) { return AccumulationDistribution(); }

ParamResult<ChaikinOscillator> ChaikinOscillator::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return ChaikinOscillator(*AccumulationDistribution::make({}), *Ema::make({params.fast, params.seed}), *Ema::make({params.slow, params.seed}), params.slow);
}

void ChaikinOscillator::update(const OhlcvBar& bar) {
  line_.update(bar);
  fast_.update(*line_.value());
  slow_.update(*line_.value());
  if (to_come_ > 0) --to_come_;
}

std::optional<double> ChaikinOscillator::value() const {
  if (to_come_ > 0) return std::nullopt;
  return *fast_.value() - *slow_.value();
}

ParamResult<Cmf> Cmf::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Cmf(static_cast<std::size_t>(params.period));
}

std::optional<double> Cmf::value() const {
  if (!volume_.full() || !(volume_.value() > 0)) return std::nullopt;
  return std::clamp(flow_.value() / volume_.value(), -1.0, 1.0);
}

ParamResult<Mfi> Mfi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Mfi(static_cast<std::size_t>(params.period));
}

void Mfi::update(const OhlcvBar& bar) {
  const double price = typical_price(bar), flow = price * bar.volume;
  const auto previous = previous_;
  previous_ = price;
  if (!previous) return;
  const double change = price - *previous;
  up_.push(rising_flow(change, flow));
  down_.push(change < 0 ? flow : 0.0);
}

std::optional<double> Mfi::value() const {
  if (!up_.full()) return std::nullopt;
  return percent_of(up_.value(), up_.value() + down_.value(), 50.0);
}

void Mfi::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const BulkKernels& kernels = bulk_kernels();
  const std::size_t period = up_.size(), before = period - 1;
  std::vector<double> scratch(window_scratch(period)), prices(period + kChunk), up(before + kChunk), down(before + kChunk);
  std::array<double, kChunk> rose, fell;
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    kernels.typical(bars_from(bars, first - period), prices.data(), period + n);
    kernels.money_flows(bars_from(bars, first - before), prices.data() + 1, up.data(), down.data(), before + n);
    kernels.window_sum(up.data() + before, rose.data(), n, period, scratch.data());
    kernels.window_sum(down.data() + before, fell.data(), n, period, scratch.data());
    kernels.share(rose.data(), fell.data(), columns[0].data() + first, n);
  });
  feed_last(*this, bars, from, 2 * period + 1);
}

ParamResult<ForceIndex> ForceIndex::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return ForceIndex(*Ema::make({.period = params.period}));
}

void ForceIndex::update(const OhlcvBar& bar) {
  const auto previous = previous_close_;
  previous_close_ = bar.close;
  if (previous) ema_.update((bar.close - *previous) * bar.volume);
}

ParamResult<Klinger> Klinger::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(bad_period("signal", params.signal));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Klinger(*Ema::make({.period = params.fast}), *Ema::make({.period = params.slow}), *Ema::make({.period = params.signal}));
}

void Klinger::update(const OhlcvBar& bar) {
  const double price = bar.high + bar.low + bar.close, range = bar.high - bar.low;
  const double trend = price > price_ ? 1.0 : -1.0;
  if (seen_ >= 2) {
    reach_ = (trend == trend_ ? reach_ : range_) + range;
    const double force = reach_ == 0 ? 0.0 : bar.volume * std::fabs(2.0 * (range / reach_ - 1.0)) * trend * 100.0;
    fast_.update(force);
    slow_.update(force);
    if (const auto slow = slow_.value()) signal_.update(*fast_.value() - *slow);
  }
  price_ = price;
  range_ = range;
  if (seen_ > 0) trend_ = trend;
  if (seen_ < 2) ++seen_;
}

std::optional<KlingerValue> Klinger::value() const {
  const auto slow = slow_.value();
  if (!slow) return std::nullopt;
  return KlingerValue{*fast_.value() - *slow, signal_.value().value_or(kMissing)};
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::AccumulationDistribution);
PROM_BATCH_HERE(indicators::ChaikinOscillator);
PROM_BATCH_HERE(indicators::Cmf);
PROM_BATCH_HERE(indicators::Mfi);
PROM_BATCH_HERE(indicators::ForceIndex);
PROM_BATCH_HERE(indicators::Klinger);
}  // namespace prom
