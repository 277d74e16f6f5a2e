// One database connection with its prepared statements, and records packed as blobs. Used by one thread at a time (the ledger's mutexes see to it).
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

StoreError corrupt_row(const std::string& what);

/// A record as a blob: a journal frame with nothing else in it, so that every format version the journal reads is readable here too.
std::vector<std::byte> pack(InputBody body);
std::vector<std::byte> pack(Event event);
std::optional<RecordedFrame> unpack(std::span<const std::byte> blob);

template <class T>
StoreResult<T> unpack_input(std::span<const std::byte> blob) {
  auto frame = unpack(blob);
  T* body = frame ? std::get_if<T>(&frame->input.body) : nullptr;
  if (body == nullptr) return err(corrupt_row("a packed record cannot be read"));
  return std::move(*body);
}
template <class T>
StoreResult<T> unpack_event(std::span<const std::byte> blob) {
  auto frame = unpack(blob);
  T* event = frame && frame->events.size() == 1 ? std::get_if<T>(&frame->events.front()) : nullptr;
  if (event == nullptr) return err(corrupt_row("a packed record cannot be read"));
  return std::move(*event);
}

}  // namespace prom
