// Connections that several callers share for reading: at most so many, opened when they are needed, replaced when they have broken. Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/stores/postgres_link/pg_connection.h"

namespace prom::postgres {

class PgPool {
 public:
  /// `most` connections at once, at least 1. Opens none yet.
  PgPool(std::shared_ptr<const PostgresOptions> options, std::size_t most);

  /// One connection, for as long as this lives.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)), age_(other.age_) {}
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();
    PgConnection& connection() const { return *connection_; }
    /// It had been used before: it may have died in its sleep without a sign, so that trying once more on a new one is worth it.
    bool used() const { return age_ == Age::used; }
    /// After `away` it is of no more use: closed instead of given back.
    void drop();

   private:
    friend class PgPool;
    enum class Age : std::uint8_t { fresh, used };
    Lease(PgPool& pool, std::unique_ptr<PgConnection> connection, Age age) : pool_(&pool), connection_(std::move(connection)), age_(age) {}
    PgPool* pool_;
    std::unique_ptr<PgConnection> connection_;
    Age age_;
  };

  /// Waits for a free one, `wait` at most, then `away` with Retry::after: all are in use. What opening one says otherwise.
  StoreResult<Lease> take(std::chrono::milliseconds wait);
  /// One statement that only reads, on any connection; a connection that turns out to have died while it was idle is replaced and the statement asked once more.
  StoreResult<Rows> read(const std::string& sql, const std::vector<Value>& values, std::chrono::milliseconds wait);
  /// Closes those that nobody uses: what they knew of a server that has changed is of no more use.
  void forget_idle();

  struct Counts {
    std::size_t open = 0;  ///< in use and idle
    std::size_t idle = 0;
    std::uint64_t opened = 0;      ///< since the beginning
    std::uint64_t waited_out = 0;  ///< callers who got none in time
  };
  Counts counts() const;

 private:
  void give_back(std::unique_ptr<PgConnection> connection);

  const std::shared_ptr<const PostgresOptions> options_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<PgConnection>> idle_;  ///< the one used last is taken first
  std::size_t open_ = 0;
  std::uint64_t opened_ = 0, waited_out_ = 0;
};

}  // namespace prom::postgres
