// The journal entry of a position that went flat. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::portfolio {

/// Emits RoundTripClosed for a position that is flat now; `flat` and `sums` are as they stood when its last fill was booked.
void emit_round_trip(Step& step, const Position& flat, const RoundTripSums& sums, TimeNs closed_at);

}  // namespace prom::portfolio
