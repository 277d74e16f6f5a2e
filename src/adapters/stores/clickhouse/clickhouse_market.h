// The market store on ClickHouse 24.1 or newer, by its HTTP interface. Each call blocks until the server has answered or the options' bounds are over; one
// thread at a time each store object. Meets ports/market_store_contract.h.
#pragma once

#include <memory>
#include <string>

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "ports/market_store.h"

namespace prom {

class ClickHouseMarketStore : public MarketStore {
 public:
  /// As bars(), at 5m, 15m, 1h, 4h or 1d, made from the stored one-minute bars: the same as `resample` of them. Empty where there are none; `bad_argument`
  /// for another interval.
  virtual StoreResult<BarColumns> rolled_up(const std::string& instrument, DurationNs interval, TimeNs from, TimeNs to, std::uint64_t limit) = 0;
  /// Makes the coarser bars of a stretch of one-minute bars anew. put_bars does it by itself; whoever writes ohlcv by a BatchWriter calls this after a flush.
  virtual StoreResult<void> roll_up(const std::string& instrument, TimeNs first, TimeNs last) = 0;
};

/// Connects, checks version, rights and database, and migrates. A put within one month and a million rows is one part and so visible whole or not at all;
/// a longer one becomes visible by its last statement. A put that fails in doubt may simply be put again: re-sent bars replace.
StoreResult<std::unique_ptr<ClickHouseMarketStore>> open_clickhouse_market_store(ClickHouseOptions options);

}  // namespace prom
