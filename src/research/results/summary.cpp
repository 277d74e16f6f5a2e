// Run figures. Any thread.
#include "research/results/summary.h"

#include <algorithm>

#include "analysis/statistics/intervals.h"
#include "analysis/statistics/performance.h"
#include "domain/position.h"
#include "engine/risk/equity.h"

namespace prom {
namespace {

/// Equity at the last sample of each UTC day, plus the opening cash in front. `curve`: the opening cash and every sample.
std::vector<double> daily_equity(const RunResult& result, const std::vector<double>& curve) {
  std::vector<double> daily{curve.front()};
  TimeNs day{INT64_MIN};
  for (std::size_t i = 0; i < result.equity.size(); ++i) {
    if (result.equity[i].time <= result.from) continue;  // the opening cash again; at midnight it would be a day of its own, before the run
    const TimeNs this_day = floor_to(result.equity[i].time - DurationNs{1}, kDay);  // a sample at midnight closes the day before
    if (this_day == day) {
      daily.back() = curve[i + 1];
    } else {
      daily.push_back(curve[i + 1]);
      day = this_day;
    }
  }
  return daily;
}

std::vector<double> differences(const std::vector<double>& x) {
  std::vector<double> out;
  for (std::size_t i = 1; i < x.size(); ++i) out.push_back(x[i] - x[i - 1]);
  return out;
}

void daily_figures(CollectLevel level, RunResult& result) {
  RunSummary& s = result.summary;
  std::vector<double> curve{s.opening_cash.to_double()};
  curve.reserve(1 + result.equity.size());
  Decimal before = s.opening_cash;
  for (const EquityPoint& point : result.equity) {  // most hours are like the one before
    curve.push_back(point.equity == before ? curve.back() : point.equity.to_double());
    before = point.equity;
  }
  if (const auto drawdown = statistics::max_drawdown(curve)) s.max_drawdown = drawdown->fraction;
  const std::vector<double> daily = daily_equity(result, curve);
  if (daily.size() < 6 || s.days < 5) return;  // four whole days between two noons touch five dates
  std::vector<double> returns;
  for (std::size_t i = 1; i < daily.size(); ++i)
    if (daily[i - 1] > 0) returns.push_back(daily[i] / daily[i - 1] - 1);
  s.sharpe = statistics::sharpe(returns);
  if (level == CollectLevel::digest) return;
  const std::vector<double> profits = differences(daily);
  const auto n = static_cast<double>(profits.size());
  statistics::BootstrapParams params;
  params.block_length = std::min<std::size_t>(5, profits.size());
  params.seed = 20'250'504;
  const auto total = [n](std::span<const double> x) { return statistics::mean(x).value_or(0) * n; };
  if (const auto interval = statistics::bootstrap_interval(profits, total, params)) s.net_interval = Interval{interval->low, interval->high};
}

}  // namespace

void summarise(const EngineState& state, AccountIx account, std::uint64_t fills, Decimal slippage, CollectLevel level, RunResult& result) {
  RunSummary& s = result.summary;
  const AccountState& a = state.accounts[account.v];
  s.fills = fills;
  s.orders = state.next_order - 1;
  s.denials = result.denials.size();
  s.decisions = result.decisions.size();
  s.slippage = slippage;
  s.trades = result.trades.size();
  std::vector<double> profits;
  for (const JournalEntry& trade : result.trades) {
    s.fees += trade.fees;
    s.funding += trade.funding;
    s.wins += trade.net > Decimal{} ? 1U : 0U;
    profits.push_back(trade.net.to_double());
  }
  for (const Holding& holding : a.holdings) {
    if (holding.position.is_flat()) continue;
    s.fees += holding.position.fees;
    s.funding += holding.position.funding;
    const Instrument& instrument = state.instrument(holding.position.instrument);
    s.open_unrealised += unrealised_pnl(instrument, holding.position.quantity, holding.position.cost, state.market[instrument.ix.v].last);
  }
  if (const auto equity = equity_of(state, account)) {
    s.closing_equity = *equity;
    s.net = *equity - s.opening_cash;
  }
  s.gross = s.net + s.fees + s.slippage - s.funding;
  s.days = static_cast<double>((result.to - result.from).ns) / static_cast<double>(kDay.ns);
  const statistics::TradeSummary trades = statistics::summarise_trades(profits);
  s.win_rate = trades.win_rate;
  s.profit_factor = trades.profit_factor;
  s.expectancy = trades.expectancy;
  daily_figures(level, result);
}

}  // namespace prom
