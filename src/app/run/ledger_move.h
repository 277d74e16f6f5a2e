// Carries an embedded ledger across to the server that POSTGRES_HOST names, and proves that both say the same. Main thread.
#pragma once

#include <expected>

#include "app/cli/command.h"
#include "domain/value.h"

namespace prom {

/// Projects the state directory's journal into PostgreSQL, under the name that the next run looks for it by, and compares every list of the two ledgers by count and
/// SHA-256. May be cut off at any moment and begun again: what is there is not projected twice. The embedded ledger stays as it is. Refused while promtrade runs on
/// that state. {"place", "frames", "lists": [{"name", "rows", "sha256"}]}; a difference is check_failed.
std::expected<Value, CommandError> move_ledger_to_server(AppContext& context);

}  // namespace prom
