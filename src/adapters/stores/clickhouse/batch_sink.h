// Where a batch writer's batches go. A sink that fails as told stands in for the server in tests. Called by the writer's own thread alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "adapters/stores/clickhouse/clickhouse_options.h"
#include "ports/store_error.h"

namespace prom {

/// Rows of one table as they will be sent: never changed once made, so that a second sending is the same bytes under the same token.
struct Batch {
  std::string table;
  std::string columns;  ///< as INSERT names them
  std::string token;    ///< the server keeps one batch of a token
  std::uint64_t rows = 0;
  std::string bytes;  ///< RowBinary
};

class BatchSink {
 public:
  virtual ~BatchSink() = default;
  /// Stores the batch. `conflict` means that the server will never take these rows; any other error that they may be sent again.
  virtual StoreResult<void> insert(const Batch& batch) = 0;
};

/// Whether a sink brings the database to the product's schema when it connects: a server that was away at the start may be a new one.
enum class SinkSchema : std::uint8_t { as_it_is, migrate };

/// Inserts into ClickHouse; connects at the first batch and anew after an error.
std::unique_ptr<BatchSink> clickhouse_sink(ClickHouseOptions options, SinkSchema schema = SinkSchema::as_it_is);

}  // namespace prom
