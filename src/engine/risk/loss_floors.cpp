// Loss floors. Engine thread.
#include "engine/risk/loss_floors.h"

#include <algorithm>

namespace prom {

LossFloors loss_floors_that_act(const UserState& user) {
  const RiskLimits& limits = user.user.limits;
  LossFloors out;
  if (limits.circuit_breaker == Switch::off) return out;
  const auto can_trip = [&](BreakerKind kind) {
    return std::none_of(user.breakers.begin(), user.breakers.end(), [&](const BreakerTripped& b) { return b.kind == kind; });
  };
  const auto consider = [&](BreakerKind kind, Decimal base, const LossFloor& kept) {
    if (base <= Decimal{} || !can_trip(kind)) return;  // nothing to lose a fraction of
    const Decimal floor = kept.of(base, limits.max_daily_drawdown);
    out.of_losses = out.of_losses ? std::max(*out.of_losses, floor) : floor;
  };
  consider(BreakerKind::daily_loss, user.day_start_equity + user.day_transfers, user.of_day);
  if (!user.samples.empty()) consider(BreakerKind::rolling_loss, user.samples.front().equity + user.rolling_transfers, user.of_window);
  if (can_trip(BreakerKind::drawdown)) out.of_drawdown = limits.max_drawdown;
  out.of_peak = user.of_peak;
  return out;
}

std::optional<Decimal> LossFloors::at(Decimal peak) const {
  if (!of_drawdown || peak <= Decimal{}) return of_losses;
  const Decimal floor = of_peak.of(peak, *of_drawdown);
  return of_losses ? std::max(*of_losses, floor) : floor;
}

}  // namespace prom
