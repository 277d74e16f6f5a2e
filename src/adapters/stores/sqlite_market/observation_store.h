// Observations of feeds in the market database, beside the bars. Same file, same migrations and same rules of opening as market_store.h.
// One thread at a time each store object. Meets ports/observation_contract.h.
#pragma once

#include <memory>
#include <string>

#include "adapters/stores/sqlite_market/market_store.h"
#include "ports/observations.h"

namespace prom {

/// Opens the market database for observations. Every put is one transaction.
StoreResult<std::unique_ptr<ObservationStore>> open_sqlite_observation_store(const std::string& path, const SqliteMarketOptions& options = {});

}  // namespace prom
