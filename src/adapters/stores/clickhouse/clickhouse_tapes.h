// Recordings of order books and trades on ClickHouse. One thread at a time each store object. Meets ports/tape_store_contract.h.
#pragma once

#include <memory>

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "ports/tape_store.h"

namespace prom {

/// Connects, checks and migrates as open_clickhouse_market_store does. A put becomes visible, and what it replaces invisible, by its last statement. ClickHouse has no
/// transaction round looking and adding: one store object at a time may put recordings of one instrument, else two that overlap may both be kept.
StoreResult<std::unique_ptr<TapeStore>> open_clickhouse_tape_store(ClickHouseOptions options);

}  // namespace prom
