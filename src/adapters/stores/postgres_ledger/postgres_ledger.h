// The ledger in PostgreSQL 15 or newer, a projection of the journal: it can be deleted and projected anew. Meets ports/ledger_contract.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/secret.h"
#include "ports/ledger.h"

namespace prom {

struct PostgresOptions {
  std::string host = "127.0.0.1";   ///< POSTGRES_HOST
  std::uint16_t port = 5432;        ///< POSTGRES_PORT
  std::string user = "prometheus";  ///< POSTGRES_USER
  SecretString password;            ///< POSTGRES_PASSWORD
  std::string db = "prometheus";    ///< POSTGRES_DB
  std::string ssl_mode = "prefer";  ///< POSTGRES_SSL_MODE: disable, allow, prefer, require, verify-ca or verify-full
  std::string schema;               ///< of the tables, made where it is missing: letters, digits and _; empty: the server's search path
  std::uint32_t shard = 0;
  /// For each statement; what takes longer is given up. Connecting waits for this, at least 2 s.
  std::chrono::milliseconds timeout{10'000};
};

/// Connects and migrates. Afterwards a connection that breaks is made anew by the next call; what was under way is answered `away` with Retry::after, also
/// where the connection broke during a commit: the ledger then asks what is stored before it answers.
/// Projection has one connection and queries another, each behind a mutex.
StoreResult<std::unique_ptr<Ledger>> open_postgres_ledger(PostgresOptions options);

}  // namespace prom
