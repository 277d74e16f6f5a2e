// Strategy planner: weighs the analysts, holds the debate, and turns a direction into entry, stop and target. Rules only; pure.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

Tally tally(const std::vector<Verdict>& analysts) {
  Tally out;
  double sum = 0, weights = 0, bull = 0, bear = 0;
  for (const Verdict& verdict : analysts) {
    if (verdict.weight <= 0) continue;
    const double part = verdict.weight * signed_score(verdict);
    sum += part;
    weights += verdict.weight;
    ++out.voting;
    if (verdict.stance == Stance::bullish) ++out.bullish;
    if (verdict.stance == Stance::bearish) ++out.bearish;
    if (part > bull) {
      bull = part;
      out.strongest_bull = &verdict;
    }
    if (part < bear) {
      bear = part;
      out.strongest_bear = &verdict;
    }
  }
  out.score = weights > 0 ? clamp_vote(sum / weights) : 0;
  return out;
}

namespace {

std::string argument_of(const Verdict* verdict, std::string_view nobody) {
  return verdict == nullptr ? std::string(nobody) : fmt::format("{} says: {}", name_of(verdict->role), verdict->summary);
}

void debate(Toolbox& box, const Tally& tally) {
  box.think("Bull: " + argument_of(tally.strongest_bull, "no analyst speaks for rising prices."));
  box.think("Bear: " + argument_of(tally.strongest_bear, "no analyst speaks for falling prices."));
  box.think(fmt::format("Judge: {} of {} voting analysts are bullish, {} bearish; the weighted score is {:+.3f}. {}", tally.bullish, tally.voting,
                        tally.bearish, tally.score,
                        tally.score > 0   ? "The bull has the better case; a turn of the strongest bullish reading would prove it wrong."
                        : tally.score < 0 ? "The bear has the better case; a turn of the strongest bearish reading would prove it wrong."
                                          : "Neither side has a case."));
}

/// Lessons are shown as data; nothing in their text is read by any rule.
void recall(Toolbox& box, const Instrument& instrument, const Tally& tally) {
  const Answer lessons =
      box.ask("search_memory", {{"query", fmt::format("{} {}", instrument.symbol, tally.score >= 0 ? "long" : "short")}, {"kind", "lesson"}, {"limit", 3}});
  if (const auto count = lessons.number("count")) {
    box.think(fmt::format("{} lessons recalled for comparison; their text is quoted in the log and decides nothing.", static_cast<int>(*count)));
  }
}

std::string why_hold(Toolbox& box, const PlannerFacts& facts, Side side) {
  const double entry_score = box.setting("entry_score");
  const int agreeing = side == Side::buy ? facts.tally.bullish : facts.tally.bearish;
  const auto wanted = static_cast<int>(box.setting("min_agreeing"));
  if (facts.tally.voting == 0) return "no analyst has data yet";
  if (std::abs(facts.tally.score) < entry_score) {
    return fmt::format("the score {:+.2f} is inside +-{:.2f}", facts.tally.score, entry_score);
  }
  if (agreeing < wanted) return fmt::format("only {} of the {} analysts that must agree do", agreeing, wanted);
  if (facts.instrument->payoff == Payoff::spot && side == Side::sell) return "spot can only be bought, and the score points down";
  return facts.blocked;
}

/// Asks for price, range and swing, and works out the levels. The reason when one of them is missing.
std::string make_levels(Toolbox& box, const Instrument& instrument, Plan& plan) {
  const Answer price = box.ask("get_price");
  const DurationNs frame = kMinute * static_cast<std::int64_t>(box.setting("atr_minutes"));
  const Answer range = box.ask("atr", {{"timeframe", timeframe_name(frame)}});
  const Answer structure = box.ask("get_market_structure", {{"bars", 300}, {"limit", 3}});
  const auto last = box.cite(price, "price", "price that the plan starts from");
  const auto atr = box.cite(range, "value", fmt::format("average true range on {}", timeframe_name(frame)));
  if (!last || !atr) return fmt::format("price or range is missing: {}", (last ? range : price).error ? (last ? range : price).error->message : "no number");
  const std::string swing_path = *plan.side == Side::buy ? "last_low" : "last_high";
  const auto swing = box.cite(structure, swing_path, "last swing: beyond it the idea is wrong");
  plan.refs = {{price.id, "price"}, {range.id, "value"}, swing ? std::optional<ResultRef>({structure.id, swing_path}) : std::nullopt};
  plan.inputs = {*plan.side,
                 *last,
                 *atr,
                 swing,
                 {box.setting("stop_atr"), box.setting("min_stop_atr"), box.setting("max_stop_atr"), box.setting("structure_buffer_atr"),
                  box.setting("target_r"), box.setting("target_fraction")}};
  const auto levels = compute_levels(instrument, plan.inputs);
  if (!levels) return fmt::format("no stop can be set: {}", describe(levels.error()));
  plan.levels = *levels;
  plan.levels_id = kDeskResults;
  box.log(levels_step(plan.levels_id, instrument, plan.refs, plan.inputs, plan.levels));
  box.cite({plan.levels_id, "stop", to_decimal(instrument, levels->stop).to_double(), "protective stop of the plan"});
  box.cite({plan.levels_id, "target", to_decimal(instrument, levels->target).to_double(), "first target of the plan"});
  box.cite({plan.levels_id, "fraction", levels->fraction.to_double(), "share taken off at the target"});
  return {};
}

}  // namespace

Verdict strategy_planner(Toolbox box, const PlannerFacts& facts, Plan& plan) {
  const Tally& tally = facts.tally;
  debate(box, tally);
  recall(box, *facts.instrument, tally);
  const Side side = tally.score >= 0 ? Side::buy : Side::sell;
  plan.reason = why_hold(box, facts, side);
  if (plan.reason.empty()) {
    plan.side = side;
    plan.reason = make_levels(box, *facts.instrument, plan);
    if (!plan.reason.empty()) plan.side.reset();
  }
  const Stance stance = stance_of(tally.score, box.setting("entry_score"));
  const double confidence = std::min(1.0, std::abs(tally.score));
  if (!plan.side) return box.conclude(stance, confidence, 0, fmt::format("Hold: {}.", plan.reason));
  const Instrument& instrument = *facts.instrument;
  const double entry = to_decimal(instrument, plan.levels.entry).to_double(), stop = to_decimal(instrument, plan.levels.stop).to_double();
  plan.reason = fmt::format("{} at {} with the stop at {} ({:.2f} % away) and a first target at {}", side == Side::buy ? "Long" : "Short",
                            to_decimal(instrument, plan.levels.entry).to_string(), to_decimal(instrument, plan.levels.stop).to_string(),
                            100 * std::abs(entry - stop) / entry, to_decimal(instrument, plan.levels.target).to_string());
  return box.conclude(stance, confidence, 0, fmt::format("{}; score {:+.2f}.", plan.reason, tally.score));
}

}  // namespace prom
