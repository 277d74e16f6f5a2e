// Self evaluator: what the closed trades say of the desk on this pair. The status rule is evaluation/evaluate.h; this writes it down. Rules only; pure.
#include <fmt/format.h>

#include "agents/brains/brains.h"

namespace prom {

Verdict self_evaluator(Toolbox box, const Instrument& instrument, const EvaluationFacts& facts) {
  if (facts.fresh.empty() && facts.judgement.status == facts.before && facts.before != DeciderStatus::disabled) {
    return box.conclude(Stance::neutral, 0, 0, fmt::format("No new trade to learn from; {}.", facts.judgement.reason));
  }
  const Answer last = box.ask("evaluate_last_trades", {{"instrument", instrument_code(instrument)}, {"decider", "agents"}, {"count", 20}});
  box.cite(last, "stats.win_rate", "win rate of the last trades");
  box.cite(last, "stats.expectancy", "mean result after costs of the last trades");
  box.cite(last, "average_r", "mean result in multiples of the risk");
  const Answer all = box.ask("get_strategy_stats", {{"decider", "agents"}, {"instrument", instrument_code(instrument)}});
  box.cite(all, "trades", "closed trades of the desk on this instrument");
  box.cite(all, "profit_factor", "gross profit over gross loss");
  for (const JournalEntry* trade : facts.fresh) {
    box.think(fmt::format("Closed {} {}: {} after costs, by {}.", trade->side == Side::buy ? "long" : "short", instrument.symbol, trade->net.to_string(),
                          trade->exit_reason));
  }
  if (facts.judgement.status != facts.before) box.think(fmt::format("Status changes: {}.", facts.judgement.reason));
  const double confidence = facts.closed.trades >= 30 ? 0.9 : facts.closed.trades >= 10 ? 0.5 : 0.1;
  return box.conclude(Stance::neutral, confidence, 0, fmt::format("{} new closed trades; {}.", facts.fresh.size(), facts.judgement.reason));
}

}  // namespace prom
