// Risk manager: breakers and limits first, then the size from the one tool that calculates it; may shrink or veto, never enlarge. Rules only; pure.
#include <fmt/format.h>

#include <algorithm>

#include "agents/brains/brains.h"

namespace prom {

namespace {

const Value* member_of(const Answer& answer, std::string_view path) { return answer ? answer.output->result.find(path) : nullptr; }

/// The reason why nothing may be opened, or nothing.
std::string standing_veto(Toolbox& box) {
  const Answer breaker = box.ask("check_circuit_breaker");
  if (!breaker) return breaker.error->message;
  const Value* can_open = member_of(breaker, "can_open");
  const bool* allowed = can_open != nullptr ? std::get_if<bool>(&can_open->storage()) : nullptr;
  if (allowed != nullptr && *allowed) return {};
  const auto first = breaker.text("reasons.0");
  return first.empty() ? "new risk is not allowed now" : std::string(first);
}

/// Largest use of the daily-loss and drawdown limits.
std::optional<double> limit_use(Toolbox& box) {
  const auto day = box.cite(box.ask("get_daily_pnl"), "limit_used", "share of the daily loss limit that is used up");
  const auto peak = box.cite(box.ask("get_max_drawdown"), "limit_used", "share of the drawdown limit that is used up");
  if (!day || !peak) return std::nullopt;
  return std::max(*day, *peak);
}

std::string size_it(Toolbox& box, const Instrument& instrument, const Plan& plan, double use, Sizing& sizing) {
  const AccountView* account = box.context().account;
  double risk = box.setting("risk_fraction");
  if (account != nullptr) risk = std::min(risk, account->limits.risk_per_trade.to_double());
  const Decimal stop = to_decimal(instrument, plan.levels.stop);
  const Answer size =
      box.ask("calculate_position_size", {{"side", *plan.side == Side::buy ? "buy" : "sell"}, {"stop", stop.to_string()}, {"risk_fraction", risk}});
  if (!size) return size.error->message;
  const Value* found = member_of(size, "quantity");
  const Decimal* quantity = found != nullptr ? std::get_if<Decimal>(&found->storage()) : nullptr;
  if (quantity == nullptr || !quantity->is_positive()) {
    return fmt::format("the size that risk and limits allow is below the venue's minimum ({})", size.text("limited_by"));
  }
  box.cite(size, "quantity", fmt::format("largest size that loses {} % of equity at the stop; limited by {}", in_words(100 * risk), size.text("limited_by")));
  box.cite(size, "loss_at_stop", "loss at the stop with fees and slippage");
  double share = box.setting("headroom");
  if (use >= box.setting("shrink_from")) {
    share *= 0.5;
    box.think(fmt::format("{:.0f} % of a loss limit is used: half size.", 100 * use));
  }
  const auto asked = compute_size(instrument, *quantity, share);
  if (!asked || asked->v <= 0) return "the size left after shrinking is below one step";
  if (*asked < instrument.min_quantity || notional_in_quote(instrument, plan.levels.stop, *asked) < instrument.min_notional) {
    return fmt::format("the size of {} is below the venue's minimum", to_decimal(instrument, *asked).to_string());
  }
  sizing.quantity = to_decimal(instrument, *asked);
  sizing.size_id = kDeskResults + 1;
  box.log(size_step(sizing.size_id, instrument, {size.id, "quantity"}, share, *asked));
  box.cite({sizing.size_id, "quantity", sizing.quantity->to_double(), "size asked for, with headroom for fees and a moved price"});
  return {};
}

}  // namespace

Verdict risk_manager(Toolbox box, const Instrument& instrument, const Plan& plan, Sizing& sizing) {
  if (!plan.side) return box.conclude(Stance::neutral, 0, 0, "Nothing to size: the plan is to hold.");
  const auto veto = [&](std::string why) {
    sizing.veto = why;
    return box.conclude(Stance::neutral, 1, 0, fmt::format("Veto: {}.", why));
  };
  if (auto why = standing_veto(box); !why.empty()) return veto(std::move(why));
  const auto use = limit_use(box);
  if (!use) return veto("equity is unknown, so risk cannot be measured");
  if (*use >= box.setting("veto_from")) return veto(fmt::format("{:.0f} % of a loss limit is used up", 100 * *use));
  const Answer exposure = box.ask("get_exposure");
  box.cite(exposure, "total_fraction", "open positions over equity");
  if (auto why = size_it(box, instrument, plan, *use, sizing); !why.empty()) return veto(std::move(why));
  return box.conclude(*plan.side == Side::buy ? Stance::bullish : Stance::bearish, 1, 0,
                      fmt::format("Approved for the gate: {} {}.", sizing.quantity->to_string(), instrument.symbol));
}

}  // namespace prom
