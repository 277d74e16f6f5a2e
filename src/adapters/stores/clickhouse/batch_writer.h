// Rows from many producers to few, large inserts. Producers append to a shard of their table under that shard's lock; one thread of the writer's own sends. What
// the server does not take is sent again under the same token, then spilled to disk, and sent in order before anything newer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/stores/clickhouse/batch_sink.h"

namespace prom {

enum class WhenFull : std::uint8_t { block, refuse };

struct BatchWriterOptions {
  std::uint64_t rows = 100'000;                ///< a table's rows from which on they are sent
  std::size_t bytes = std::size_t{8} << 20;    ///< or its bytes
  std::chrono::milliseconds interval{1'000};   ///< or the time since the last look
  std::size_t memory = std::size_t{64} << 20;  ///< bytes of rows held in memory, the batch under way included
  WhenFull when_full = WhenFull::block;        ///< what push does at that bound
  unsigned attempts = 3;                       ///< sendings of a batch before it is spilled
  std::chrono::milliseconds pause{200};        ///< between attempts, and between tries while there is a spill
  std::filesystem::path spill;                 ///< folder of its own
  std::uint64_t spill_bytes = std::uint64_t{4} << 30;
  std::chrono::milliseconds last_drain{2'000};  ///< so long close goes on sending what lies in the spill; what is left is the next writer's
};

/// A table that rows go to; its index in the list given to open() is how push names it.
struct BatchTable {
  std::string name;
  std::string columns;
};

struct BatchCounters {
  std::uint64_t pushed = 0;         ///< rows accepted by push
  std::uint64_t refused = 0;        ///< rows that push refused: full or closed
  std::uint64_t stored = 0;         ///< rows that the server confirmed, spilled ones included
  std::uint64_t failures = 0;       ///< sendings that failed or are in doubt
  std::uint64_t spilled = 0;        ///< rows written to the spill
  std::uint64_t set_aside = 0;      ///< rows that the server will never take: kept beside the spill as *.refused
  std::uint64_t damaged = 0;        ///< spill files that could not be read: kept as *.damaged
  std::uint64_t spill_batches = 0;  ///< waiting on disk now
  std::uint64_t memory = 0;         ///< bytes held now
};

/// What close() could not deliver.
struct BatchClosed {
  std::uint64_t rows_in_spill = 0;  ///< rows of this writer's life written to disk by close; the next writer on the folder sends what lies there
  std::uint64_t rows_lost = 0;      ///< neither the server nor the disk took them
  std::string why;                  ///< the last error, empty where all is stored
};

class BatchWriter {
 public:
  virtual ~BatchWriter() = default;  ///< closes
  /// Takes `count` whole rows (copied). Rows of one producer keep their order within a table. `full` where WhenFull::refuse applies or the rows exceed the bound
  /// by themselves; `bad_argument` after close. Any thread.
  virtual StoreResult<void> push(std::size_t table, std::string_view rows, std::uint64_t count) = 0;
  /// Waits until everything pushed before is stored; the error where it is on disk or in memory instead. Any thread.
  virtual StoreResult<void> flush() = 0;
  /// Refuses further rows, sends what is there once, spills the rest. Again: the same answer. Any thread.
  virtual BatchClosed close() = 0;
  virtual BatchCounters counters() const = 0;
  /// The last error of the sending thread, empty detail where there was none. Any thread.
  virtual StoreError last_error() const = 0;
};

StoreResult<std::unique_ptr<BatchWriter>> open_batch_writer(std::unique_ptr<BatchSink> sink, std::vector<BatchTable> tables, BatchWriterOptions options);

}  // namespace prom
