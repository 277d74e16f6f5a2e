// One database connection with its prepared statements. Used by one thread at a time (the ledger's mutexes see to it).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/command.h"
#include "io/sqlite/database.h"
#include "ports/ledger.h"

namespace prom {

class LedgerConnection {
 public:
  explicit LedgerConnection(sqlite::Database database) : database_(std::move(database)) {}
  sqlite::Database& database() { return database_; }
  /// Prepared once, kept for the connection's life; reset and without bindings.
  sqlite::SqlResult<sqlite::Statement*> statement(const std::string& sql);

 private:
  sqlite::Database database_;
  std::map<std::string, sqlite::Statement> statements_;
};

/// Resets a statement at the end of the scope, so that no read transaction stays open.
class StatementScope {
 public:
  explicit StatementScope(sqlite::Statement& statement) : statement_(&statement) {}
  ~StatementScope() { statement_->reset(); }
  StatementScope(const StatementScope&) = delete;
  StatementScope& operator=(const StatementScope&) = delete;

 private:
  sqlite::Statement* statement_;
};

}  // namespace prom
