// Immutable copies of an account's state for deciders and people. Made by the shard's thread, read by any.
#pragma once

#include "engine/state/state.h"
#include "ports/views.h"

namespace prom {

AccountView make_account_view(const EngineState& state, AccountIx account);

}  // namespace prom
