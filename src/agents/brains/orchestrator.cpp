// Orchestrator: the last word, in words. Rules only; pure.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

Verdict orchestrator(Toolbox box, const Tally& tally, const Outcome& outcome, std::string_view regime) {
  std::string reasons;
  if (tally.strongest_bull != nullptr) reasons += fmt::format(" Strongest for rising: {}.", name_of(tally.strongest_bull->role));
  if (tally.strongest_bear != nullptr) reasons += fmt::format(" Strongest for falling: {}.", name_of(tally.strongest_bear->role));
  box.think(
      fmt::format("{} analysts vote, {} bullish and {} bearish; score {:+.3f}; regime {}.", tally.voting, tally.bullish, tally.bearish, tally.score, regime));
  return box.conclude(stance_of(tally.score, 0), std::min(1.0, std::abs(tally.score)), 0,
                      fmt::format("{} (score {:+.2f}, regime {}).{}", outcome.why, tally.score, regime, reasons));
}

}  // namespace prom
