// What feeds said, kept on ClickHouse for ever as it was said. One thread at a time each store object. Meets ports/observation_contract.h.
#pragma once

#include <memory>

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "ports/observations.h"

namespace prom {

/// Connects, checks and migrates as open_clickhouse_market_store does. ClickHouse has no transaction round looking and adding: one store object at a time may
/// put observations of one source, else the same saying may be kept twice with both times at which it was known.
StoreResult<std::unique_ptr<ObservationStore>> open_clickhouse_observation_store(ClickHouseOptions options);

}  // namespace prom
