// Smart-money analyst: structure first, then gaps, blocks and liquidity. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

namespace {

double direction_of_text(std::string_view text) { return text == "bullish" ? 1 : text == "bearish" ? -1 : 0; }

/// Longs belong in discount, shorts in premium: a vote on the wrong side of the range counts half.
double placed(double vote, std::string_view zone) {
  const bool dear = zone == "premium" || zone == "above_range";
  const bool cheap = zone == "discount" || zone == "below_range";
  return (vote > 0 && dear) || (vote < 0 && cheap) ? vote / 2 : vote;
}

ValueObject looking_back() { return {{"bars", 300}, {"limit", 3}}; }

void vote_on_structure(Toolbox& box, Opinion& opinion) {
  const Answer structure = box.ask("get_market_structure", looking_back());
  if (!structure) return;
  const double trend = direction_of_text(structure.text("trend"));
  const bool confirmed = structure.text("last_break") == "bos";
  box.cite(structure, "last_break_bars_ago",
           fmt::format("bars since the last {} ({})", confirmed ? "break of structure" : "change of character", structure.text("trend")));
  box.cite(structure, "range_position", fmt::format("place between the last low (0) and high (1): {}", structure.text("zone")));
  opinion.vote(placed(trend * (confirmed ? 1.0 : 0.6), structure.text("zone")));
}

/// The nearer of support below and resistance above, by distance from the close.
void vote_on_gaps(Toolbox& box, Opinion& opinion) {
  const Answer gaps = box.ask("detect_fvg", looking_back());
  const auto close = gaps.number("close");
  if (!close) return;
  const auto below = box.cite(gaps, "nearest_below", "top of the nearest open bullish gap, support");
  const auto above = box.cite(gaps, "nearest_above", "bottom of the nearest open bearish gap, resistance");
  if (!below && !above) return;
  if (below && above) {
    const double down = *close - *below, up = *above - *close;
    opinion.vote(down + up > 0 ? (up - down) / (up + down) : 0);
  } else {
    opinion.vote(below ? 0.5 : -0.5);
  }
}

void vote_on_blocks(Toolbox& box, Opinion& opinion) {
  const Answer blocks = box.ask("detect_order_blocks", looking_back());
  const auto bullish = box.cite(blocks, "bullish", "unbroken bullish order blocks");
  const auto bearish = box.cite(blocks, "bearish", "unbroken bearish order blocks");
  if (!bullish || !bearish || *bullish + *bearish <= 0) return;
  const double inside = direction_of_text(blocks.text("inside"));
  opinion.vote(inside != 0 ? inside : 0.5 * (*bullish - *bearish) / (*bullish + *bearish));
}

void vote_on_liquidity(Toolbox& box, Opinion& opinion) {
  const Answer hunt = box.ask("detect_stop_hunt", looking_back());
  const auto ago = hunt.number("bars_ago");
  const double fresh = box.setting("sweep_bars");
  if (ago && *ago < fresh) {
    box.cite(hunt, "bars_ago", fmt::format("bars since stops were swept; that leans {}", hunt.text("bias")));
    opinion.vote(direction_of_text(hunt.text("bias")) * (1 - *ago / fresh), 2);
  }
  const Answer pools = box.ask("detect_liquidity_zones", looking_back());
  const auto close = pools.number("close");
  const auto above = box.cite(pools, "nearest_above", "nearest pool of stops above");
  const auto below = box.cite(pools, "nearest_below", "nearest pool of stops below");
  if (close && above && below && *above > *below) {
    // Price is drawn to the nearer pool (a convention of this school, hence the small importance).
    const double up = *above - *close, down = *close - *below;
    opinion.vote((down - up) / (down + up) * 0.5, 0.5);
  }
}

}  // namespace

Verdict smc_analyst(Toolbox box) {
  Opinion opinion;
  opinion.group("structure", box.setting("structure_weight"));
  vote_on_structure(box, opinion);
  opinion.group("gaps", box.setting("gap_weight"));
  vote_on_gaps(box, opinion);
  opinion.group("blocks", box.setting("block_weight"));
  vote_on_blocks(box, opinion);
  opinion.group("liquidity", box.setting("liquidity_weight"));
  vote_on_liquidity(box, opinion);
  if (opinion.empty()) return box.abstain("There are not enough closed bars to see any structure.");
  const double score = opinion.score();
  box.think(fmt::format("Groups from -1 (falling) to +1 (rising): {}.", opinion.words()));
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  const double weight = box.profile().weight;
  return box.conclude(stance, std::abs(score), weight, fmt::format("{} with {:.2f}: {}.", name_of(stance), std::abs(score), opinion.words()));
}

}  // namespace prom
