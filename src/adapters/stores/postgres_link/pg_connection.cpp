// See the header.
#include "adapters/stores/postgres_link/pg_connection.h"

#include <poll.h>

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <type_traits>
#include <typeinfo>

#include "adapters/stores/postgres_link/pg_watchdog.h"

namespace prom {

PostgresOptions PostgresOptions::clone() const {
  return {.host = host,
          .port = port,
          .user = user,
          .password = password.clone(),
          .db = db,
          .ssl_mode = ssl_mode,
          .ssl_root_cert = ssl_root_cert,
          .schema = schema,
          .shard = shard,
          .settings = settings,
          .timeout = timeout,
          .readers = readers};
}

}  // namespace prom

namespace prom::postgres {
namespace {

constexpr int kOldestVersion = 150'000;

std::string first_line(const char* text) {
  const std::string all = text;
  return all.substr(0, all.find('\n'));
}
bool has(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

StoreError never(std::string detail, std::string hint) { return {StoreErrorKind::bad_argument, Retry::never, std::move(detail), std::move(hint)}; }

/// Why TLS came to nothing, where that is what `text` says.
std::optional<StoreError> tls_error(const PostgresOptions& options, const std::string& text) {
  const std::string place = place_of(options);
  const std::string file = options.ssl_root_cert.empty() ? "~/.postgresql/root.crt" : options.ssl_root_cert;
  if (has(text, "root certificate file") && has(text, "does not exist"))
    return never("POSTGRES_SSL_MODE=" + options.ssl_mode + " needs the certificate of the server's authority, and there is no " + file,
                 "name its file in POSTGRES_SSL_ROOT_CERT");
  if (has(text, "could not read root certificate file"))
    return never("the certificate of the server's authority cannot be read from " + file, "name a file in PEM form in POSTGRES_SSL_ROOT_CERT");
  if (has(text, "certificate verify failed"))
    return never("the certificate of " + place + " is not signed by an authority of " + file, "check POSTGRES_HOST, and POSTGRES_SSL_ROOT_CERT");
  if (has(text, "does not match host name"))
    return never("the certificate of " + place + " is for another name", "set POSTGRES_HOST to the name in the certificate, or POSTGRES_SSL_MODE=verify-ca");
  if (has(text, "does not support SSL"))
    return never(place + " does not speak TLS and POSTGRES_SSL_MODE=" + options.ssl_mode + " asks for it",
                 "set POSTGRES_SSL_MODE=prefer, or switch ssl on in the server");
  if (has(text, "no pg_hba.conf entry") && has(text, "no encryption"))
    return never(place + " lets user " + options.user + " in with TLS only, or not at all",
                 "set POSTGRES_SSL_MODE=verify-full; else the server's pg_hba.conf needs a line for it");
  if (has(text, "no pg_hba.conf entry"))
    return never(place + " does not let user " + options.user + " in from here", "the server's pg_hba.conf needs a line for it");
  // A handshake that was cut off says nothing of the settings: later it may go.
  const bool cut = has(text, "SYSCALL") || has(text, "EOF") || has(text, "reset by peer") || has(text, "negotiation packet") || has(text, "timeout");
  if (has(text, "SSL") && !cut) return never(place + " cannot agree on TLS: " + first_line(text.c_str()), "check POSTGRES_SSL_MODE");
  return std::nullopt;
}

/// Why connecting failed. libpq gives words only: one line for each try, with `allow` and `prefer` one with TLS and one without.
StoreError connect_error(const PostgresOptions& options, const std::string& text) {
  const std::string place = place_of(options);
  if (has(text, "password authentication failed"))
    return never(place + " refuses the password of user " + options.user, "check POSTGRES_USER and POSTGRES_PASSWORD");
  if (has(text, "no password supplied")) return never(place + " asks for a password and none is set", "set POSTGRES_PASSWORD");
  if (has(text, "database \"") && has(text, "does not exist")) return never(place + " has no database " + options.db, "create it, or check POSTGRES_DB");
  if (has(text, "role \"") && has(text, "does not exist")) return never(place + " has no user " + options.user, "create the role, or check POSTGRES_USER");
  if (has(text, "permission denied for database"))
    return never(place + " gives user " + options.user + " no right to connect to database " + options.db, "GRANT CONNECT ON DATABASE, or check POSTGRES_DB");
  if (has(text, "too many connections") || has(text, "too many clients") || has(text, "remaining connection slots"))
    return {StoreErrorKind::away, Retry::after, place + " has no connection left for user " + options.user + ": " + first_line(text.c_str()),
            "lower POSTGRES_MAX_CONNS, or raise the server's limit"};
  if (auto tls = tls_error(options, text)) return *std::move(tls);
  if (has(text, "expected authentication request") || has(text, "invalid response") || has(text, "unrecognized"))
    // For a moment that may be the network's doing.
    return {StoreErrorKind::away, Retry::after,
            "what answers at " + options.host + ":" + std::to_string(options.port) + " does not speak PostgreSQL's protocol",
            "check POSTGRES_HOST and POSTGRES_PORT"};
  return {StoreErrorKind::away, Retry::after, place + " cannot be reached: " + first_line(text.c_str()), "check POSTGRES_HOST and POSTGRES_PORT"};
}

/// Why a statement failed: by the exception's class where libpqxx has one (it then keeps no SQLSTATE), else by SQLSTATE (appendix A of PostgreSQL's manual).
StoreError statement_error(const PostgresOptions& options, const pqxx::sql_error& error) {
  const std::string& state = error.sqlstate();
  const std::string text = place_of(options) + ": " + first_line(error.what());
  const auto is = [&]<class T>(std::type_identity<T>) { return dynamic_cast<const T*>(&error) != nullptr; };
  if (is(std::type_identity<pqxx::insufficient_privilege>()) || state == "42501")
    return {StoreErrorKind::bad_argument, Retry::never, text, "give user " + options.user + " the right"};
  if (is(std::type_identity<pqxx::disk_full>()) || state == "53100") return {StoreErrorKind::full, Retry::after, text, "make room on the server's disk"};
  // Serialisation, deadlock, too little of something, shutting down, time limit: nothing was stored, and later it may go.
  if (is(std::type_identity<pqxx::insufficient_resources>()) || state.starts_with("40") || state.starts_with("53") || state.starts_with("57"))
    return {StoreErrorKind::away, Retry::after, text, ""};
  // Neither class nor state: the client library speaks for itself, because what came made no sense to it.
  if (state.empty() && typeid(error) == typeid(pqxx::sql_error)) return {StoreErrorKind::away, Retry::after, text, ""};
  return {StoreErrorKind::io, Retry::never, text, ""};
}

std::string numbered(const std::string& sql) {
  std::string out;
  int number = 0;
  for (const char c : sql) out += c == '?' ? "$" + std::to_string(++number) : std::string(1, c);
  return out;
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

class Connection final : public PgConnection {
 public:
  Connection(const PostgresOptions& options, const std::string& words)
      : place_(place_of(options)), user_(options.user), watchdog_(options.timeout), connection_(words) {
    options_.host = options.host;
    options_.port = options.port;
    options_.user = options.user;
    options_.db = options.db;
  }
  ~Connection() override { roll_back(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int version() const { return connection_.server_version(); }

  bool quiet() override {
    pollfd waiting{connection_.sock(), POLLIN, 0};
    return usable_ && ::poll(&waiting, 1, 0) == 0;
  }
  StoreResult<Rows> run(const std::string& sql, const std::vector<Value>& values) override {
    return guarded<Rows>([&]() -> Rows {
      const auto [found, fresh] = prepared_.try_emplace(sql, "s" + std::to_string(prepared_.size()));
      if (fresh) connection_.prepare(found->second, numbered(sql));
      std::vector<const char*> texts;
      for (const Value& value : values) texts.push_back(value ? value->c_str() : nullptr);
      const auto exec = [&](auto& transaction) { return rows_of(transaction.exec_prepared(found->second, pqxx::prepare::make_dynamic_params(texts))); };
      if (work_) return exec(*work_);
      pqxx::nontransaction alone(connection_);
      return exec(alone);
    });
  }
  StoreResult<Rows> ask(const std::string& sql) override {
    return guarded<Rows>([&]() -> Rows { return rows_of(work_ ? work_->exec(sql) : pqxx::nontransaction(connection_).exec(sql)); });
  }
  StoreResult<void> script(const std::string& sql) override {
    return guarded<void>([&] {
      if (work_) {
        work_->exec(sql);
      } else {
        pqxx::nontransaction(connection_).exec(sql);
      }
    });
  }
  StoreResult<void> begin() override {
    return guarded<void>([&] { work_ = std::make_unique<pqxx::work>(connection_); });
  }
  StoreResult<void> commit() override {
    auto done = guarded<void>([&] { work_->commit(); });
    // Whatever goes wrong with the connection from here on may have gone wrong after the server had done it.
    if (!done && done.error().kind == StoreErrorKind::away) done.error().retry = Retry::in_doubt;
    roll_back();
    return done;
  }
  void roll_back() override {
    if (!work_) return;
    const auto aborted = guarded<void>([&] { work_->abort(); });
    const auto dropped = guarded<void>([&] { work_.reset(); });
    usable_ = usable_ && aborted && dropped;
  }

 private:
  static Rows rows_of(const pqxx::result& result) {
    Rows out;
    for (const auto& row : result) {
      auto& values = out.emplace_back();
      for (const auto& field : row) values.push_back(field.is_null() ? Value() : Value(std::string(field.c_str(), field.size())));
    }
    return out;
  }
  template <class T, class Call>
  StoreResult<T> guarded(const Call& call) {
    try {
      const Watchdog::Watch watch(watchdog_, connection_.sock());
      if constexpr (std::is_void_v<T>) {
        call();
        return {};
      } else {
        return call();
      }
    } catch (const pqxx::in_doubt_error& error) {
      return std::unexpected(StoreError{StoreErrorKind::away, Retry::in_doubt, place_ + " broke off during a commit: " + first_line(error.what()), ""});
    } catch (const pqxx::broken_connection& error) {
      return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the connection to " + place_ + " broke: " + first_line(error.what()), ""});
    } catch (const pqxx::sql_error& error) {
      if (!connection_.is_open())
        return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, "the connection to " + place_ + " broke: " + first_line(error.what()), ""});
      return std::unexpected(statement_error(options_, error));
    } catch (const pqxx::failure& error) {
      return std::unexpected(StoreError{StoreErrorKind::away, Retry::after, place_ + " was not understood: " + first_line(error.what()), ""});
    } catch (const std::exception& error) {
      return std::unexpected(StoreError{StoreErrorKind::io, Retry::never, place_ + ": " + first_line(error.what()), ""});
    }
  }

  PostgresOptions options_;  // for sentences; without the password
  std::string place_, user_;
  Watchdog watchdog_;
  pqxx::connection connection_;
  std::map<std::string, std::string> prepared_;
  std::unique_ptr<pqxx::work> work_;
  bool usable_ = true;  // false once a transaction could not be ended cleanly
};

}  // namespace

std::string place_of(const PostgresOptions& options) { return "PostgreSQL at " + options.host + ":" + std::to_string(options.port); }

StoreResult<std::unique_ptr<PgConnection>> PgConnection::open(const PostgresOptions& options) {
  constexpr std::string_view kName = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (options.schema.find_first_not_of(kName) != std::string::npos || options.schema.size() > 63)
    return std::unexpected(StoreError{StoreErrorKind::bad_argument, Retry::never, "a schema of PostgreSQL is named in a-z, 0-9 and _, at most 63 of them", ""});
  const auto seconds = std::clamp<std::int64_t>(options.timeout.count() / 1000, 2, 10);  // 2 is libpq's least
  std::string words = "host=" + quoted(options.host) + " port=" + std::to_string(options.port) + " user=" + quoted(options.user) +
                      " dbname=" + quoted(options.db) + " sslmode=" + quoted(options.ssl_mode) + " connect_timeout=" + std::to_string(seconds) +
                      " application_name=promtrade client_encoding=UTF8 options='-c statement_timeout=" + std::to_string(options.timeout.count()) +
                      (options.schema.empty() ? "" : " -c search_path=" + options.schema) + options.settings + "'";
  if (!options.ssl_root_cert.empty()) words += " sslrootcert=" + quoted(options.ssl_root_cert);
  if (!options.password.empty()) words += " password=" + quoted(std::string(options.password.expose()));
  try {
    auto connection = std::make_unique<Connection>(options, words);
    wipe(words);
    if (connection->version() < kOldestVersion)
      return std::unexpected(StoreError{StoreErrorKind::version, Retry::never,
                                        place_of(options) + " is version " + std::to_string(connection->version() / 10'000) + "; 15 or newer is needed",
                                        "name a newer server in POSTGRES_HOST and POSTGRES_PORT"});
    return connection;
  } catch (const std::exception& error) {
    wipe(words);
    return std::unexpected(connect_error(options, error.what()));
  }
}

}  // namespace prom::postgres
