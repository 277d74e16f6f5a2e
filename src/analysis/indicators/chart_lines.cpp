// Parabolic SAR and Heikin-Ashi. Pure, any thread.
#include "analysis/indicators/chart_lines.h"

#include <algorithm>
#include <cmath>

namespace prom::indicators {

ParamResult<ParabolicSar> ParabolicSar::make(const Params& params) {
  PROM_CHECK_PARAM(out_of_range("step", params.step, {1e-6, 1}));
  PROM_CHECK_PARAM(out_of_range("maximum", params.maximum, {params.step, 1}));
  return ParabolicSar(params);
}

void ParabolicSar::update(const OhlcvBar& bar) {
  if (seen_ == 1) begin(bar);
  if (seen_ > 0) advance(bar);
  previous_high_ = bar.high;
  previous_low_ = bar.low;
  if (seen_ < 2) ++seen_;
}

// The second bar chooses the side; its own range stands in for the bar before it, as in TA-Lib.
void ParabolicSar::begin(const OhlcvBar& bar) {
  const double rose = bar.high - previous_high_, fell = previous_low_ - bar.low;
  up_ = !(fell > 0 && fell > rose);
  stop_ = up_ ? previous_low_ : previous_high_;
  extreme_ = up_ ? bar.high : bar.low;
  factor_ = step_;
  previous_high_ = bar.high;
  previous_low_ = bar.low;
}

void ParabolicSar::advance(const OhlcvBar& bar) {
  const double lowest = std::min(previous_low_, bar.low), highest = std::max(previous_high_, bar.high);
  if (std::isnan(bar.high) || std::isnan(bar.low)) stop_ = kMissing;  // and for ever: nobody knows where the stop would be
  const bool turns = up_ ? bar.low <= stop_ : bar.high >= stop_;
  if (turns) {
    up_ = !up_;
    stop_ = up_ ? std::min(extreme_, lowest) : std::max(extreme_, highest);
    extreme_ = up_ ? bar.high : bar.low;
    factor_ = step_;
  }
  row_ = SarValue{stop_, up_ ? 1.0 : -1.0};
  if (!turns && (up_ ? bar.high > extreme_ : bar.low < extreme_)) {
    extreme_ = up_ ? bar.high : bar.low;
    factor_ = std::min(factor_ + step_, maximum_);
  }
  stop_ += factor_ * (extreme_ - stop_);
  stop_ = up_ ? std::min(stop_, lowest) : std::max(stop_, highest);
}

ParamResult<HeikinAshi> HeikinAshi::make(const Params&) { return HeikinAshi(); }

void HeikinAshi::update(const OhlcvBar& bar) {
  const double open = row_ ? (row_->open + row_->close) / 2.0 : (bar.open + bar.close) / 2.0;
  const double close = (bar.open + bar.high + bar.low + bar.close) / 4.0;
  row_ = HeikinAshiValue{open, std::max({bar.high, open, close}), std::min({bar.low, open, close}), close};
}

}  // namespace prom::indicators

namespace prom {
PROM_BATCH_HERE(indicators::ParabolicSar);
PROM_BATCH_HERE(indicators::HeikinAshi);
}  // namespace prom
