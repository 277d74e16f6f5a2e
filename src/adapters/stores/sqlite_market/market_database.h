// Opens and, where asked, migrates the market database: what both of its stores begin with. Any thread.
#pragma once

#include <string>

#include "adapters/stores/sqlite_market/market_store.h"
#include "io/sqlite/database.h"

namespace prom::market_rows {

StoreResult<sqlite::Database> open_market_database(const std::string& path, const SqliteMarketOptions& options);

}  // namespace prom::market_rows
