// Which owners' memories are held in process beside PostgreSQL, in so many bytes at most. A thread of its own reads an owner's memories when somebody has asked for them; until then, and
// for owners that do not fit, the server ranks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "adapters/stores/postgres_memory/owner_memories.h"

namespace prom::postgres {

class OwnerCache {
 public:
  /// `most` bytes, in files of `dir` where one is given; 0 holds nothing and starts no thread. The thread opens its connection with `options`.
  OwnerCache(std::shared_ptr<const PostgresOptions> options, std::size_t most, std::filesystem::path dir);
  ~OwnerCache();
  OwnerCache(const OwnerCache&) = delete;
  OwnerCache& operator=(const OwnerCache&) = delete;

  /// As they were when somebody looked last; null: not held, and the thread has been asked to read them if there is room.
  std::shared_ptr<const OwnerMemories> find(std::int64_t owner);
  /// A newer state of one that is held.
  void keep(std::shared_ptr<const OwnerMemories> newer);
  /// What is held is out of date in a way that no number of a transaction tells: read anew when somebody asks.
  void forget(std::int64_t owner);
  /// After the server was away: it may come back as another one.
  void forget_all();

  std::size_t bytes() const;
  /// Nothing is being read or waits for that; false where it takes longer.
  bool settle(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;
  struct Held {
    std::shared_ptr<const OwnerMemories> memories;
    Clock::time_point used;
  };
  void work();
  bool make_room(std::size_t needed);
  void put(std::shared_ptr<const OwnerMemories> newer);

  const std::shared_ptr<const PostgresOptions> options_;
  const std::size_t most_;
  const std::filesystem::path dir_;
  std::unique_ptr<PgConnection> connection_;  ///< of the thread
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Held> held_;
  std::set<std::int64_t> wanted_;
  std::map<std::int64_t, Clock::time_point> refused_;  ///< there were too many of them, or no room: not asked for again until then
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;  ///< what was read before then is not kept
  bool reading_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace prom::postgres
