// Random entries. Doubles: a distribution to compare with, not an account. Any thread.
#include <algorithm>

#include "base/prng.h"
#include "research/benchmarks/benchmarks.h"
#include "research/dataset/funding_schedule.h"

namespace prom {
namespace {

struct Template {
  std::size_t series = 0;
  double direction = 1;  ///< +1 long, -1 short
  double notional = 0;   ///< in quote
  std::size_t bars_held = 1;
  double cost_rate = 0;  ///< fees and slippage of both sides, fraction of notional
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
    if (t.bars_held <= series.bars.size()) out.push_back(t);
  }
  return out;
}

/// Funding that one coin held long from the first open has paid when a bar opens, by series and bar.
using Paid = std::vector<std::vector<double>>;

Paid funding_paid(const Dataset& data, const BenchmarkCosts& costs) {
  Paid out;
  for (const InstrumentData& series : data.series) {
    std::vector<double>& paid = out.emplace_back(series.bars.size(), 0.0);
    for (const FundingCharge& charge : funding_charges(series, costs.funding_rate))
      paid[charge.bar] += charge.rate.to_double() * series.bars.close_f[charge.bar - 1];
    for (std::size_t i = 1; i < paid.size(); ++i) paid[i] += paid[i - 1];
  }
  return out;
}

double one_run(const Dataset& data, const std::vector<Template>& trades, const Paid& paid, Xoshiro256pp& rng) {
  double net = 0;
  for (const Template& t : trades) {
    const BarColumns& bars = data.series[t.series].bars;
    const std::size_t entry = static_cast<std::size_t>(rng.below(bars.size() - t.bars_held + 1));
    const std::size_t last = entry + t.bars_held - 1;  // a trade of one bar closes with the bar that it was opened in
    const double change = bars.close_f[last] / bars.open_f[entry] - 1;
    const double funding = (paid[t.series][last] - paid[t.series][entry]) / bars.open_f[entry];
    net += t.notional * (t.direction * (change - funding) - t.cost_rate);
  }
  return net;
}

Decimal cents(double value) { return Decimal::from_units(static_cast<std::int64_t>(std::clamp(value, -9e15, 9e15) * 100), 2); }

}  // namespace

std::optional<RandomEntries> random_entries(const Dataset& data, const RunResult& result, const BenchmarkCosts& costs, std::uint32_t runs, std::uint64_t seed) {
  const std::vector<Template> trades = templates_of(data, result, costs);
  if (trades.empty() || runs == 0) return std::nullopt;
  const Paid paid = funding_paid(data, costs);
  Xoshiro256pp rng{seed};
  std::vector<double> nets;
  for (std::uint32_t r = 0; r < runs; ++r) nets.push_back(one_run(data, trades, paid, rng));
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
