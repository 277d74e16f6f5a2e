// Buy and hold. Any thread.
#include <algorithm>

#include "research/benchmarks/benchmarks.h"

namespace prom {
namespace {

struct Held {
  Decimal net;
  std::vector<EquityPoint> equity;  ///< daily
};

/// Funding that a long of `value` paid over the bars: recorded rates, or the assumed one on its schedule.
Decimal funding_paid(const InstrumentData& series, Decimal value, TimeNs from, TimeNs to, const BenchmarkCosts& costs) {
  const Instrument& instrument = series.instrument;
  if (instrument.payoff == Payoff::spot || instrument.funding_interval.ns <= 0) return Decimal{};
  Decimal rate_sum;
  if (!series.funding.empty() && !costs.funding_rate) {
    for (const FundingRow& row : series.funding)
      if (row.time > from && row.time <= to) rate_sum += row.rate;
  } else {
    const std::int64_t settlements =
        (floor_to(to, instrument.funding_interval) - floor_to(from, instrument.funding_interval)).ns / instrument.funding_interval.ns;
    rate_sum = mul(costs.funding_rate.value_or(instrument.assumed_funding_rate), Decimal::from_int(settlements), Round::half_even);
  }
  return mul(value, rate_sum, Round::half_even);
}

Held hold(const InstrumentData& series, DurationNs interval, Decimal cash, const BenchmarkCosts& costs) {
  Held out;
  if (series.bars.empty()) return out;
  const Instrument& instrument = series.instrument;
  const Decimal taker = costs.fees ? costs.fees->taker : instrument.fees.taker;
  const auto price_at = [&](std::int64_t units) { return to_decimal(instrument, PriceUnits{units}); };
  const Decimal entry = mul(price_at(series.bars.open.front()), kDecimalOne + costs.slippage, Round::up);
  const Decimal invested = div(cash, kDecimalOne + taker, Round::down);
  const Decimal coins = div(invested, entry, Round::down);
  const TimeNs from{series.bars.open_time_ns.front()};
  TimeNs day = floor_to(from, kDay);
  for (std::size_t i = 0; i < series.bars.size(); ++i) {
    const TimeNs close = TimeNs{series.bars.open_time_ns[i]} + interval;
    if (floor_to(close, kDay) == day && i + 1 < series.bars.size()) continue;
    day = floor_to(close, kDay);
    const Decimal value = mul(coins, price_at(series.bars.close[i]), Round::down);
    out.equity.push_back({close, cash - invested - mul(invested, taker, Round::up) + value - funding_paid(series, invested, from, close, costs)});
  }
  const TimeNs to = TimeNs{series.bars.open_time_ns.back()} + interval;
  const Decimal exit = mul(price_at(series.bars.close.back()), kDecimalOne - costs.slippage, Round::down);
  const Decimal proceeds = mul(coins, exit, Round::down);
  out.net = proceeds - mul(proceeds, taker, Round::up) - invested - mul(invested, taker, Round::up) - funding_paid(series, invested, from, to, costs);
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

}  // namespace

std::vector<Benchmark> buy_and_hold(const Dataset& data, Decimal cash, const BenchmarkCosts& costs) {
  std::vector<Benchmark> out;
  Benchmark basket;
  basket.name = "buy and hold, equal parts";
  const Decimal part = div(cash, Decimal::from_int(static_cast<std::int64_t>(data.series.size())), Round::down);
  std::vector<Held> parts;
  for (const InstrumentData& series : data.series) {
    const Held whole = hold(series, data.interval, cash, costs);
    out.push_back({"buy and hold " + series.instrument.symbol, whole.net, drawdown_of(whole.equity, cash), 1, whole.equity});
    parts.push_back(hold(series, data.interval, part, costs));
    basket.net += parts.back().net;
  }
  // Days on which every part has a point; series of one data set share their calendar but for gaps at the ends.
  std::size_t days = SIZE_MAX;
  for (const Held& held : parts) days = std::min(days, held.equity.size());
  for (std::size_t d = 0; d < days; ++d) {
    EquityPoint sum{parts.front().equity[d].time, Decimal{}};
    for (const Held& held : parts) sum.equity += held.equity[d].equity;
    basket.equity.push_back(sum);
  }
  basket.max_drawdown = drawdown_of(basket.equity, cash);
  basket.trades = data.series.size();
  if (data.series.size() > 1) out.push_back(std::move(basket));
  return out;
}

}  // namespace prom
