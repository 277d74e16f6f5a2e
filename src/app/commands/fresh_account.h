// A paper account that has never traded, for commands that ask what would be done now: tools call, agents run. Main thread.
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"
#include "app/commands/market_in_memory.h"
#include "ports/views.h"

namespace prom {

/// Of the market's settle asset, with the moderate limits. `cash` as on the command line; code bad_cash.
std::expected<AccountView, CommandError> fresh_account(const MarketInMemory& market, TimeNs as_of, const std::string& cash);

}  // namespace prom
