// Judging a decider by its closed trades, by the product's rule: probation, disabling on evidence, and the way back through the shadow. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "domain/input.h"

namespace prom {

struct Evaluation {
  std::size_t trades = 0, wins = 0;
  double net = 0, gross_profit = 0, gross_loss = 0;  ///< after costs; gross_loss >= 0
  std::optional<double> win_rate, average_win, average_loss, profit_factor, expectancy;
  double max_drawdown = 0;                 ///< largest fall of the running net, >= 0
  std::optional<double> sharpe;            ///< a trade: mean / standard deviation, not annualised
  std::optional<double> expectancy_upper;  ///< one-sided upper bound of expectancy (Student's t); needs two trades
};
/// `nets` are results after costs, oldest first, in one unit.
Evaluation evaluate(std::span<const double> nets, double confidence = 0.90);

struct EvaluationRules {
  std::size_t probation_trades = 10, disable_trades = 30, shadow_trades = 10;
  double min_win_rate = 0.35, min_profit_factor = 0.8, confidence = 0.90;
};
struct Judgement {
  DeciderStatus status = DeciderStatus::active;
  std::string reason;  ///< one sentence with the numbers
};
/// The status that follows from `closed` (trades since the decider last came back), its present status, and its shadow trades while disabled:
///   disabled stays so until rules.shadow_trades shadow trades show expectancy > 0 and a profit factor >= 1; then probation;
///   from disable_trades on: disabled when the upper bound of expectancy is below zero;
///   from probation_trades on: probation when win rate, profit factor or expectancy fails, else active;
///   with fewer trades: as it is. A low win rate alone never disables.
Judgement judge(const Evaluation& closed, DeciderStatus present, const Evaluation& shadow, const EvaluationRules& rules);

}  // namespace prom
