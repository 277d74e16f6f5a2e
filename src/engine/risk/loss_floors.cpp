// Loss floors. Engine thread.
#include "engine/risk/loss_floors.h"

#include <algorithm>

namespace prom {

std::optional<Decimal> loss_floor_that_acts(const UserState& user, Decimal peak) {
  const RiskLimits& limits = user.user.limits;
  if (limits.circuit_breaker == Switch::off) return std::nullopt;
  std::optional<Decimal> highest;
  const auto consider = [&](BreakerKind kind, Decimal base, Decimal fraction) {
    if (base <= Decimal{}) return;  // nothing to lose a fraction of
    if (std::any_of(user.breakers.begin(), user.breakers.end(), [&](const BreakerTripped& b) { return b.kind == kind; })) return;
    const Decimal floor = base - mul(base, fraction, Round::down);
    highest = highest ? std::max(*highest, floor) : floor;
  };
  consider(BreakerKind::daily_loss, user.day_start_equity + user.day_transfers, limits.max_daily_drawdown);
  if (!user.samples.empty()) consider(BreakerKind::rolling_loss, user.samples.front().equity + user.rolling_transfers, limits.max_daily_drawdown);
  consider(BreakerKind::drawdown, peak, limits.max_drawdown);
  return highest;
}

}  // namespace prom
