// Our books against the venue's: orders in doubt, positions, resting protection. A difference that stays is quarantined, never argued with for ever.
// Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::reconcile {

/// A new process took over: whatever was under way is in doubt until the venue has answered.
void on_epoch_started(Step& step, const Input& input);
/// The snapshot's account exists.
void on_snapshot(Step& step, const Input& input, const VenueSnapshot& snapshot);
/// Status queries and due snapshots. Returns when to be called next.
TimeNs run_timers(Step& step);

}  // namespace prom::reconcile
