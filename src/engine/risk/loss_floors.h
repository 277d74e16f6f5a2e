// The equity below which a loss breaker trips. Pure; engine thread.
#pragma once

#include <optional>

#include "engine/state/state.h"

namespace prom {

/// The highest floor of the loss breakers that could still trip, if the equity peak were `peak`: daily loss, rolling loss and drawdown as standing::on_prices
/// judges them. Nothing where none can, because breakers are off or each of them is open already.
std::optional<Decimal> loss_floor_that_acts(const UserState& user, Decimal peak);

}  // namespace prom
