// Recorded funding rates of a perpetual contract from files into the market store: read and joined whole in memory, then put in one transaction. One thread.
#pragma once

#include <expected>

#include "app/cli/command.h"
#include "app/commands/data_import.h"

namespace prom {

/// What `data import --kind funding --json` answers. An error leaves the store as it was. Rates that are sent again replace; two files that differ are refused.
std::expected<Value, CommandError> import_funding(AppContext& context, const ImportJob& job);

/// The instruments whose rates are stored, with their first and last settlement.
std::expected<ValueList, CommandError> list_funding(AppContext& context);

}  // namespace prom
