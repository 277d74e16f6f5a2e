// A thin kit over SQLite: connection, statement, transaction. Errors are values with the shape of the stores' own error, so that PROM_TRY carries
// them out of an adapter. One thread at a time each connection and everything made from it; the connection outlives its statements.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace prom::sqlite {

/// Same words as the stores' error kinds. `away`: busy or locked beyond the busy timeout; `version`: written by a newer program.
enum class ErrorKind : std::uint8_t { away, io, full, corrupt, version, conflict, not_found, bad_argument };

/// Converts implicitly to any error struct with the members kind, retry, detail, hint whose kind enum has the same enumerators (ports' StoreError).
struct SqlError {
  ErrorKind kind = ErrorKind::io;
  Retry retry = Retry::never;
  std::string detail;  ///< what was tried, and SQLite's words
  std::string hint;

  template <class E>
    requires(!std::same_as<E, SqlError>) && requires(E e) {
      { e.retry } -> std::convertible_to<Retry>;
      { e.hint } -> std::convertible_to<std::string>;
      decltype(e.kind)::not_found;
    }
  operator E() const {  // NOLINT(google-explicit-constructor): an error crossing a floor, never a value
    using Kind = decltype(E::kind);
    return E{kind_as<Kind>(kind), retry, detail, hint};
  }

 private:
  template <class Kind>
  static constexpr Kind kind_as(ErrorKind kind) {
    switch (kind) {
      case ErrorKind::away: return Kind::away;
      case ErrorKind::io: return Kind::io;
      case ErrorKind::full: return Kind::full;
      case ErrorKind::corrupt: return Kind::corrupt;
      case ErrorKind::version: return Kind::version;
      case ErrorKind::conflict: return Kind::conflict;
      case ErrorKind::not_found: return Kind::not_found;
      case ErrorKind::bad_argument: return Kind::bad_argument;
    }
    __builtin_unreachable();
  }
};
template <class T>
using SqlResult = std::expected<T, SqlError>;

/// What a commit survives (in WAL mode): `process` a killed process, `power` a power cut (fsync on every commit).
enum class Durability : std::uint8_t { process, power };
enum class OpenMode : std::uint8_t { create, existing, read_only };

struct OpenOptions {
  OpenMode mode = OpenMode::create;
  Durability durability = Durability::process;
  int busy_timeout_ms = 5000;
  int cache_kib = 16 * 1024;    ///< page cache, an upper bound
  std::int64_t mmap_bytes = 0;  ///< part of the file read through memory mapping
};

enum class Step : std::uint8_t { row, done };
enum class ColumnKind : std::uint8_t { null, integer, real, text, blob };

/// A prepared statement. Bind (parameters from 1), step until done, reset. A failed bind is reported by the next step.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  Statement& bind(int index, std::int64_t value);
  Statement& bind(int index, double value);
  /// Text and blobs are copied at the bind.
  Statement& bind(int index, std::string_view value);
  Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
  Statement& bind(int index, std::span<const std::byte> value);
  Statement& bind_null(int index);
  template <std::integral I>
    requires(!std::same_as<I, std::int64_t>)
  Statement& bind(int index, I value) = delete;  // say static_cast<std::int64_t>: no silent narrowing of unsigned values

  SqlResult<Step> step();
  /// Steps to the end, dropping rows, and resets: for INSERT, UPDATE, DELETE.
  SqlResult<void> run();
  /// Ready for the next execution; clears bindings.
  void reset();

  /// Columns from 0, valid after step() gave `row`. Views live until the next step or reset. NULL reads as 0, 0.0, empty.
  std::int64_t column_int(int index) const;
  double column_double(int index) const;
  std::string_view column_text(int index) const;
  std::span<const std::byte> column_blob(int index) const;
  bool column_is_null(int index) const;
  ColumnKind column_kind(int index) const;  ///< of the value in this row

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  void note(int code);
  sqlite3_stmt* handle_ = nullptr;
  int bind_code_ = 0;
};

/// One connection: WAL, foreign keys on, temp store in memory.
class Database {
 public:
  /// `path` ":memory:" gives a private database in memory. Creates missing parent folders in mode `create`. Mode
  /// `read_only` also reads a file in a folder without write permission, as long as no commit waits in its log.
  static SqlResult<Database> open(const std::string& path, const OpenOptions& options);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// One or more statements without parameters; rows are dropped. Not atomic by itself: wrap in a Transaction.
  SqlResult<void> exec(const std::string& sql);
  SqlResult<Statement> prepare(std::string_view sql);
  /// First column of the first row of a query, nullopt-like `not_found` when there is no row.
  SqlResult<std::int64_t> query_int(std::string_view sql);
  std::int64_t last_insert_id() const;
  /// Rows changed by the last INSERT, UPDATE or DELETE.
  std::int64_t changes() const;
  const std::string& path() const { return path_; }

 private:
  static SqlResult<Database> open_with(const std::string& path, const std::string& name, int flags, const OpenOptions& options);
  Database(sqlite3* handle, std::string path);
  sqlite3* handle_ = nullptr;
  std::string path_;
};

enum class Lock : std::uint8_t { read, write };  ///< BEGIN DEFERRED, BEGIN IMMEDIATE

/// Rolls back when it goes out of scope without a successful commit. Not nestable.
class Transaction {
 public:
  static SqlResult<Transaction> begin(Database& database, Lock lock = Lock::write);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  SqlResult<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // null once committed or moved from
};

}  // namespace prom::sqlite
