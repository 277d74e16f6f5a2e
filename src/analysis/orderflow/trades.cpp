// Trade statistics. Pure, any thread.
#include "analysis/orderflow/trades.h"

#include <algorithm>

#include "analysis/indicators/rolling.h"

namespace prom::orderflow {

TradeImbalance trade_imbalance(const TradesView& trades) {
  TradeImbalance sum;
  indicators::CarriedSum volume[2], value[2];
  std::size_t count[2] = {0, 0};
  for (std::size_t i = 0; i < trades.size(); ++i) {
    const std::size_t side = trades.aggressor[i] == Aggressor::buyer ? 0 : 1;
    volume[side].add(trades.quantity[i]);
    value[side].add(trades.price[i] * trades.quantity[i]);
    ++count[side];
  }
  sum.buy_volume = volume[0].total(), sum.sell_volume = volume[1].total();
  sum.buy_value = value[0].total(), sum.sell_value = value[1].total();
  sum.buys = count[0], sum.sells = count[1];
  const double both = sum.buy_volume + sum.sell_volume;
  if (both > 0) sum.imbalance = (sum.buy_volume - sum.sell_volume) / both;
  return sum;
}

ParamResult<std::vector<WhalePrint>> whale_prints(const TradesView& trades, const WhaleParams& params) {
  PROM_CHECK_PARAM(out_of_range("min_value", params.min_value, {0, 1e15}));
  PROM_CHECK_PARAM(out_of_range("multiple", params.multiple, {1, 1e6}));
  PROM_CHECK_PARAM(bad_period("window", params.window));
  std::vector<WhalePrint> prints;
  indicators::RollingSum before(static_cast<std::size_t>(params.window));
  for (std::size_t i = 0; i < trades.size(); ++i) {
    const double value = trades.price[i] * trades.quantity[i];
    const double multiple = before.full() && before.mean() > 0 ? value / before.mean() : 0;
    if (value >= params.min_value && (!before.full() || multiple >= params.multiple)) {
      prints.push_back({i, trades.aggressor[i], value, multiple});
    }
    before.push(value);
  }
  return prints;
}

ParamResult<TickSpeed> tick_speed(const TradesView& trades, std::int64_t now_ns, const TickSpeedParams& params) {
  PROM_CHECK_PARAM(out_of_range("window_ns", static_cast<double>(params.window_ns), {1e6, 86'400e9}));
  PROM_CHECK_PARAM(out_of_range("baseline_windows", params.baseline_windows, {1, 1000}));
  const auto begin = trades.time_ns.begin();
  const auto trades_until = [&](std::int64_t time_ns) { return static_cast<std::size_t>(std::upper_bound(begin, trades.time_ns.end(), time_ns) - begin); };
  const std::size_t end = trades_until(now_ns), first = trades_until(now_ns - params.window_ns);
  std::int64_t windows = params.baseline_windows;
  if (params.record_begin_ns) windows = std::clamp<std::int64_t>((now_ns - *params.record_begin_ns) / params.window_ns - 1, 0, windows);
  const std::size_t base = trades_until(now_ns - params.window_ns * (windows + 1));
  const double seconds = static_cast<double>(params.window_ns) * 1e-9;
  TickSpeed speed;
  speed.trades_per_second = static_cast<double>(end - first) / seconds;
  double volume = 0;
  for (std::size_t i = first; i < end; ++i) volume += trades.quantity[i];
  speed.volume_per_second = volume / seconds;
  if (first > base) speed.relative = static_cast<double>(end - first) * static_cast<double>(windows) / static_cast<double>(first - base);
  return speed;
}

}  // namespace prom::orderflow
