// Hands what feeds said to ClickHouse: everything in the market store that is not there yet, whoever put it. Main thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "adapters/stores/sqlite_market/observation_store.h"
#include "app/market/server_writer.h"
#include "domain/value.h"

namespace prom {

class ObservationCopy {
 public:
  /// Both outlive it.
  ObservationCopy(SqliteObservationStore& store, ServerWriter& writer) : store_(store), writer_(writer) {}
  /// Pushes what is missing there; the number of rows. Waits for room while rows go to the server or to disk, and stops where neither takes them.
  StoreResult<std::uint64_t> push();
  /// Remembers how far it came, once all of that is on the server or on disk. Left out, the rows are sent again: there they replace themselves.
  StoreResult<void> settle();

 private:
  bool push_rows();

  SqliteObservationStore& store_;
  ServerWriter& writer_;
  std::string rows_;
  std::uint64_t count_ = 0, pushed_ = 0;
  TimeNs last_{INT64_MIN}, reached_{INT64_MIN};
};

/// Copies what is missing at ClickHouse, where one is named, and waits until it is there or in the spill. {"rows", "place", "waiting"}: waiting is empty, or says where
/// rows lie and why; null where no ClickHouse is named. Exit code 4 where the server refuses for good. What is kept here stays kept.
std::expected<Value, CommandError> copy_observations(AppContext& context, const StatePaths& paths, SqliteObservationStore& store);

}  // namespace prom
