// Figures of closed trades and the status that follows. Pure; any thread.
#include "agents/evaluation/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/statistics/intervals.h"
#include "analysis/statistics/performance.h"
#include "base/assert.h"

namespace prom {

Evaluation evaluate(std::span<const double> nets, double confidence) {
  const auto summary = statistics::summarise_trades(nets);
  Evaluation out;
  out.trades = summary.trades;
  out.wins = summary.wins;
  out.net = summary.net;
  out.gross_profit = summary.gross_profit;
  out.gross_loss = summary.gross_loss;
  out.win_rate = summary.win_rate;
  out.average_win = summary.average_win;
  out.average_loss = summary.average_loss;
  out.profit_factor = summary.profit_factor;
  out.expectancy = summary.expectancy;
  double running = 0, peak = 0;
  for (const double net : nets) {
    running += net;
    peak = std::max(peak, running);
    out.max_drawdown = std::max(out.max_drawdown, peak - running);
  }
  const auto deviation = statistics::standard_deviation(nets);
  if (deviation && *deviation > 0) out.sharpe = *out.expectancy / *deviation;
  if (const auto bound = statistics::mean_upper_bound_t(nets, confidence)) out.expectancy_upper = *bound;
  return out;
}

namespace {

std::string figures(const Evaluation& e) {
  const auto factor = e.profit_factor ? fmt::format("{:.2f}", *e.profit_factor) : std::string("without a loss");
  return fmt::format("{} trades, win rate {:.0f} %, profit factor {}, expectancy {:.4g} a trade", e.trades, 100 * e.win_rate.value_or(0), factor,
                     e.expectancy.value_or(0));
}

std::string failing(const Evaluation& e, const EvaluationRules& rules) {
  if (e.expectancy.value_or(0) < 0) return "the expectancy is negative";
  if (e.profit_factor && *e.profit_factor < rules.min_profit_factor) return fmt::format("the profit factor is below {:.2g}", rules.min_profit_factor);
  if (e.win_rate.value_or(0) < rules.min_win_rate) return fmt::format("the win rate is below {:.0f} %", 100 * rules.min_win_rate);
  return {};
}

}  // namespace

Judgement judge(const Evaluation& closed, DeciderStatus present, const Evaluation& shadow, const EvaluationRules& rules) {
  if (present == DeciderStatus::disabled) {
    const bool recovered = shadow.trades >= rules.shadow_trades && shadow.expectancy.value_or(0) > 0 && shadow.profit_factor.value_or(1) >= 1;
    if (recovered) return {DeciderStatus::probation, fmt::format("returns on probation: in shadow {}", figures(shadow))};
    return {DeciderStatus::disabled, fmt::format("disabled, in shadow: {} of {} shadow trades", shadow.trades, rules.shadow_trades)};
  }
  if (closed.trades >= rules.disable_trades && closed.expectancy_upper && *closed.expectancy_upper < 0) {
    return {DeciderStatus::disabled, fmt::format("disabled: the {:.0f} % upper bound of expectancy is {:.4g}, below zero ({})", 100 * rules.confidence,
                                                 *closed.expectancy_upper, figures(closed))};
  }
  if (closed.trades < rules.probation_trades) {
    return {present, fmt::format("{} of {} closed trades needed for a judgement", closed.trades, rules.probation_trades)};
  }
  const std::string why = failing(closed, rules);
  if (!why.empty()) return {DeciderStatus::probation, fmt::format("probation at half size: {} ({})", why, figures(closed))};
  return {DeciderStatus::active, fmt::format("in order: {}", figures(closed))};
}

}  // namespace prom
