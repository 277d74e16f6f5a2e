// Brings a database to the schema of assets/migrations/clickhouse/market, forward only. Before anyone else uses it.
#pragma once

#include "adapters/stores/clickhouse/clickhouse_link.h"

namespace prom::clickhouse {

/// Applies what is missing. Each statement may run again, so one that was interrupted, or a second program at the same time, does no harm.
/// `version` where a newer program has been here.
StoreResult<void> migrate(Link& link);

}  // namespace prom::clickhouse
