// Moving averages: validation and the parts that need no inlining. Pure, any thread.
#include "analysis/indicators/moving_averages.h"

#include "analysis/indicators/bulk.h"

namespace prom::indicators {

ParamResult<Sma> Sma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Sma(static_cast<std::size_t>(params.period));
}

ParamResult<Ema> Ema::make(const Params& params, std::size_t before) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Ema(params, before);
}

ParamResult<Wma> Wma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Wma(static_cast<std::size_t>(params.period));
}

std::optional<double> Wma::value() const {
  if (!window_.full()) return std::nullopt;
  const double n = static_cast<double>(window_.size());
  return window_.node().weighted * (1.0 / (n * (n + 1.0) / 2.0));
}

namespace {

template <class Op>
void over_windows(Op& op, std::span<const double> input, std::size_t from, std::span<double> out, WindowLoop loop) {
  const std::size_t period = op.lookback();
  std::vector<double> scratch(window_scratch(period));
  in_chunks(from, input.size(), [&](std::size_t first, std::size_t n) { loop(input.data() + first, out.data() + first, n, period, scratch.data()); });
  feed_last(op, input, from, 2 * period);
}

}  // namespace

void Sma::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  over_windows(*this, input, from, columns[0], bulk_kernels().window_mean);
}

void Wma::bulk(Input input, std::size_t from, const std::array<std::span<double>, 1>& columns) {
  over_windows(*this, input, from, columns[0], bulk_kernels().window_weighted_mean);
}

ParamResult<EmaRibbon> EmaRibbon::make(const Params& params) {
  const double count = static_cast<double>(params.periods.size());
  PROM_CHECK_PARAM(out_of_range("periods", count, {2, kMaxLines}));
  std::vector<Ema> lines;
  for (std::size_t i = 0; i < params.periods.size(); ++i) {
    if (i > 0) PROM_CHECK_PARAM(not_below("periods", params.periods[i - 1], params.periods[i]));
    auto line = Ema::make({.period = params.periods[i]});
    if (!line) return std::unexpected(line.error());
    lines.push_back(*line);
  }
  return EmaRibbon(std::move(lines));
}

std::optional<EmaRibbon::Value> EmaRibbon::value() const {
  const auto slowest = lines_.back().value();
  if (!slowest) return std::nullopt;
  bool rising = true, falling = true;
  for (std::size_t i = 1; i < lines_.size(); ++i) {
    const double shorter = *lines_[i - 1].value(), longer = *lines_[i].value();
    rising = rising && shorter > longer;
    falling = falling && shorter < longer;
  }
  const double fastest = *lines_.front().value();
  const RibbonOrder order = rising ? RibbonOrder::bullish : falling ? RibbonOrder::bearish : RibbonOrder::mixed;
  return Value{fastest, *slowest, (fastest - *slowest) / *slowest, order};
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::Sma);
PROM_BATCH_HERE(indicators::Ema);
PROM_BATCH_HERE(indicators::Wma);
}  // namespace prom
