// Writes memories on a thread of its own, in batches, and tries again until they are there; meanwhile they wait here and can be read. Knows whether the server is reachable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/stores/postgres_memory/memory_table.h"

namespace prom::postgres {

class MemoryWriter {
 public:
  /// The thread has a connection of its own, made with `options` when there is something to write and anew when it breaks.
  MemoryWriter(std::shared_ptr<const PostgresOptions> options, MemoryLayout layout);
  ~MemoryWriter();
  MemoryWriter(const MemoryWriter&) = delete;
  MemoryWriter& operator=(const MemoryWriter&) = delete;

  void add(std::shared_ptr<const Memory> memory);
  /// Those that wait, by id.
  std::vector<std::shared_ptr<const Memory>> pending() const;
  std::size_t pending_count() const;
  bool settle(std::chrono::milliseconds limit);

  /// Empty where the server answered last; else why it did not.
  std::string why_away() const;
  /// Somebody else has found it away: the thread asks until it answers.
  void found_away(const StoreError& error);

 private:
  void work();
  StoreResult<void> write(const std::vector<std::shared_ptr<const Memory>>& batch);
  void told(const StoreResult<void>& outcome);

  const std::shared_ptr<const PostgresOptions> options_;
  const MemoryLayout layout_;
  std::unique_ptr<PgConnection> connection_;  ///< of the thread
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, std::shared_ptr<const Memory>> pending_;
  std::string why_away_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace prom::postgres
