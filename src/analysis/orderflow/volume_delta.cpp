// Order flow from bars. Pure, any thread.
#include "analysis/orderflow/volume_delta.h"

#include <cmath>

#include "analysis/indicators/volatility.h"

namespace prom::orderflow {
namespace {

std::optional<ParamError> no_taker_volume(const OhlcvView& bars) {
  if (bars.taker_buy_volume.size() == bars.size()) return std::nullopt;
  return ParamError{ParamErrorCode::missing_column, "taker_buy_volume", static_cast<double>(bars.taker_buy_volume.size()), static_cast<double>(bars.size())};
}

// A divergence between two neighbouring swings of one kind, if there is one.
std::optional<Divergence> between(const indicators::Swing& first, const indicators::Swing& second, const std::vector<double>& cvd) {
  const double a = cvd[first.index], b = cvd[second.index];
  const bool high = second.kind == indicators::SwingKind::high;
  if (high && second.price > first.price && b < a) return Divergence{DivergenceKind::bearish, first, second, a, b};
  if (!high && second.price < first.price && b > a) return Divergence{DivergenceKind::bullish, first, second, a, b};
  return std::nullopt;
}

}  // namespace

ParamResult<Cvd> Cvd::make(const Params&) { return Cvd(); }

void Cvd::update(const OhlcvBar& bar) {
  broken_ = broken_ || !bar.taker_buy_volume;
  known_ = !broken_;
  if (known_) total_.add(2.0 * *bar.taker_buy_volume - bar.volume);
}

ParamResult<std::vector<Divergence>> cvd_divergences(const OhlcvView& bars, const indicators::SwingDetector::Params& swings) {
  PROM_CHECK_PARAM(no_taker_volume(bars));
  auto detector = indicators::SwingDetector::make(swings);
  if (!detector) return std::unexpected(detector.error());
  const auto cvd = *evaluate<Cvd>({}, bars);
  std::vector<Divergence> found;
  std::optional<indicators::Swing> last_high, last_low;
  const auto compare = [&](std::optional<indicators::Swing>& last, const std::optional<indicators::Swing>& now) {
    if (!now) return;
    if (last) {
      if (const auto divergence = between(*last, *now, cvd)) found.push_back(*divergence);
    }
    last = now;
  };
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto confirmed = detector->update(bar_at(bars, i));
    compare(last_high, confirmed.high);
    compare(last_low, confirmed.low);
  }
  return found;
}

ParamResult<std::vector<AbsorptionZone>> absorption_zones(const OhlcvView& bars, const AbsorptionParams& params) {
  PROM_CHECK_PARAM(out_of_range("volume_multiple", params.volume_multiple, {1, 1000}));
  PROM_CHECK_PARAM(out_of_range("delta_share", params.delta_share, {0, 1}));
  PROM_CHECK_PARAM(out_of_range("max_progress_atr", params.max_progress_atr, {0, 10}));
  PROM_CHECK_PARAM(bad_period("volume_period", params.volume_period));
  PROM_CHECK_PARAM(no_taker_volume(bars));
  auto atr = indicators::Atr::make({params.atr_period});
  if (!atr) return std::unexpected(atr.error());
  indicators::RollingSum volume(static_cast<std::size_t>(params.volume_period));
  std::vector<AbsorptionZone> zones;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const OhlcvBar bar = bar_at(bars, i);
    const auto usual_range = atr->value();
    const double usual = volume.full() ? volume.mean() : 0;
    atr->update(bar);
    volume.push(bar.volume);
    if (!usual_range || !(*usual_range > 0) || !(usual > 0) || !(bar.volume > 0)) continue;
    const double delta = 2.0 * *bar.taker_buy_volume - bar.volume;
    const double progress = (bar.close - bar.open) / *usual_range, effort = delta > 0 ? progress : -progress;
    if (bar.volume < params.volume_multiple * usual || std::fabs(delta) < params.delta_share * bar.volume) continue;
    if (delta == 0 || effort > params.max_progress_atr) continue;
    zones.push_back({i, delta > 0 ? Absorber::sellers : Absorber::buyers, bar.high, bar.low, delta, bar.volume / usual, progress});
  }
  return zones;
}

}  // namespace prom::orderflow
