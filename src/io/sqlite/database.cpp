// SQLite behind values and RAII. Result codes become error kinds here and nowhere else.
#include "io/sqlite/database.h"

#include <sqlite3.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/assert.h"

namespace prom::sqlite {
namespace {

struct Meaning {
  ErrorKind kind;
  Retry retry;
  std::string_view hint;
};

Meaning meaning_of(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorKind::away, Retry::after, "another process holds the database; close it or try again"};
    case SQLITE_FULL: return {ErrorKind::full, Retry::after, "the disk is full; free some space and try again"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return {ErrorKind::corrupt, Retry::never, "the file is damaged or is no SQLite database; restore a backup or move it away"};
    case SQLITE_CONSTRAINT: return {ErrorKind::conflict, Retry::never, ""};
    case SQLITE_CANTOPEN: return {ErrorKind::not_found, Retry::never, "check the path and its permissions"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH: return {ErrorKind::io, Retry::never, "the file cannot be written; check its permissions"};
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return {ErrorKind::bad_argument, Retry::never, ""};
    default: return {ErrorKind::io, Retry::after, ""};
  }
}

SqlError make_error(int code, std::string_view what, std::string_view words) {
  const Meaning meaning = meaning_of(code);
  std::string detail(what);
  detail.append(": ").append(words);
  return {meaning.kind, meaning.retry, std::move(detail), std::string(meaning.hint)};
}

SqlError error_of(sqlite3* handle, int code, std::string_view what) { return make_error(code, what, sqlite3_errmsg(handle)); }

std::string clip(std::string_view text) { return std::string(text.substr(0, 80)); }

}  // namespace

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), bind_code_(std::exchange(other.bind_code_, 0)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(bind_code_, other.bind_code_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::note(int code) {
  if (code != SQLITE_OK && bind_code_ == SQLITE_OK) bind_code_ = code;
}

Statement& Statement::bind(int index, std::int64_t value) {
  note(sqlite3_bind_int64(handle_, index, value));
  return *this;
}

Statement& Statement::bind(int index, double value) {
  note(sqlite3_bind_double(handle_, index, value));
  return *this;
}

Statement& Statement::bind(int index, std::string_view value) {
  // An empty view may have a null pointer, which SQLite would take for NULL.
  note(sqlite3_bind_text64(handle_, index, value.data() == nullptr ? "" : value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind(int index, std::span<const std::byte> value) {
  if (value.empty()) {
    note(sqlite3_bind_zeroblob(handle_, index, 0));
  } else {
    note(sqlite3_bind_blob64(handle_, index, value.data(), value.size(), SQLITE_TRANSIENT));
  }
  return *this;
}

Statement& Statement::bind_null(int index) {
  note(sqlite3_bind_null(handle_, index));
  return *this;
}

SqlResult<Step> Statement::step() {
  if (bind_code_ != SQLITE_OK) return err(make_error(bind_code_, "bind", sqlite3_errstr(bind_code_)));
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return Step::row;
  if (code == SQLITE_DONE) return Step::done;
  SqlError error = error_of(sqlite3_db_handle(handle_), code, clip(sqlite3_sql(handle_)));
  sqlite3_reset(handle_);
  return err(std::move(error));
}

SqlResult<void> Statement::run() {
  for (;;) {
    auto stepped = step();
    if (!stepped) {
      reset();
      return err(std::move(stepped).error());
    }
    if (*stepped == Step::done) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
  sqlite3_clear_bindings(handle_);
  bind_code_ = SQLITE_OK;
}

std::int64_t Statement::column_int(int index) const { return sqlite3_column_int64(handle_, index); }
double Statement::column_double(int index) const { return sqlite3_column_double(handle_, index); }

std::string_view Statement::column_text(int index) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, index));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))};
}

std::span<const std::byte> Statement::column_blob(int index) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(handle_, index));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, index))};
}

bool Statement::column_is_null(int index) const { return sqlite3_column_type(handle_, index) == SQLITE_NULL; }
ColumnKind Statement::column_kind(int index) const {
  switch (::sqlite3_column_type(handle_, index)) {
    case SQLITE_INTEGER: return ColumnKind::integer;
    case SQLITE_FLOAT: return ColumnKind::real;
    case SQLITE_TEXT: return ColumnKind::text;
    case SQLITE_BLOB: return ColumnKind::blob;
    default: return ColumnKind::null;
  }
}

Database::Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

// close_v2 lets a statement that outlives the connection be finalized safely.
Database::~Database() { sqlite3_close_v2(handle_); }

namespace {

/// Whether commits stand in the log that are not in the file yet.
bool log_is_pending(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path + "-wal", missing);
  return !missing && size > 0;
}

std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    switch (c) {
      case '%': uri += "%25"; break;
      case '?': uri += "%3f"; break;
      case '#': uri += "%23"; break;
      default: uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

SqlResult<Database> Database::open(const std::string& path, const OpenOptions& options) {
  if (options.mode == OpenMode::create && path != ":memory:") {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    std::error_code code;
    if (!parent.empty()) std::filesystem::create_directories(parent, code);
    if (code) return err(SqlError{ErrorKind::io, Retry::never, "cannot create folder " + parent.string() + ": " + code.message(), "check its permissions"});
  }
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (options.mode) {
    case OpenMode::create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case OpenMode::existing: flags |= SQLITE_OPEN_READWRITE; break;
    case OpenMode::read_only: flags |= SQLITE_OPEN_READONLY; break;
  }
  auto database = open_with(path, path, flags, options);
  if (database || options.mode != OpenMode::read_only) return database;
  const bool cannot_open = database.error().kind == ErrorKind::not_found || database.error().kind == ErrorKind::io;
  std::error_code missing;
  if (!cannot_open || !std::filesystem::exists(path, missing) || log_is_pending(path)) return database;
  // A reader of a WAL file needs an index file beside it, which a folder without write permission refuses. With no log pending (else SQLite
  // reads it by an index in memory) the file alone is the whole truth, and may be read as one that nobody changes.
  auto unchanging = open_with(path, immutable_uri(path), flags | SQLITE_OPEN_URI, options);
  return unchanging ? std::move(unchanging) : std::move(database);
}

SqlResult<Database> Database::open_with(const std::string& path, const std::string& name, int flags, const OpenOptions& options) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  Database database(handle, path);
  if (code != SQLITE_OK) return err(make_error(code, "open " + path, handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle)));
  sqlite3_busy_timeout(handle, options.busy_timeout_ms);
  std::string pragmas = "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-" + std::to_string(options.cache_kib) +
                        "; PRAGMA mmap_size=" + std::to_string(options.mmap_bytes) + ";";
  // The journal mode is a property of the file: a reader takes it as it is.
  if (options.mode != OpenMode::read_only) pragmas += "PRAGMA journal_mode=WAL;";
  switch (options.durability) {
    case Durability::process: pragmas += "PRAGMA synchronous=NORMAL;"; break;
    case Durability::power: pragmas += "PRAGMA synchronous=FULL;"; break;
  }
  // Reading the schema shows at the door that the file is a database at all.
  pragmas += "SELECT count(*) FROM sqlite_master;";
  const int ready = sqlite3_exec(handle, pragmas.c_str(), nullptr, nullptr, nullptr);
  if (ready != SQLITE_OK) return err(error_of(handle, ready, "open " + path));
  return database;
}

SqlResult<void> Database::exec(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return err(error_of(handle_, code, clip(sql)));
  return {};
}

SqlResult<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return err(error_of(handle_, code, clip(sql)));
  PROM_ASSERT(statement != nullptr, "an empty statement was prepared");
  return Statement(statement);
}

SqlResult<std::int64_t> Database::query_int(std::string_view sql) {
  PROM_TRY(Statement statement, prepare(sql));
  PROM_TRY(const Step step, statement.step());
  if (step == Step::done) return err(SqlError{ErrorKind::not_found, Retry::never, clip(sql) + ": no row", ""});
  return statement.column_int(0);
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

SqlResult<Transaction> Transaction::begin(Database& database, Lock lock) {
  PROM_CHECK_OK(database.exec(lock == Lock::write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // A failed rollback has nothing to undo: SQLite has already rolled back on a fatal error.
  if (database_ != nullptr) (void)database_->exec("ROLLBACK");
}

SqlResult<void> Transaction::commit() {
  PROM_ASSERT(database_ != nullptr, "commit of a finished transaction");
  PROM_CHECK_OK(database_->exec("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace prom::sqlite
