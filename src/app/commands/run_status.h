// How the run or host of a state directory stands, asked from elsewhere: the shared cache where Redis is named, else or where it says nothing the ledger. Main thread.
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"
#include "domain/value.h"

namespace prom {

/// {"run", "status", "user", "markets": [{"instrument", "price", "regime", "at", "source"}], "balance": {"equity", "asset", "balances", "open_positions", "at", "source"}}; "run" is null
/// where the directory holds none. `user`: of a host, "user-0001" where empty. "source" is "run" (the running instance said so), "ledger", or null with null values: nobody knows.
/// Exit code 2 for a user that there is not, 4 where the ledger cannot be asked; a Redis that is away is noted and does not matter.
std::expected<Value, CommandError> run_status(AppContext& context, const std::string& user);

}  // namespace prom
