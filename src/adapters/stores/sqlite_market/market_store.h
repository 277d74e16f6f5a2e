// The market store in a SQLite file: the embedded default. One thread at a time each store object; several objects (and processes) may share a file,
// one of them writing. Meets ports/market_store_contract.h.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "ports/market_store.h"

namespace prom {

enum class StoreAccess : std::uint8_t { read_write, read_only };

struct SqliteMarketOptions {
  StoreAccess access = StoreAccess::read_write;  ///< read_only needs an existing, migrated file
  int busy_timeout_ms = 5000;
  int cache_kib = 32 * 1024;
};

/// Opens (and with read_write creates and migrates) the store. ":memory:" lives as long as the object.
/// Every put is one transaction: after an error, a crash or kill -9 either all of its rows are there or none.
/// Series keep the finest scale that was ever put; coarser values are brought to it exactly. Times are whole milliseconds.
StoreResult<std::unique_ptr<MarketStore>> open_sqlite_market_store(const std::string& path, const SqliteMarketOptions& options = {});

}  // namespace prom
