// Buy and hold. Any thread.
#include <algorithm>

#include "research/benchmarks/benchmarks.h"
#include "research/dataset/funding_schedule.h"

namespace prom {
namespace {

struct Held {
  Decimal net;
  std::vector<EquityPoint> equity;  ///< at the run's equity interval
};

Held hold(const InstrumentData& series, DurationNs interval, Decimal cash, const BenchmarkCosts& costs) {
  Held out;
  if (series.bars.empty()) return out;
  const Instrument& instrument = series.instrument;
  const Decimal taker = costs.fees ? costs.fees->taker : instrument.fees.taker;
  const auto price_at = [&](std::int64_t units) { return to_decimal(instrument, PriceUnits{units}); };
  const Decimal entry = mul(price_at(series.bars.open.front()), kDecimalOne + costs.slippage, Round::up);
  const Decimal invested = div(cash, kDecimalOne + taker, Round::down);
  const Decimal coins = div(invested, entry, Round::down);
  const Decimal left = cash - invested - mul(invested, taker, Round::up);
  const std::vector<FundingCharge> charges = funding_charges(series, costs.funding_rate);
  auto charge = charges.begin();
  Decimal funding;
  TimeNs sampled = floor_to(TimeNs{series.bars.open_time_ns.front()}, costs.equity_interval);
  for (std::size_t i = 0; i < series.bars.size(); ++i) {
    // On the value at the settlement, as the venue charges a run.
    for (; charge != charges.end() && charge->bar == i; ++charge)
      funding += mul(mul(coins, price_at(series.bars.close[i - 1]), Round::half_even), charge->rate, Round::half_even);
    const TimeNs close = TimeNs{series.bars.open_time_ns[i]} + interval;
    const TimeNs boundary = floor_to(close, costs.equity_interval);
    const bool last = i + 1 == series.bars.size();
    if (boundary == sampled && !last) continue;
    sampled = boundary;
    const Decimal value = mul(coins, price_at(series.bars.close[i]), Round::down);
    out.equity.push_back({last ? close : boundary, left + value - funding});
  }
  const Decimal exit = mul(price_at(series.bars.close.back()), kDecimalOne - costs.slippage, Round::down);
  const Decimal proceeds = mul(coins, exit, Round::down);
  out.net = left + proceeds - mul(proceeds, taker, Round::up) - funding - cash;
  return out;
}

/// From the cash on, which is the first peak: a fall on the first day counts like that of a run.
double drawdown_of(const std::vector<EquityPoint>& equity, Decimal cash) {
  double peak = cash.to_double(), worst = 0;
  for (const EquityPoint& point : equity) {
    const double value = point.equity.to_double();
    peak = std::max(peak, value);
    if (peak > 0) worst = std::max(worst, (peak - value) / peak);
  }
  return worst;
}

/// The curve that reports draw: the last point of every day. A point at midnight closes the day before.
std::vector<EquityPoint> daily(const std::vector<EquityPoint>& equity) {
  std::vector<EquityPoint> out;
  for (std::size_t i = 0; i < equity.size(); ++i) {
    const auto day = [](TimeNs time) { return floor_to(time - DurationNs{1}, kDay); };
    if (i + 1 == equity.size() || day(equity[i + 1].time) != day(equity[i].time)) out.push_back(equity[i]);
  }
  return out;
}

/// The sum at every time at which some part has a point: a part is cash before its first, and stays what it was after its last.
std::vector<EquityPoint> sum_of(const std::vector<Held>& parts, Decimal cash_each) {
  std::vector<TimeNs> times;
  for (const Held& held : parts)
    for (const EquityPoint& point : held.equity) times.push_back(point.time);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<std::size_t> next(parts.size(), 0);
  std::vector<EquityPoint> out;
  for (const TimeNs time : times) {
    EquityPoint sum{time, Decimal{}};
    for (std::size_t p = 0; p < parts.size(); ++p) {
      const std::vector<EquityPoint>& equity = parts[p].equity;
      while (next[p] < equity.size() && equity[next[p]].time <= time) ++next[p];
      sum.equity += next[p] == 0 ? cash_each : equity[next[p] - 1].equity;
    }
    out.push_back(sum);
  }
  return out;
}

}  // namespace

std::vector<Benchmark> buy_and_hold(const Dataset& data, Decimal cash, const BenchmarkCosts& costs) {
  std::vector<Benchmark> out;
  Benchmark basket;
  basket.name = "buy and hold, equal parts";
  const Decimal part = div(cash, Decimal::from_int(static_cast<std::int64_t>(data.series.size())), Round::down);
  std::vector<Held> parts;
  for (const InstrumentData& series : data.series) {
    const Held whole = hold(series, data.interval, cash, costs);
    out.push_back({"buy and hold " + series.instrument.symbol, whole.net, drawdown_of(whole.equity, cash), 1, daily(whole.equity)});
    parts.push_back(hold(series, data.interval, part, costs));
    basket.net += parts.back().net;
  }
  const std::vector<EquityPoint> together = sum_of(parts, part);
  basket.equity = daily(together);
  basket.max_drawdown = drawdown_of(together, cash);
  basket.trades = data.series.size();
  if (data.series.size() > 1) out.push_back(std::move(basket));
  return out;
}

}  // namespace prom
