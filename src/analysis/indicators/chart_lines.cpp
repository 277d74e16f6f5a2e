// Parabolic SAR and Heikin-Ashi. Pure, any thread.
#include "analysis/indicators/chart_lines.h"

#include <algorithm>
#include <utility>

#include "analysis/indicators/bulk_formulas.h"

namespace prom::indicators {

ParamResult<ParabolicSar> ParabolicSar::make(const Params& params) {
  PROM_CHECK_PARAM(out_of_range("step", params.step, {1e-6, 1}));
  PROM_CHECK_PARAM(out_of_range("maximum", params.maximum, {params.step, 1}));
  return ParabolicSar(params);
}

void ParabolicSar::update(const OhlcvBar& bar) {
  if (seen_ == 0) {
    first_high_ = bar.high;
    first_low_ = bar.low;
  } else {
    if (seen_ == 1) {
      const double rose = bar.high - first_high_, fell = first_low_ - bar.low;
      line_.begin(fell > 0 && fell > rose ? -1.0 : 1.0, bar.high, bar.low, first_high_, first_low_);
    }
    line_.advance(bar.high, bar.low);
  }
  if (seen_ < 2) ++seen_;
}

// The second bar chooses the side; its own range stands in for the bar before it, as in TA-Lib.
void ParabolicSar::Line::begin(double up_or_down, double high, double low, double previous_high, double previous_low) {
  side = up_or_down;
  const bool up = side > 0;
  stop = up ? previous_low : -previous_high;
  extreme = far = up ? high : -low;
  near = up ? low : -high;
  factor = step;
}

inline void ParabolicSar::Line::advance(double high, double low) {
  const bool up = side > 0;
  double near_now = up ? low : -high, far_now = up ? high : -low;
  if (high != high || low != low) stop = kMissing;  // and for ever: nobody knows where the stop would be
  if (near_now <= stop) {
    side = -side;
    std::swap(near_now, far_now);
    std::swap(near, far);
    near_now = -near_now, far_now = -far_now, near = -near, far = -far;
    stop = smaller(-extreme, smaller(near, near_now));
    extreme = far_now;
    factor = step;
  }
  shown = side > 0 ? stop : -stop;
  // Without a branch: whether a bar goes further is a coin's toss. The factor never exceeds the maximum, so adding nothing leaves it.
  factor = smaller(factor + (far_now > extreme ? step : 0.0), maximum);
  extreme = larger(extreme, far_now);
  stop += factor * (extreme - stop);
  stop = smaller(stop, smaller(near, near_now));
  near = near_now;
  far = far_now;
}

void ParabolicSar::bulk(const Input& bars, std::size_t from, const std::array<std::span<double>, 2>& columns) {
  Line line = line_;  // in registers
  const double *high = bars.high.data(), *low = bars.low.data();
  double *sar = columns[0].data(), *direction = columns[1].data();
  for (std::size_t i = from; i < bars.size(); ++i) {
    line.advance(high[i], low[i]);
    sar[i] = line.shown;
    direction[i] = line.side;
  }
  line_ = line;
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
