// Where a ClickHouse server is and how long to wait for it. Values; moved from one thread to another.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/secret.h"

namespace prom {

enum class ClickHouseTransport : std::uint8_t { http, https };
/// Of the rows of inserts. lz4 takes an eighth of a microsecond a row and sends a third of the bytes or less: worth it where a network lies between.
enum class ClickHouseCompression : std::uint8_t { none, lz4 };

struct ClickHouseOptions {
  std::string host = "127.0.0.1";  ///< CLICKHOUSE_HOST
  std::uint16_t port = 8123;       ///< CLICKHOUSE_PORT, the HTTP interface
  std::string user = "default";    ///< CLICKHOUSE_USER
  SecretString password;           ///< CLICKHOUSE_PASSWORD; sent in a header, never in an address
  std::string db = "prometheus";   ///< CLICKHOUSE_DB; must exist
  ClickHouseTransport transport = ClickHouseTransport::http;
  ClickHouseCompression compression = ClickHouseCompression::none;
  std::string ca_file;                          ///< authorities trusted beside the system's, for https
  std::chrono::milliseconds connect{3'000};     ///< bound of connecting
  std::chrono::milliseconds statement{30'000};  ///< bound of a statement with its answer

  ClickHouseOptions clone() const { return {host, port, user, password.clone(), db, transport, compression, ca_file, connect, statement}; }
};

}  // namespace prom
