// Figures of merit. Pure, any thread.
#include "analysis/statistics/performance.h"

#include <algorithm>
#include <cmath>

#include "analysis/kernels.h"
#include "base/detmath.h"

namespace prom::statistics {

std::optional<double> mean(std::span<const double> x) {
  if (x.empty()) return std::nullopt;
  return mean_of(x);
}

std::optional<double> standard_deviation(std::span<const double> x) {
  if (x.size() < 2) return std::nullopt;
  return sample_sd(x);
}

std::optional<double> sharpe(std::span<const double> returns, const RatioParams& params) {
  const auto sd = standard_deviation(returns);
  if (!sd || !(*sd > 0)) return std::nullopt;
  return (mean_of(returns) - params.risk_free) / *sd * std::sqrt(params.periods_per_year);
}

std::optional<double> sortino(std::span<const double> returns, const RatioParams& params) {
  if (returns.size() < 2) return std::nullopt;
  const double squares = lane_sum(returns.size(), [&](std::size_t i) {
    const double below = std::min(0.0, returns[i] - params.risk_free);
    return below * below;
  });
  if (!(squares > 0)) return std::nullopt;
  const double downside = std::sqrt(squares / static_cast<double>(returns.size()));
  return (mean_of(returns) - params.risk_free) / downside * std::sqrt(params.periods_per_year);
}

std::optional<Drawdown> max_drawdown(std::span<const double> equity) {
  if (equity.empty() || !(equity.front() > 0)) return std::nullopt;
  Drawdown worst;
  std::size_t peak = 0;
  for (std::size_t i = 0; i < equity.size(); ++i) {
    if (equity[i] >= equity[peak]) {
      peak = i;
      continue;
    }
    worst.longest_bars = std::max(worst.longest_bars, i - peak);
    const double amount = equity[peak] - equity[i];
    if (amount / equity[peak] > worst.fraction) {
      worst.fraction = amount / equity[peak];
      worst.amount = amount;
      worst.peak = peak;
      worst.trough = i;
    }
  }
  return worst;
}

std::optional<double> calmar(std::span<const double> equity, double periods_per_year) {
  const auto drawdown = max_drawdown(equity);
  if (!drawdown || equity.size() < 2 || !(drawdown->fraction > 0) || !(equity.back() > 0)) return std::nullopt;
  const double years = static_cast<double>(equity.size() - 1) / periods_per_year;
  return (detmath::pow(equity.back() / equity.front(), 1.0 / years) - 1.0) / drawdown->fraction;
}

TradeSummary summarise_trades(std::span<const double> profits) {
  TradeSummary s;
  s.trades = profits.size();
  for (const double p : profits) {
    s.net += p;
    if (p > 0) ++s.wins, s.gross_profit += p;
    if (p < 0) ++s.losses, s.gross_loss -= p;
  }
  if (s.trades == 0) return s;
  const double n = static_cast<double>(s.trades);
  s.win_rate = static_cast<double>(s.wins) / n;
  s.expectancy = mean_of(profits);
  if (s.wins > 0) s.average_win = s.gross_profit / static_cast<double>(s.wins);
  if (s.losses > 0) {
    s.average_loss = s.gross_loss / static_cast<double>(s.losses);
    s.profit_factor = s.gross_profit / s.gross_loss;
  }
  if (s.trades >= 2) {
    const double sd = sample_sd(profits);
    if (sd > 0) s.sqn = std::sqrt(std::min(n, 100.0)) * *s.expectancy / sd;
  }
  return s;
}

}  // namespace prom::statistics
