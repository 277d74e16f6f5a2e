// The agents' profiles of this installation: shipped, with the user's folder over them. One thread.
#pragma once

#include <expected>
#include <string>

#include "agents/roles.h"
#include "app/cli/command.h"

namespace prom {

/// From assets/prompts where that folder is at hand, else as built in; [agents] profiles overrides.
std::expected<AgentProfiles, CommandError> load_profiles(AppContext& context);

/// One of the fourteen. Code unknown_agent, with the nearest name as its hint.
std::expected<AgentRole, CommandError> agent_named(const std::string& name);

}  // namespace prom
