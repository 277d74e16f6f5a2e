// Moving averages: validation and the parts that need no inlining. Pure, any thread.
#include "analysis/indicators/moving_averages.h"

namespace prom::indicators {

ParamResult<Sma> Sma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Sma(static_cast<std::size_t>(params.period));
}

ParamResult<Ema> Ema::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Ema(params);
}

ParamResult<Wma> Wma::make(const Params& params) {
  PROM_CHECK_PARAM(bad_period("period", params.period));
  return Wma(static_cast<std::size_t>(params.period));
}

std::optional<double> Wma::value() const {
  if (!window_.full()) return std::nullopt;
  const auto x = window_.values();
  const double n = static_cast<double>(x.size());
  // Through 32 bits: a conversion of that width is one instruction.
  const double weighted = lane_sum(x.size(), [&](std::size_t i) { return x[i] * static_cast<double>(static_cast<std::int32_t>(i) + 1); });
  return weighted / (n * (n + 1.0) / 2.0);
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
