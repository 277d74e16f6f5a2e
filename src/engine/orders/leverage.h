// What the venue is asked to give each pair as leverage, so that it reckons with the margin that the gate reckons with. Engine thread.
#pragma once

#include "engine/step.h"

namespace prom::leverage {

/// Takes the registration. Where it changes what its instrument needs on the account, the venue is asked for that; before the first epoch nothing is sent.
void on_pair_registered(Step& step, const Input& input, const PairRegistered& in);
/// Asks for the leverage of every pair on margin that wants more than 1, which is what a venue begins with: so before the first entry. After a restart it asks
/// for 1 too: what the last process sent may never have left, and a pair brought back to 1 would keep what it had at the venue.
void on_epoch_started(Step& step);

}  // namespace prom::leverage
