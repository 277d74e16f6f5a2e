// Zone decisions of smc_retest: structure, gaps and blocks are those of analysis/smc over the window. One owner at a time.
#include "strategies/smc_retest.h"

#include "analysis/smc/fair_value_gaps.h"
#include "analysis/smc/market_structure.h"
#include "analysis/smc/order_blocks.h"

namespace prom::strategies {

namespace {

/// A gap or block that the newest bar is the first to touch.
struct Zone {
  double top = 0, bottom = 0;
  std::size_t known = 0;  ///< index of the bar at whose close it was known
  std::int64_t is_gap = 0;
};

std::optional<Zone> touched_gap(const OhlcvView& view, smc::Direction direction, double min_gap) {
  const auto gaps = smc::fair_value_gaps(view, {.min_size = min_gap});
  if (!gaps) return std::nullopt;
  const std::size_t now = view.size() - 1;
  std::optional<Zone> found;
  for (const auto& gap : *gaps) {
    const bool fits = gap.direction == direction && gap.confirmed_index < now && gap.touched_index == now && !gap.mitigated_index;
    if (fits) found = Zone{gap.top, gap.bottom, gap.confirmed_index, 1};
  }
  return found;
}

std::optional<Zone> touched_block(const OhlcvView& view, smc::Direction direction, const smc::OrderBlockParams& params) {
  const auto blocks = smc::order_blocks(view, params);
  if (!blocks) return std::nullopt;
  const std::size_t now = view.size() - 1;
  std::optional<Zone> found;
  for (const auto& block : *blocks) {
    const bool fits = block.direction == direction && block.confirmed_index < now && block.touched_index == now && !block.broken_index;
    if (fits && (!found || block.confirmed_index >= found->known)) found = Zone{block.top, block.bottom, block.confirmed_index, 0};
  }
  return found;
}

}  // namespace

SmcRetest::SmcRetest(const Params& params)
    : params_(params),
      bars_(params.timeframe),
      times_(params.window),
      opens_(params.window),
      highs_(params.window),
      lows_(params.window),
      closes_(params.window),
      volumes_(params.window),
      atr_(params.atr_period) {}

std::int64_t SmcRetest::warm_up_bars() const { return std::max(2 * params_.swing + 3, params_.atr_period + 1); }

Signal SmcRetest::on_bar(const StrategyBar& bar, const StrategyContext& context) {
  Signal signal = Signal::none;
  bars_.add(bar, context.base_interval, [&](const StrategyBar& closed) {
    const Signal decided = on_timeframe_bar(closed, context);
    if (decided != Signal::none) signal = decided;
  });
  return signal;
}

Signal SmcRetest::on_timeframe_bar(const StrategyBar& bar, const StrategyContext& context) {
  times_.push(bar.open_time_ns);
  opens_.push(bar.open);
  highs_.push(bar.high);
  lows_.push(bar.low);
  closes_.push(bar.close);
  volumes_.push(bar.volume);
  atr_.update(bar.high, bar.low, bar.close);
  if (!atr_.ready()) return Signal::none;
  const OhlcvView view{times_.values(), opens_.values(), highs_.values(), lows_.values(), closes_.values(), volumes_.values(), {}};
  smc::MarketStructureParams structure;
  structure.swings.left = structure.swings.right = static_cast<int>(params_.swing);
  const auto market = smc::market_structure(view, structure);
  if (!market || !market->trend) return Signal::none;
  const bool bullish = *market->trend == smc::Direction::bullish;
  if (context.held != Held::flat) {
    const bool against = (context.held == Held::long_side) != bullish;
    if (!against) return Signal::none;
    last_.fire(Signal::go_flat, bar.close);
    return Signal::go_flat;
  }
  if (!bullish && context.shorting == Shorting::forbidden) return Signal::none;
  const auto gap = touched_gap(view, *market->trend, params_.min_gap);
  const auto block = touched_block(view, *market->trend, {.structure = structure, .atr_period = static_cast<int>(params_.atr_period)});
  if (!gap && !block) return Signal::none;
  const Zone zone = gap && (!block || gap->known >= block->known) ? *gap : *block;
  return enter(bullish ? Signal::go_long : Signal::go_short, bar.close, {zone.bottom, zone.top}, zone.is_gap);
}

Signal SmcRetest::enter(Signal side, double close, std::pair<double, double> zone, std::int64_t is_gap) {
  const double far = side == Signal::go_long ? zone.first : zone.second;
  const double stop = stop_from(side, far, params_.buffer_atr * atr_.value());
  const double risk = side == Signal::go_long ? close - stop : stop - close;
  if (!(risk > 0)) return Signal::none;  // the bar has closed beyond the stop
  if (last_.enter(side, close, stop) == Signal::none) return Signal::none;
  // A short's target at or below zero is no price; the position then leaves with the structure alone.
  last_.target = side == Signal::go_long ? close + params_.reward * risk : close - params_.reward * risk;
  last_.why = {zone.first, zone.second, static_cast<double>(is_gap), params_.reward};
  return side;
}

SignalIntent SmcRetest::intent() const {
  const auto& w = last_.why;
  const std::string zone = w[2] > 0 ? "fair value gap" : "order block";
  switch (last_.kind()) {
    case Signal::none: return {};
    case Signal::go_long: return intent_of(last_, "Price came back to the bullish " + zone + fill_in(" {} to {} in a rising structure.", {w[0], w[1]}));
    case Signal::go_short: return intent_of(last_, "Price came back to the bearish " + zone + fill_in(" {} to {} in a falling structure.", {w[0], w[1]}));
    case Signal::go_flat: return intent_of(last_, "The market structure has turned against the position.");
  }
  PROM_UNREACHABLE();
}

}  // namespace prom::strategies
