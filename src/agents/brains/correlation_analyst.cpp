// Correlation analyst: how much of the instrument is its leader, and where the leader goes. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"
#include "domain/instrument.h"

namespace prom {

Verdict correlation_analyst(Toolbox box, Told told) {
  const Answer session = box.ask("get_session_volume");
  std::string hours;
  if (box.cite(session, "days", fmt::format("days behind the session volumes; now {}, busiest {}", session.text("session"), session.text("busiest")))) {
    hours = fmt::format("session {}, busiest {}", session.text("session"), session.text("busiest"));
  }
  const Answer leader = box.ask("altcoin_correlation");
  const double weight = box.profile().weight;
  const auto r = box.cite(leader, "correlation", "correlation of returns with the leader");
  if (!r) {
    if (hours.empty()) return box.abstain(told == Told::already ? "Still nothing to compare with." : "There are not enough bars to compare with anything.");
    const std::string why = leader.error ? leader.error->message : std::string("the correlation is undefined");
    // Without a leader the analyst reports and does not vote.
    if (told == Told::already) return box.abstain(fmt::format("Still no leader to compare with; {}.", hours));
    return box.abstain(fmt::format("No leader to compare with: {}; {}.", why, hours));
  }
  const auto low = box.cite(leader, "low", "lower end of its 95 % interval");
  const Answer roc = box.ask("roc", {{"instrument", leader.text("against")}});
  const auto change = box.cite(roc, "value", fmt::format("change of {} over 10 bars, percent", leader.text("against")));
  if (!change || std::abs(*r) < box.setting("min_correlation") || low.value_or(0) * *r <= 0) {
    return box.conclude(Stance::neutral, 0, weight * std::abs(*r),
                        fmt::format("Neutral: r {:.2f} against {} is too weak to lean on; {}.", *r, leader.text("against"), hours));
  }
  const double score = clamp_vote(*r * clamp_vote(*change / box.setting("leader_full_percent")));
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  box.think(fmt::format("With r {:.2f} the leader's {} over 10 bars counts {:+.2f}.", *r, percent_in_words(*change), score));
  return box.conclude(stance, std::abs(score), weight * std::abs(*r),
                      fmt::format("{} with {:.2f}: {} moved {} and r is {:.2f}; {}.", name_of(stance), std::abs(score), leader.text("against"),
                                  percent_in_words(*change), *r, hours));
}

}  // namespace prom
