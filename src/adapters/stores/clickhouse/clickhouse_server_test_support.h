// The real ClickHouse engine of dev/servers.py for the tests of this folder: settings, a database of its own for each test. Tests only.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "adapters/stores/clickhouse/clickhouse_link.h"
#include "base/text.h"
#include "io/testing/test_servers.h"

namespace prom::clickhouse_test {

inline TestServers servers() { return {}; }
/// Empty where it runs.
inline std::string why_not() { return servers().setting("CLICKHOUSE_PORT") ? "" : servers().why_not("clickhouse"); }

inline ClickHouseOptions options(const std::string& db, std::uint16_t port = 0) {
  const TestServers found;
  ClickHouseOptions out;
  out.host = found.setting("CLICKHOUSE_HOST").value_or("127.0.0.1");
  out.port = port != 0 ? port : static_cast<std::uint16_t>(std::stoi(found.setting("CLICKHOUSE_PORT").value_or("1")));
  out.user = found.setting("CLICKHOUSE_USER").value_or("");
  out.password = SecretString(found.setting("CLICKHOUSE_PASSWORD").value_or(""));
  out.db = db;
  return out;
}

/// An empty database as long as this lives; none where no server runs.
class OwnDatabase {
 public:
  OwnDatabase() {
    static int last = 0;
    if (!why_not().empty()) return;
    name_ = "market_test_" + std::to_string(++last);
    ask("DROP DATABASE IF EXISTS " + name_, "default");
    ask("CREATE DATABASE " + name_, "default");
  }
  ~OwnDatabase() {
    if (!name_.empty()) ask("DROP DATABASE IF EXISTS " + name_, "default");
  }
  OwnDatabase(const OwnDatabase&) = delete;
  OwnDatabase& operator=(const OwnDatabase&) = delete;
  const std::string& name() const { return name_; }
  ClickHouseOptions options(std::uint16_t port = 0) const { return clickhouse_test::options(name_, port); }

  /// The answer of the server itself, without its last line break.
  std::string ask(const std::string& sql, const std::string& db = "") const {
    auto link = clickhouse::Link::open(clickhouse_test::options(db.empty() ? name_ : db));
    EXPECT_TRUE(link) << link.error().detail;
    if (!link) return "";
    auto answer = link->run(sql);
    EXPECT_TRUE(answer) << answer.error().detail;
    std::string out = answer.value_or("");
    while (out.ends_with('\n')) out.pop_back();
    return out;
  }

 private:
  std::string name_;
};

/// A folder of a contract stands for a database, as long as no other folder is asked for.
inline ClickHouseOptions options_for(const std::filesystem::path& dir) {
  static std::filesystem::path last;
  static std::unique_ptr<OwnDatabase> database;
  if (last != dir || !database) {
    database.reset();
    database = std::make_unique<OwnDatabase>();
    last = dir;
  }
  return database->options();
}

}  // namespace prom::clickhouse_test
