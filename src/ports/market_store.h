// Bars at rest: import, query and load. Re-sent bars replace; an import is visible whole or not at all. Contract tests in ports/market_store_contract.h.
// Each call may block on disk; one connection per thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "domain/bar.h"
#include "domain/instrument.h"
#include "ports/ledger.h"

namespace prom {

/// Identity of a stored series.
struct SeriesKey {
  std::string instrument;  ///< instrument code, e.g. binance:spot:BTCUSDT
  DurationNs interval{};
  auto operator<=>(const SeriesKey&) const = default;
};

struct SeriesInfo {
  SeriesKey key;
  int price_digits = 0;
  int quantity_digits = 0;
  std::uint64_t bars = 0;
  TimeNs first{}, last{};
  std::string origin;  ///< file names and hashes it came from
};

struct FundingRow {
  TimeNs time{};
  Decimal rate;
};

struct FundingInfo {
  std::string instrument;
  std::uint64_t rates = 0;
  TimeNs first{}, last{};  ///< settlements
};

class MarketStore {
 public:
  virtual ~MarketStore() = default;
  /// Inserts or replaces all rows in one transaction.
  virtual StoreResult<void> put_bars(const SeriesKey& key, const BarColumns& bars, const std::string& origin) = 0;
  /// Bars with from <= open_time < to, at most `limit` (the newest ones), ascending.
  virtual StoreResult<BarColumns> bars(const SeriesKey& key, TimeNs from, TimeNs to, std::uint64_t limit) = 0;
  virtual StoreResult<std::vector<SeriesInfo>> series() = 0;
  virtual StoreResult<void> put_funding(const std::string& instrument, const std::vector<FundingRow>& rows) = 0;
  virtual StoreResult<std::vector<FundingRow>> funding(const std::string& instrument, TimeNs from, TimeNs to) = 0;
  /// Of every instrument with rates, in the order of their names.
  virtual StoreResult<std::vector<FundingInfo>> funding_held() = 0;
};

}  // namespace prom
