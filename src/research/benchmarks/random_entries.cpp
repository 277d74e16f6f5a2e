// Random entries. Doubles: a distribution to compare with, not an account. Any thread.
#include <algorithm>

#include "base/prng.h"
#include "research/benchmarks/benchmarks.h"

namespace prom {
namespace {

struct Template {
  std::size_t series = 0;
  double direction = 1;  ///< +1 long, -1 short
  double notional = 0;   ///< in quote
  std::size_t bars_held = 1;
  double cost_rate = 0;     ///< fees and slippage of both sides, fraction of notional
  double funding_rate = 0;  ///< paid by a long over the holding time, fraction of notional
};

std::vector<Template> templates_of(const Dataset& data, const RunResult& result, const BenchmarkCosts& costs) {
  std::vector<Template> out;
  for (const JournalEntry& trade : result.trades) {
    const InstrumentData& series = data.series[trade.instrument.v];
    if (series.bars.empty()) continue;
    Template t;
    t.series = trade.instrument.v;
    t.direction = trade.side == Side::buy ? 1 : -1;
    const Decimal size = mul(to_decimal(series.instrument, trade.quantity), series.instrument.contract_value, Round::half_even);
    t.notional = size.to_double() * (series.instrument.payoff == Payoff::inverse ? 1 : trade.entry_price.to_double());
    const DurationNs held = trade.closed_at - trade.opened_at;
    t.bars_held = static_cast<std::size_t>(std::max<std::int64_t>(1, held.ns / data.interval.ns));
    const Decimal taker = costs.fees ? costs.fees->taker : series.instrument.fees.taker;
    t.cost_rate = 2 * (taker.to_double() + costs.slippage.to_double());
    if (series.instrument.payoff != Payoff::spot && series.instrument.funding_interval.ns > 0)
      t.funding_rate = costs.funding_rate.value_or(series.instrument.assumed_funding_rate).to_double() * static_cast<double>(held.ns) /
                       static_cast<double>(series.instrument.funding_interval.ns);
    if (t.bars_held < series.bars.size()) out.push_back(t);
  }
  return out;
}

double one_run(const Dataset& data, const std::vector<Template>& trades, Xoshiro256pp& rng) {
  double net = 0;
  for (const Template& t : trades) {
    const BarColumns& bars = data.series[t.series].bars;
    const std::size_t entry = static_cast<std::size_t>(rng.below(bars.size() - t.bars_held));
    const double change = bars.close_f[entry + t.bars_held] / bars.open_f[entry] - 1;
    net += t.notional * (t.direction * change - t.cost_rate - t.direction * t.funding_rate);
  }
  return net;
}

Decimal cents(double value) { return Decimal::from_units(static_cast<std::int64_t>(std::clamp(value, -9e15, 9e15) * 100), 2); }

}  // namespace

std::optional<RandomEntries> random_entries(const Dataset& data, const RunResult& result, const BenchmarkCosts& costs, std::uint32_t runs, std::uint64_t seed) {
  const std::vector<Template> trades = templates_of(data, result, costs);
  if (trades.empty() || runs == 0) return std::nullopt;
  Xoshiro256pp rng{seed};
  std::vector<double> nets;
  for (std::uint32_t r = 0; r < runs; ++r) nets.push_back(one_run(data, trades, rng));
  std::sort(nets.begin(), nets.end());
  // The run's own closed trades are what is compared: an open position has no holding time yet.
  double own = 0;
  for (const JournalEntry& trade : result.trades) own += trade.net.to_double();
  const auto at = [&](double q) { return cents(nets[static_cast<std::size_t>(q * static_cast<double>(nets.size() - 1))]); };
  RandomEntries out{runs, seed, at(0.5), at(0.05), at(0.95), 0};
  out.beaten = static_cast<double>(std::lower_bound(nets.begin(), nets.end(), own) - nets.begin()) / static_cast<double>(nets.size());
  return out;
}

}  // namespace prom
