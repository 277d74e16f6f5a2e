// Executor: market, one waiting limit, or a ladder; then hands the entry over through a proposing tool. Rules only; pure.
#include <fmt/format.h>

#include <cmath>

#include "agents/brains/brains.h"

namespace prom {

namespace {

enum class Style : std::uint8_t { market, limit, ladder };

Style choose(Toolbox& box, double score, std::string_view regime, Side side) {
  if (std::abs(score) >= box.setting("market_score")) {
    box.think(fmt::format("The score {:+.2f} pays for immediacy: market order.", score));
    return Style::market;
  }
  const Answer bands = box.ask("bollinger");
  const auto place = box.cite(bands, "percent_b", "place in the Bollinger bands, 0 = lower, 1 = upper");
  const double limit = box.setting("stretched_percent_b");
  const bool stretched = place && (side == Side::buy ? *place > limit : *place < 1 - limit);
  if (!stretched) {
    box.think("The price is not stretched: market order.");
    return Style::market;
  }
  const Style style = regime == "volatile" ? Style::ladder : Style::limit;
  box.think(fmt::format("A moderate score into a stretched price waits behind the market{}.",
                        style == Style::ladder ? ", on two rungs since the regime is volatile" : ""));
  return style;
}

ValueObject arguments_of(const Toolbox& box, const Instrument& instrument, const Plan& plan, const Sizing& sizing) {
  ValueList targets;
  targets.emplace_back(ValueObject{{"price", to_decimal(instrument, plan.levels.target).to_string()}, {"fraction", plan.levels.fraction.to_double()}});
  return {{"side", *plan.side == Side::buy ? "buy" : "sell"},
          {"quantity", sizing.quantity->to_string()},
          {"stop", to_decimal(instrument, plan.levels.stop).to_string()},
          {"targets", std::move(targets)},
          {"expires_minutes", static_cast<std::int64_t>(box.setting("expires_minutes"))},
          {"reason", plan.reason.substr(0, 400)}};
}

/// Works out waiting prices; false where the grid leaves none, then the entry is a market order.
bool wait_behind(Toolbox& box, const Instrument& instrument, const Plan& plan, Style style, ValueObject& arguments) {
  EntryRule rule{box.setting("limit_offset_atr"), std::nullopt};
  if (style == Style::ladder) rule.ladder_atr = box.setting("ladder_step_atr");
  const auto prices = compute_entry(instrument, plan.inputs, rule);
  if (!prices) return false;
  const std::uint32_t id = kDeskResults + 2;
  box.log(entry_step(id, instrument, plan.refs, plan.inputs, rule, *prices));
  box.cite({id, "limit", to_decimal(instrument, prices->limit).to_double(), "waiting entry price"});
  if (style == Style::limit) {
    arguments.emplace_back("limit", to_decimal(instrument, prices->limit).to_string());
    return true;
  }
  ValueList rungs;
  rungs.emplace_back(to_decimal(instrument, prices->limit).to_string());
  for (std::size_t i = 0; i < prices->ladder.size(); ++i) {
    const Decimal rung = to_decimal(instrument, prices->ladder[i]);
    box.cite({id, fmt::format("ladder.{}", i), rung.to_double(), "further rung"});
    rungs.emplace_back(rung.to_string());
  }
  arguments.emplace_back("prices", std::move(rungs));
  return true;
}

}  // namespace

Verdict executor(Toolbox box, const Instrument& instrument, double score, std::string_view regime, Plan& plan, const Sizing& sizing, Execution& execution) {
  if (!plan.side || !sizing.quantity) return box.conclude(Stance::neutral, 0, 0, "Nothing to execute.");
  Style style = choose(box, score, regime, *plan.side);
  ValueObject arguments = arguments_of(box, instrument, plan, sizing);
  if (style != Style::market && !wait_behind(box, instrument, plan, style, arguments)) style = Style::market;
  const Answer placed = box.ask(style == Style::ladder ? "place_ladder_order" : "place_bracket_order", std::move(arguments));
  const TradeProposal* proposal = nullptr;
  if (placed && !placed.output->actions.empty()) proposal = std::get_if<TradeProposal>(&placed.output->actions.front());
  if (proposal == nullptr) {
    execution.refusal = placed.error ? placed.error->message : "the tool proposed nothing";
    return box.conclude(Stance::neutral, 1, 0, fmt::format("No entry: {}.", execution.refusal));
  }
  execution.proposal = *proposal;
  const std::string_view name = style == Style::market ? "at market" : style == Style::limit ? "at a limit" : "on a ladder";
  return box.conclude(
      *plan.side == Side::buy ? Stance::bullish : Stance::bearish, 1, 0,
      fmt::format("Proposed {} {} {}; the risk engine decides.", to_decimal(instrument, proposal->quantity).to_string(), instrument.symbol, name));
}

}  // namespace prom
