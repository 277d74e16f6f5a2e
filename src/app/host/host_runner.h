// `promtrade host`: paper accounts of many users, divided among the instances that share a state directory. Main thread.
#pragma once

#include "app/cli/command.h"
#include "app/host/host_state.h"

namespace prom {

/// Hosts shards until a signal, or until the recorded market has ended for all of this instance's.
CommandResult run_host(AppContext& context, const HostOptions& options);

}  // namespace prom
