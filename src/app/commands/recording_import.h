// Recordings of order books and trades into the market store, and what is said of those that are there. One thread.
#pragma once

#include <expected>
#include <string>

#include "app/cli/command.h"
#include "app/commands/data_import.h"
#include "domain/value.h"

namespace prom {

/// Each file is one recording, kept whole or not at all. An error or a signal leaves earlier files of the command in the store: its details are `recordings` (those, as
/// after success), `errors` (the file that failed; none after a signal) and `not_read` (paths).
std::expected<Value, CommandError> import_recordings(AppContext& context, const ImportJob& job);

/// [{"instrument", "from", "to", "events", "trades", "book", "origin", "sha256"}] of the market store.
std::expected<ValueList, CommandError> list_recordings(AppContext& context);

/// Reads every recording again; texts of what is not as it was put. An empty code means all.
std::expected<ValueList, CommandError> verify_recordings(AppContext& context, const std::string& instrument_code);

}  // namespace prom
