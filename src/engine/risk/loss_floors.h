// The equity below which a loss breaker trips. Pure; engine thread.
#pragma once

#include <optional>

#include "engine/state/state.h"

namespace prom {

/// The floors of the loss breakers that could still trip: daily loss, rolling loss and drawdown as standing::on_prices judges them.
struct LossFloors {
  std::optional<Decimal> of_losses;    ///< the higher of daily and rolling loss; nothing where neither can trip
  std::optional<Decimal> of_drawdown;  ///< the fraction of the equity peak that may be lost; nothing where drawdown cannot trip
  LossFloor of_peak;                   ///< at the present peak

  /// The highest, if the equity peak were `peak`. Nothing where none can trip, because breakers are off or each of them is open already.
  std::optional<Decimal> at(Decimal peak) const;
};
LossFloors loss_floors_that_act(const UserState& user);

}  // namespace prom
