// The market store where the configuration puts it: SQLite in the state directory, or ClickHouse where CLICKHOUSE_HOST is set. Main thread.
#pragma once

#include <expected>
#include <memory>

#include "app/cli/command.h"
#include "domain/value.h"
#include "ports/market_store.h"

namespace prom {

/// To read; null where nothing has been stored in the state directory yet. Exit code 4 where it cannot be opened.
std::expected<std::unique_ptr<MarketStore>, CommandError> stored_market(AppContext& context);
/// To write; made where it is missing.
std::expected<std::unique_ptr<MarketStore>, CommandError> market_to_write(AppContext& context);

/// Copies every embedded series to the server and compares each there with its origin. May be cut off and begun again: bars that are sent again replace
/// themselves. [{"instrument", "interval", "bars", "sha256"}]; a difference is check_failed.
std::expected<ValueList, CommandError> move_market_to_server(AppContext& context);

}  // namespace prom
