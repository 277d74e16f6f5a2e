// The kill switch: cancel everything that adds risk, flatten, verify flat at the venue, stay latched until a two-step reset. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::kill_switch {

void on_pulled(Step& step, const KillSwitchPulled& in);
void on_reset(Step& step, const Input& input, const KillSwitchReset& in);
/// While engaged: flattens what the venue says is there; latches `flat` when it says nothing is.
/// `foreign_before`: AccountState::foreign_orders before this snapshot was taken.
void on_snapshot(Step& step, const VenueSnapshot& snapshot, std::uint32_t foreign_before);
/// Asks the venue again while not yet flat. Returns when to be called next.
TimeNs run_timers(Step& step);

}  // namespace prom::kill_switch
