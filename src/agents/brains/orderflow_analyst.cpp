// Order-flow analyst: who took liquidity, where the source tells; abstains elsewhere. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

Verdict orderflow_analyst(Toolbox box, Told told) {
  const Answer imbalance = box.ask("get_trade_imbalance");
  if (!imbalance) {
    if (told == Told::already) return box.abstain("Still no source that tells the taker's side.");
    return box.abstain(fmt::format("No order flow to judge: {}.", imbalance.error->message));
  }
  Opinion opinion;
  opinion.group("imbalance", 0.4);
  if (const auto value = box.cite(imbalance, "imbalance", "takers' buys less sells over 20 bars, share of volume")) {
    opinion.vote(*value / box.setting("full_imbalance"));
  }
  opinion.group("cumulative delta", 0.4);
  const Answer cvd = box.ask("get_cvd");
  if (const auto share = box.cite(cvd, "share", "cumulative delta over 200 bars, share of volume")) opinion.vote(*share / box.setting("full_cvd_share"));
  const auto ago = cvd.number("divergence_bars_ago");
  if (ago && *ago <= box.setting("divergence_bars")) {
    box.cite(cvd, "divergence_bars_ago", fmt::format("bars since a {} divergence between price and delta", cvd.text("divergence")));
    opinion.vote(cvd.text("divergence") == "bullish" ? 1 : -1);
  }
  opinion.group("absorption", 0.2);
  const Answer zones = box.ask("get_absorption_zones", {{"limit", 3}});
  const auto support = box.cite(zones, "support", "zones where buyers absorbed");
  const auto resistance = box.cite(zones, "resistance", "zones where sellers absorbed");
  if (support && resistance && *support + *resistance > 0) opinion.vote((*support - *resistance) / (*support + *resistance));
  if (opinion.empty()) return box.abstain("The bars hold no volume to judge.");
  const double score = opinion.score();
  box.think(fmt::format("Groups from -1 (sellers) to +1 (buyers): {}.", opinion.words()));
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  const double weight = box.profile().weight;
  return box.conclude(stance, std::abs(score), weight, fmt::format("{} with {:.2f}: {}.", name_of(stance), std::abs(score), opinion.words()));
}

}  // namespace prom
