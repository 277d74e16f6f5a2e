// When a perpetual settles funding, and at which rate: the one rule of runs and of their yardsticks. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/state/state.h"
#include "research/dataset/dataset.h"

namespace prom {

struct Settlement {
  TimeNs time = kNever;             ///< never for spot
  std::optional<Decimal> recorded;  ///< none = the instrument's assumed rate
};

/// The first settlement after `after`. Beyond the records and before them the assumed rate is charged on the instrument's own schedule. `row` is where the
/// search in the records goes on: 0 at first, kept by the caller.
Settlement next_settlement(const InstrumentData& series, TimeNs after, std::size_t& row);

/// A settlement inside the bars of a series. It is charged before `bar` opens, on the close of the bar before it: the last price known then.
struct FundingCharge {
  std::size_t bar = 0;  ///< 1 at least
  Decimal rate;         ///< positive = paid by longs
  bool recorded = false;
};

/// What a run that holds from the first open to the last close is charged. A settlement at the last close is left out: the run is over. `given` replaces
/// recorded and assumed rates.
std::vector<FundingCharge> funding_charges(const InstrumentData& series, std::optional<Decimal> given);

}  // namespace prom
