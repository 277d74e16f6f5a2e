// Observations of feeds in the market database, beside the bars. Same file, same migrations and same rules of opening as market_store.h.
// One thread at a time each store object. Meets ports/observation_contract.h.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/stores/sqlite_market/market_store.h"
#include "ports/observations.h"

namespace prom {

class SqliteObservationStore : public ObservationStore {
 public:
  /// How far the observations were handed to the store at `place`: everything with available_at up to this instant, but what was put since with an earlier one sets
  /// it back. TimeNs{INT64_MIN} where nothing was.
  virtual StoreResult<TimeNs> copied(const std::string& place) = 0;
  virtual StoreResult<void> set_copied(const std::string& place, TimeNs until) = 0;
  /// Every row with available_at > `after`, in order of it, until `take` says no. Holds a read of the database meanwhile.
  virtual StoreResult<void> known_after(TimeNs after, const std::function<bool(const Observation&)>& take) = 0;
};

/// Opens the market database for observations. Every put is one transaction.
StoreResult<std::unique_ptr<SqliteObservationStore>> open_sqlite_observation_store(const std::string& path, const SqliteMarketOptions& options = {});

}  // namespace prom
