// Figures of merit of a series of returns, an equity curve or a list of closed trades. Pure functions, any thread.
#pragma once
#include <cstddef>
#include <optional>
#include <span>

namespace prom::statistics {

// Nothing (nullopt) where a figure is undefined: too few values, or a zero denominator. Returns are fractions per period (0.01 = 1 %),
// trades are profit and loss in money or in R; all finite.

std::optional<double> mean(std::span<const double> x);                // needs 1
std::optional<double> standard_deviation(std::span<const double> x);  // sample (n-1); needs 2

// Annualised Sharpe ratio (Sharpe 1994): mean(r - risk_free) / sd(r) * sqrt(periods_per_year); risk_free per period. Needs 2 and sd > 0.
struct RatioParams {
  double periods_per_year = 365;
  double risk_free = 0;  // per period; for sortino the target return
};
std::optional<double> sharpe(std::span<const double> returns, const RatioParams& params = {});

// Annualised Sortino ratio (Sortino and van der Meer 1991): mean(r - target) / downside deviation, where the downside deviation is
// sqrt(sum(min(0, r - target)^2) / n) over ALL n returns. Needs 2 and a downside.
std::optional<double> sortino(std::span<const double> returns, const RatioParams& params = {});

struct Drawdown {
  double fraction = 0;               // largest fall from a peak, 0..1 (above 1 when equity went negative)
  double amount = 0;                 // that fall in units of equity
  std::size_t peak = 0, trough = 0;  // its bounds, indices into the curve
  std::size_t longest_bars = 0;      // longest stretch under a former peak, to recovery or to the end
};
// Of an equity curve; the largest by fraction. Nothing for an empty curve or one that does not begin above zero.
std::optional<Drawdown> max_drawdown(std::span<const double> equity);

// Compound yearly growth over largest drawdown (Young 1991): ((last/first)^(periods_per_year/(n-1)) - 1) / max drawdown. Needs two
// points, a positive first and last, and a drawdown.
std::optional<double> calmar(std::span<const double> equity, double periods_per_year);

// Of closed trades; a trade of exactly 0 is neither win nor loss but counts in `trades`.
struct TradeSummary {
  std::size_t trades = 0, wins = 0, losses = 0;
  double net = 0, gross_profit = 0, gross_loss = 0;  // gross_loss >= 0
  std::optional<double> win_rate;                    // wins / trades
  std::optional<double> average_win, average_loss;   // average_loss > 0
  std::optional<double> profit_factor;               // gross profit / gross loss; none without a loss
  std::optional<double> expectancy;                  // mean per trade
  std::optional<double> sqn;                         // system quality number (Tharp): sqrt(n) * mean / sd, n capped at 100; needs 2 and sd > 0
};
TradeSummary summarise_trades(std::span<const double> profits);

}  // namespace prom::statistics
