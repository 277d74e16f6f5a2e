// Oscillators. Pure, any thread.
#include "analysis/indicators/oscillators.h"

#include <algorithm>
#include <cmath>

#include "analysis/indicators/bulk.h"

namespace prom::indicators {

ParamResult<Aroon> Aroon::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Aroon(static_cast<std::size_t>(params.period));
}

std::optional<AroonValue> Aroon::value() const {
  if (!high_.full() || std::isnan(high_.value()) || std::isnan(low_.value())) return std::nullopt;
  AroonValue row;
  row.up = aroon_of(static_cast<double>(high_.age()), period_);
  row.down = aroon_of(static_cast<double>(low_.age()), period_);
  row.oscillator = row.up - row.down;
  return row;
}

namespace {

// Rows of an operator over windows, one by one: for chunks with a NaN, which the loops over extremes do not know.
template <class Op>
void row_by_row(Op op, const OhlcvView& bars, std::size_t first, std::size_t n, std::span<const std::span<double>> columns) {
  for (std::size_t i = first - op.lookback(); i < first; ++i) feed_bar(op, bars, i);
  std::array<std::span<double>, column_count<Op>()> rows;
  for (std::size_t c = 0; c < rows.size(); ++c) rows[c] = columns[c].subspan(first, n);
  for (std::size_t i = 0; i < n; ++i) {
    feed_bar(op, bars, first + i);
    const auto row = op.value().value_or(missing_value<typename Op::Value>());
    if constexpr (std::is_same_v<typename Op::Value, double>) {
      rows[0][i] = row;
    } else {
      for (std::size_t c = 0; c < rows.size(); ++c) rows[c][i] = row.columns()[c];
    }
  }
}

bool nan_in(const OhlcvView& bars, std::size_t first, std::size_t n, std::size_t period) {
  const std::size_t begin = first + 1 - period, count = n + period - 1;
  return bulk_kernels().any_nan(bars.high.data() + begin, count) || bulk_kernels().any_nan(bars.low.data() + begin, count);
}

}  // namespace

void Aroon::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 3>& columns) {
  const BulkKernels& kernels = bulk_kernels();
  const std::size_t period = lookback();
  std::vector<double> scratch(window_scratch(period));
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    if (nan_in(bars, first, n, period)) return row_by_row(*this, bars, first, n, columns);
    double *up = columns[0].data() + first, *down = columns[1].data() + first;
    kernels.window_max_aroon(bars.high.data() + first, up, n, period, scratch.data());
    kernels.window_min_aroon(bars.low.data() + first, down, n, period, scratch.data());
    kernels.difference(up, down, columns[2].data() + first, n);
  });
  feed_last(*this, bars, from, 2 * period);
}

ParamResult<Awesome> Awesome::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.slow));
  return Awesome(*Sma::make({params.fast}), *Sma::make({params.slow}));
}

std::optional<double> Awesome::value() const {
  const auto slow = slow_.value();
  if (!slow) return std::nullopt;
  return *fast_.value() - *slow;
}

ParamResult<WilliamsR> WilliamsR::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return WilliamsR(static_cast<std::size_t>(params.period));
}

std::optional<double> WilliamsR::value() const {
  if (!high_.full()) return std::nullopt;
  return -percent_of(high_.value() - close_, high_.value() - low_.value(), 50.0);
}

void WilliamsR::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const BulkKernels& kernels = bulk_kernels();
  const std::size_t period = lookback();
  std::vector<double> scratch(window_scratch(period));
  std::array<double, kChunk> highest, lowest;
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    if (nan_in(bars, first, n, period)) return row_by_row(*this, bars, first, n, columns);
    kernels.window_max(bars.high.data() + first, highest.data(), n, period, scratch.data());
    kernels.window_min(bars.low.data() + first, lowest.data(), n, period, scratch.data());
    kernels.williams(bars.close.data() + first, highest.data(), lowest.data(), columns[0].data() + first, n);
  });
  feed_last(*this, bars, from, 2 * period);
}

ParamResult<Trix> Trix::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  const auto line = [&](int averages) { return *Ema::make({.period = params.period}, bars_before(params.period, averages)); };
  return Trix(line(0), line(1), line(2));
}

void Trix::update(double x) {
  first_.update(x);
  const auto once = first_.value();
  if (!once) return;
  second_.update(*once);
  const auto twice = second_.value();
  if (!twice) return;
  const auto before = third_.value();
  third_.update(*twice);
  if (!before) return;
  change_.reset();
  if (*before != 0) change_ = growth_percent(*third_.value(), *before);
}

void Trix::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const auto one = [&](double x) {
    update(x);
    return change_.value_or(kMissing);
  };
  Ema::run_chain<3>({&first_, &second_, &third_}, input.data() + from, columns[0].data() + from, input.size() - from, bulk_kernels().smooth_trix, one);
  change_.reset();
  if (const double last = columns[0][input.size() - 1]; !std::isnan(last)) change_ = last;
}

ParamResult<Tsi> Tsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("long_period", params.long_period));
  PROM_CHECK_PARAM(bad_period("short_period", params.short_period));
  PROM_CHECK_PARAM(bad_period("signal", params.signal));
  return Tsi(*Ema::make({.period = params.long_period}), *Ema::make({.period = params.short_period}), *Ema::make({.period = params.signal}));
}

void Tsi::update(double x) {
  const auto previous = previous_;
  previous_ = x;
  if (!previous) return;
  const double change = x - *previous;
  change_slow_.update(change);
  size_slow_.update(std::fabs(change));
  const auto slow = change_slow_.value();
  if (!slow) return;
  change_.update(*slow);
  size_.update(*size_slow_.value());
  const auto both = change_.value();
  if (!both) return;
  tsi_ = *size_.value() == 0 ? 0.0 : 100.0 * (*both / *size_.value());
  signal_.update(tsi_);
}

std::optional<TsiValue> Tsi::value() const {
  if (!change_.value()) return std::nullopt;
  return TsiValue{tsi_, signal_.value().value_or(kMissing)};
}

ParamResult<Ultimate> Ultimate::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("fast", params.fast));
  PROM_CHECK_PARAM(bad_period("medium", params.medium));
  PROM_CHECK_PARAM(bad_period("slow", params.slow));
  PROM_CHECK_PARAM(not_below("fast", params.fast, params.medium));
  PROM_CHECK_PARAM(not_below("medium", params.medium, params.slow));
  return Ultimate(params);
}

void Ultimate::update(const OhlcvBar& bar) {
  const auto previous = previous_close_;
  previous_close_ = bar.close;
  if (!previous) return;
  const double low = std::min(bar.low, *previous), high = std::max(bar.high, *previous);
  for (Span* span : {&fast_, &medium_, &slow_}) {
    span->pressure.push(bar.close - low);
    span->range.push(high - low);
  }
}

std::optional<double> Ultimate::value() const {
  if (!slow_.range.full()) return std::nullopt;
  return ultimate_of(fast_.percent(), medium_.percent(), slow_.percent());
}

void Ultimate::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  const BulkKernels& kernels = bulk_kernels();
  const std::array<std::size_t, 3> periods{fast_.range.size(), medium_.range.size(), slow_.range.size()};
  const std::size_t before = periods[2] - 1, stride = ultimate_stride(periods[2]);
  std::vector<double> scratch(ultimate_scratch(periods[2])), pressures(2 * stride);
  in_chunks(from, bars.size(), [&](std::size_t first, std::size_t n) {
    kernels.pressure(bars_from(bars, first - before), pressures.data(), pressures.data() + stride, before + n);
    kernels.ultimate_line(pressures.data() + before, stride, columns[0].data() + first, n, periods.data(), scratch.data());
  });
  feed_last(*this, bars, from, 2 * periods[2] + 1);
}

ParamResult<StochRsi> StochRsi::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("rsi_period", params.rsi_period));
  PROM_CHECK_PARAM(bad_period("stoch_period", params.stoch_period));
  auto stochastic = Stochastic::make({params.stoch_period, params.k_smooth, params.d_period});
  if (!stochastic) return std::unexpected(stochastic.error());
  return StochRsi(*Rsi::make({params.rsi_period}), std::move(*stochastic));
}

// The RSIs before the first chunk are gathered bar by bar: the input shows prices only.
void StochRsi::bulk(Input input, std::size_t from, const std::array<std::span<double>, 2>& columns) {
  const std::size_t before = stochastic_.lookback(), end = std::min(input.size(), from + before);
  std::vector<double> rsi(before + kChunk), scratch;
  for (std::size_t i = from; i < end; ++i) {
    update(input[i]);
    rsi[i - from] = *rsi_.value();
    columns[0][i] = value()->k;
    columns[1][i] = value()->d;
  }
  if (end == input.size()) return;
  double* const now = rsi.data() + before;
  in_chunks(end, input.size(), [&](std::size_t first, std::size_t n) {
    rsi_.run(input.data() + first, now, n);
    stochastic_.run({now, now, now, now}, columns[0].data() + first, columns[1].data() + first, n, scratch);
    std::copy_n(rsi.data() + n, before, rsi.data());
  });
  // What stands in the window now is what was copied last.
  for (std::size_t i = 0; i < before; ++i) stochastic_.update({0, 0, rsi[i], rsi[i], rsi[i], 0, std::nullopt});
}

void StochRsi::update(double x) {
  rsi_.update(x);
  if (const auto rsi = rsi_.value()) stochastic_.update({0, *rsi, *rsi, *rsi, *rsi, 0, std::nullopt});
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Aroon);
PROM_BATCH_HERE(indicators::Awesome);
PROM_BATCH_HERE(indicators::WilliamsR);
PROM_BATCH_HERE(indicators::Trix);
PROM_BATCH_HERE(indicators::Tsi);
PROM_BATCH_HERE(indicators::Ultimate);
PROM_BATCH_HERE(indicators::StochRsi);
}  // namespace prom
