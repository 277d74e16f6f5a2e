// The real PostgreSQL of dev/servers.py for the tests of this folder, and databases of their own there.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/stores/postgres_link/pg_connection.h"
#include "io/testing/test_servers.h"

namespace prom::postgres_test {

inline const TestServers& servers() {
  static const TestServers found;
  return found;
}
inline std::string why_not() { return servers().setting("POSTGRES_PORT") ? "" : servers().why_not("postgres"); }

inline PostgresOptions options(const std::string& db, std::uint16_t port = 0) {
  PostgresOptions out;
  out.host = servers().setting("POSTGRES_HOST").value_or("127.0.0.1");
  out.port = port != 0 ? port : static_cast<std::uint16_t>(std::stoi(servers().setting("POSTGRES_PORT").value_or("1")));
  out.user = servers().setting("POSTGRES_USER").value_or("");
  out.password = SecretString(servers().setting("POSTGRES_PASSWORD").value_or(""));
  out.db = db;
  out.ssl_mode = "disable";
  return out;
}

/// An empty database as long as this lives; none where no server runs.
class OwnDatabase {
 public:
  OwnDatabase() {
    static int last = 0;
    if (!why_not().empty()) return;
    name_ = "ledger_test_" + std::to_string(++last);
    admin("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
    admin("CREATE DATABASE " + name_);
  }
  ~OwnDatabase() {
    if (!name_.empty()) admin("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  PostgresOptions options(std::uint16_t port = 0) const { return postgres_test::options(name_, port); }

  static void admin(const std::string& sql) {
    auto connection = postgres::PgConnection::open(postgres_test::options(servers().setting("POSTGRES_DB").value_or("")));
    ASSERT_TRUE(connection) << connection.error().detail;
    const auto ran = (*connection)->script(sql);
    EXPECT_TRUE(ran) << ran.error().detail;
  }

 private:
  std::string name_;
};

}  // namespace prom::postgres_test
