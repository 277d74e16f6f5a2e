// Where a PostgreSQL is and how it is spoken to. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/secret.h"

namespace prom {

struct PostgresOptions {
  std::string host = "127.0.0.1";   ///< POSTGRES_HOST
  std::uint16_t port = 5432;        ///< POSTGRES_PORT
  std::string user = "prometheus";  ///< POSTGRES_USER
  SecretString password;            ///< POSTGRES_PASSWORD
  std::string db = "prometheus";    ///< POSTGRES_DB
  std::string ssl_mode = "prefer";  ///< POSTGRES_SSL_MODE: disable, allow, prefer, require, verify-ca or verify-full
  std::string ssl_root_cert;        ///< POSTGRES_SSL_ROOT_CERT: file of the authorities that verify-ca and verify-full trust; empty: libpq's usual one
  std::string schema;               ///< of the tables, made where it is missing: letters, digits and _; empty: the server's search path
  std::uint32_t shard = 0;
  enum class Journal : std::uint8_t { left_out, copied } journal = Journal::left_out;  ///< whether a ledger keeps the shared copy of the journal
  std::string settings;                                                                ///< of the sessions, as " -c name=value"; none from outside
  /// For each statement; what takes longer is given up. Connecting waits for this, at least 2 s and at most 10 s.
  std::chrono::milliseconds timeout{10'000};
  std::size_t readers = 4;  ///< connections at most that answer queries at the same time; one more waits for a free one, `timeout` at most

  PostgresOptions clone() const;  ///< with a password of its own
};

}  // namespace prom
