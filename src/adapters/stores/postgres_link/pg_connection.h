// One connection to PostgreSQL: statements with parameters in text form, transactions, every wait bounded. The only file pair that knows libpqxx; its exceptions
// end here. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/stores/postgres_link/postgres_options.h"
#include "ports/store_error.h"

namespace prom::postgres {

using Value = std::optional<std::string>;
using Rows = std::vector<std::vector<Value>>;

class PgConnection {
 public:
  virtual ~PgConnection() = default;
  static StoreResult<std::unique_ptr<PgConnection>> open(const PostgresOptions& options);

  /// Nothing has come that nobody asked for, the end included: a connection that the server closed while it was idle is not quiet.
  virtual bool quiet() = 0;
  /// Runs one statement; `?` marks a parameter. Prepared once for the connection's life. After `away` the connection is of no more use.
  virtual StoreResult<Rows> run(const std::string& sql, const std::vector<Value>& values) = 0;
  /// One statement without parameters, not prepared.
  virtual StoreResult<Rows> ask(const std::string& sql) = 0;
  /// Several statements without parameters (a migration, a batch of rows).
  virtual StoreResult<void> script(const std::string& sql) = 0;
  virtual StoreResult<void> begin() = 0;
  /// An error with Retry::in_doubt: the connection broke while the commit was under way.
  virtual StoreResult<void> commit() = 0;
  /// Never fails: a connection that cannot roll back is broken, and the server rolls back by itself.
  virtual void roll_back() = 0;
};

std::string place_of(const PostgresOptions& options);

}  // namespace prom::postgres
