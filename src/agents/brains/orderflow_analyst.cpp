// Order-flow analyst: who took liquidity, where the source tells, and the order book where a recording of it is known; abstains elsewhere. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"
#include "tools/tape_tools.h"

namespace prom {
namespace {

void read_bars(Toolbox& box, const Answer& imbalance, Opinion& opinion) {
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
}

/// What rests near the price and what large takers did, as recorded. Displayed depth can be withdrawn, so it weighs less than what was executed.
void read_recording(Toolbox& box, Opinion& opinion) {
  opinion.group("book", 0.1);
  const Answer book = box.ask("get_orderbook_imbalance", {{"levels", 20}});
  if (const auto value = box.cite(book, "imbalance", "bids less asks over the 20 best levels, share of both")) {
    opinion.vote(*value / box.setting("full_book_imbalance"));
  }
  opinion.group("large prints", 0.2);
  const Answer whales = box.ask("get_whale_trades");
  const auto bought = box.cite(whales, "buy_value", "bought by large takers in the last hour, quote units");
  const auto sold = box.cite(whales, "sell_value", "sold by large takers in the last hour, quote units");
  if (bought && sold && *bought + *sold > 0) opinion.vote((*bought - *sold) / (*bought + *sold));
}

}  // namespace

Verdict orderflow_analyst(Toolbox box, Told told) {
  const Answer imbalance = box.ask("get_trade_imbalance");
  const bool recorded = tape_is_live(box.context());
  if (!imbalance && !recorded) {
    if (told == Told::already) return box.abstain("Still no source that tells the taker's side.");
    return box.abstain(fmt::format("No order flow to judge: {}.", imbalance.error->message));
  }
  Opinion opinion;
  if (imbalance) read_bars(box, imbalance, opinion);
  if (recorded) read_recording(box, opinion);
  if (opinion.empty()) return box.abstain(imbalance ? "The bars hold no volume to judge." : "Neither bars nor recordings tell of order flow at this instant.");
  const double score = opinion.score();
  box.think(fmt::format("Groups from -1 (sellers) to +1 (buyers): {}.", opinion.words()));
  const Stance stance = stance_of(score, box.setting("neutral_band"));
  const double weight = box.profile().weight;
  return box.conclude(stance, std::abs(score), weight, fmt::format("{} with {:.2f}: {}.", name_of(stance), std::abs(score), opinion.words()));
}

}  // namespace prom
