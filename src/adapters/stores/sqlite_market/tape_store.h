// Recordings of order books and trades in the market database, beside the bars. Same file, same migrations and same rules of opening as market_store.h.
// One thread at a time each store object. Meets ports/tape_store_contract.h.
#pragma once

#include <memory>
#include <string>

#include "adapters/stores/sqlite_market/market_store.h"
#include "ports/tape_store.h"

namespace prom {

/// Opens the market database for recordings. Every put is one transaction.
StoreResult<std::unique_ptr<TapeStore>> open_sqlite_tape_store(const std::string& path, const SqliteMarketOptions& options = {});

}  // namespace prom
