// Position manager: holds, tightens after one unit of risk, or closes when the score has turned. A stop moves only towards the market. Rules only; pure.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "agents/brains/brains.h"
#include "agents/opinion.h"

namespace prom {

namespace {

/// Profit in multiples of the initial risk, while the stop still stands on the losing side of the entry.
std::optional<double> profit_in_r(double sign, double entry, double mark, std::optional<double> stop) {
  if (!stop) return std::nullopt;
  const double risk = sign * (entry - *stop);
  if (risk <= 0) return std::nullopt;
  return sign * (mark - entry) / risk;
}

template <class T>
const T* action_of(const Answer& answer) {
  return answer && !answer.output->actions.empty() ? std::get_if<T>(&answer.output->actions.front()) : nullptr;
}

void close_it(Toolbox& box, double score, CareOrder& order) {
  const Answer closed = box.ask("close_position", {{"reason", fmt::format("the desk's score turned to {:+.2f} against the position", score)}});
  if (const auto* proposal = action_of<TradeProposal>(closed)) {
    order.care = Care::close;
    order.close = *proposal;
    order.words = fmt::format("Close: the score {:+.2f} has turned against the position", score);
  } else {
    order.words = fmt::format("Hold: closing was refused ({})", closed.error ? closed.error->message : "nothing proposed");
  }
}

void tighten(Toolbox& box, const PositionView& held, double profit_r, CareOrder& order) {
  const std::string reason = fmt::format("profit of {:.2f} R", profit_r);
  const Answer even = box.ask("move_sl_to_breakeven", {{"offset_percent", box.setting("break_even_offset_percent")}, {"reason", reason}});
  const auto* moved = action_of<ProtectionRequested>(even);
  if (moved == nullptr) {
    order.words = fmt::format("Hold: the stop stays ({})", even.error ? even.error->message : "nothing proposed");
    return;
  }
  box.cite(even, "stop", "break-even stop, costs covered");
  order.care = Care::tighten;
  order.protection = *moved;
  order.words = fmt::format("Stop to break-even after a profit of {:.2f} R", profit_r);
  if (held.trailing_distance) return;
  const Answer range = box.ask("atr", {{"timeframe", timeframe_name(kMinute * static_cast<std::int64_t>(box.setting("atr_minutes")))}});
  const auto atr = box.cite(range, "value", "average true range for the trailing stop");
  if (!atr) return;
  const Answer trail = box.ask("set_trailing_stop", {{"distance", box.setting("trail_atr") * *atr}, {"reason", reason}});
  if (const auto* trailing = action_of<ProtectionRequested>(trail)) {
    box.cite(trail, "trailing_distance", "kept behind the best price");
    order.protection->trailing_distance = trailing->trailing_distance;
    order.words += fmt::format(", then trailing by {:.1f} average true ranges", box.setting("trail_atr"));
  }
}

}  // namespace

Verdict position_manager(Toolbox box, const Instrument& instrument, const PositionView* held, double score, CareOrder& order) {
  if (held == nullptr) return box.conclude(Stance::neutral, 0, 0, "Nothing is open on this pair.");
  const Answer positions = box.ask("get_positions", {{"instrument", instrument_code(instrument)}});
  const auto entry = box.cite(positions, "positions.0.entry", "average entry price");
  const auto mark = box.cite(positions, "positions.0.mark", "price now");
  const auto stop = box.cite(positions, "positions.0.stop", "protective stop");
  box.cite(positions, "positions.0.quantity", "size held");
  const double sign = held->position.quantity.v > 0 ? 1 : -1;
  order.care = Care::hold;
  if (!entry || !mark) {
    order.words = "Hold: the position's prices are not known";
    return box.conclude(Stance::neutral, 0, 0, order.words + ".");
  }
  const auto profit_r = profit_in_r(sign, *entry, *mark, stop);
  const double close_score = box.setting("close_score"), break_even = box.setting("break_even_r");
  box.think(fmt::format("{} from {}, now {} ({}){}.", sign > 0 ? "Long" : "Short", in_words(*entry), in_words(*mark),
                        percent_in_words(100 * sign * (*mark / *entry - 1)),
                        profit_r ? fmt::format(", {:+.2f} R", *profit_r) : ", the stop already covers the entry"));
  if (!stop) box.think("No stop is known for this position: the engine's coverage must place one.");
  if (sign * score <= -close_score) {
    close_it(box, score, order);
  } else if (profit_r && *profit_r >= break_even) {
    tighten(box, *held, *profit_r, order);
  } else {
    order.words = fmt::format("Hold: the score {:+.2f} is not {:.2f} against it{}", score, close_score,
                              profit_r ? fmt::format(", and the profit of {:+.2f} R is below {:.2f} R", *profit_r, break_even) : std::string());
  }
  const Stance stance = sign > 0 ? Stance::bullish : Stance::bearish;
  return box.conclude(order.care == Care::close ? Stance::neutral : stance, 1, 0, order.words + ".");
}

}  // namespace prom
