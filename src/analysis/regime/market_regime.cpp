// Market regime. Pure, any thread.
#include "analysis/regime/market_regime.h"

#include <algorithm>
#include <cmath>

namespace prom::regime {
namespace {

constexpr double kTrendEnter = 25, kTrendStay = 20;
constexpr double kVolatileEnter = 0.90, kVolatileStay = 0.80, kQuiet = 0.5;
constexpr double kFlowEnter = 0.10, kFlowStay = 0.05;
constexpr double kFlatSlope = 0.1;

std::size_t length(int period) { return static_cast<std::size_t>(period); }

bool complete(const RegimeFeatures& f) {
  const double all[] = {f.adx, f.slope, f.volatility_rank, f.channel};
  return std::none_of(std::begin(all), std::end(all), [](double x) { return std::isnan(x); });
}

// Where in its bar the close lies, times volume: Chaikin's money flow volume; 0 for a bar without range.
double flow_volume(const OhlcvBar& bar) {
  const double range = bar.high - bar.low;
  return range > 0 ? ((bar.close - bar.low) - (bar.high - bar.close)) / range * bar.volume : 0.0;
}

}  // namespace

std::string_view name_of(Regime regime) {
  switch (regime) {
    case Regime::trend_up: return "trend_up";
    case Regime::trend_down: return "trend_down";
    case Regime::range: return "range";
    case Regime::breakout: return "breakout";
    case Regime::volatile_: return "volatile";
    case Regime::accumulation: return "accumulation";
    case Regime::distribution: return "distribution";
  }
  return "";
}

ParamResult<MarketRegime> MarketRegime::make(const Params& p) {
  PROM_CHECK_PARAM(bad_period("adx_period", p.adx_period, 2));
  PROM_CHECK_PARAM(bad_period("slope_period", p.slope_period, 2));
  PROM_CHECK_PARAM(bad_period("rank_period", p.rank_period, 10));
  PROM_CHECK_PARAM(bad_period("volume_period", p.volume_period));
  PROM_CHECK_PARAM(bad_period("flow_period", p.flow_period));
  PROM_CHECK_PARAM(bad_period("donchian_period", p.donchian_period));
  PROM_CHECK_PARAM(bad_period("confirm_bars", p.confirm_bars));
  PROM_CHECK_PARAM(bad_period("breakout_bars", p.breakout_bars));
  PROM_CHECK_PARAM(out_of_range("breakout_volume", p.breakout_volume, {0, 100}));
  return MarketRegime(p);
}

// The parts' own makes accept everything that make() let through.
MarketRegime::MarketRegime(const Params& p)
    : params_(p),
      dmi_(*indicators::Dmi::make({p.adx_period})),
      atr_(*indicators::Atr::make({p.adx_period})),
      slope_(*indicators::LinearRegression::make({p.slope_period})),
      channel_(*indicators::Donchian::make({p.donchian_period, indicators::DonchianWindow::prior_bars})),
      ranges_(length(p.rank_period)),
      volume_(length(p.volume_period)),
      flow_volume_(length(p.flow_period)),
      flow_(length(p.flow_period)) {}

RegimeFeatures MarketRegime::measure(const OhlcvBar& bar) {
  RegimeFeatures f;
  if (volume_.full() && volume_.mean() > 0) f.relative_volume = bar.volume / volume_.mean();
  dmi_.update(bar);
  atr_.update(bar);
  slope_.update(bar.close);
  channel_.update(bar);
  volume_.push(bar.volume);
  flow_volume_.push(bar.volume);
  flow_.push(flow_volume(bar));
  if (flow_.full() && flow_volume_.sum() > 0) f.money_flow = flow_.sum() / flow_volume_.sum();
  if (const auto dmi = dmi_.value()) f.adx = dmi->adx, f.plus_di = dmi->plus_di, f.minus_di = dmi->minus_di;
  const auto atr = atr_.value();
  if (!atr) return f;
  const auto in_atrs = [&](double x) { return *atr > 0 ? x / *atr : 0.0; };
  if (const auto line = slope_.value()) f.slope = in_atrs(line->slope);
  if (const auto band = channel_.value()) {
    f.channel = in_atrs(bar.close > band->upper ? bar.close - band->upper : bar.close < band->lower ? bar.close - band->lower : 0.0);
  }
  const double size = *atr / bar.close;
  ranges_.push(size);
  if (ranges_.full()) {
    const auto all = ranges_.values();
    const auto below = std::count_if(all.begin(), all.end(), [size](double x) { return x < size; });
    f.volatility_rank = static_cast<double>(below) / static_cast<double>(all.size() - 1);
  }
  return f;
}

Regime MarketRegime::judge(const RegimeFeatures& f, double close) {
  const std::optional<Regime> current = row_ ? std::optional(row_->regime) : std::nullopt;
  const auto limit = [&](Regime regime, double enter, double stay) { return current == regime ? stay : enter; };
  if (f.channel != 0 && f.relative_volume >= params_.breakout_volume && previous_rank_ <= kQuiet && current != Regime::breakout) {
    broke_up_ = f.channel > 0;
    const auto band = *channel_.value();
    broken_edge_ = broke_up_ ? band.upper : band.lower;
    breakout_age_ = 0;
    return Regime::breakout;
  }
  if (current == Regime::breakout && ++breakout_age_ < params_.breakout_bars && (broke_up_ ? close > broken_edge_ : close < broken_edge_)) {
    return Regime::breakout;
  }
  const bool up = f.plus_di > f.minus_di && f.slope > 0, down = f.plus_di < f.minus_di && f.slope < 0;
  const bool trending = current == Regime::trend_up || current == Regime::trend_down;
  const double trend_limit = trending ? kTrendStay : kTrendEnter;
  if (f.volatility_rank >= limit(Regime::volatile_, kVolatileEnter, kVolatileStay) && f.adx < trend_limit) return Regime::volatile_;
  if (up && f.adx >= limit(Regime::trend_up, kTrendEnter, kTrendStay)) return Regime::trend_up;
  if (down && f.adx >= limit(Regime::trend_down, kTrendEnter, kTrendStay)) return Regime::trend_down;
  const bool flat = std::fabs(f.slope) < kFlatSlope;
  if (flat && f.money_flow >= limit(Regime::accumulation, kFlowEnter, kFlowStay)) return Regime::accumulation;
  if (flat && -f.money_flow >= limit(Regime::distribution, kFlowEnter, kFlowStay)) return Regime::distribution;
  return Regime::range;
}

void MarketRegime::settle(Regime candidate) {
  candidate_run_ = last_candidate_ == candidate ? candidate_run_ + 1 : 1;
  last_candidate_ = candidate;
  const bool at_once = candidate == Regime::breakout;
  if (!row_) row_.emplace().regime = candidate;
  row_->candidate = candidate;
  ++row_->bars_in_regime;
  if (candidate == row_->regime || (!at_once && candidate_run_ < params_.confirm_bars)) return;
  row_->regime = candidate;
  row_->bars_in_regime = 1;
}

void MarketRegime::update(const OhlcvBar& bar) {
  const bool volumes_before = volume_.full();  // the mean is that of the bars before this one
  const RegimeFeatures features = measure(bar);
  if (volumes_before && flow_.full() && complete(features)) {
    settle(judge(features, bar.close));
    row_->features = features;
  }
  previous_rank_ = features.volatility_rank;
}

}  // namespace prom::regime
