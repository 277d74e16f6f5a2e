// Wrong settings and servers: one clear sentence each, with what to do next, and never the password.
#include <gtest/gtest.h>

#include "adapters/stores/clickhouse/clickhouse_market.h"
#include "adapters/stores/clickhouse/clickhouse_server_test_support.h"
#include "io/testing/tcp_gate.h"
#include "ports/market_store_contract_bars.h"

namespace prom {
namespace {

using clickhouse_test::OwnDatabase;

struct ClickHouseSentences : testing::Test {
  void SetUp() override {
    if (const std::string why = clickhouse_test::why_not(); !why.empty()) GTEST_SKIP() << why;
  }
  static StoreError refused(ClickHouseOptions options) {
    auto opened = open_clickhouse_market_store(std::move(options));
    EXPECT_FALSE(opened);
    return opened ? StoreError{} : opened.error();
  }
  OwnDatabase database;
};

TEST_F(ClickHouseSentences, a_wrong_password) {
  ClickHouseOptions options = database.options();
  options.password = SecretString(std::string("wrong-word"));
  const StoreError error = refused(std::move(options));
  EXPECT_EQ(error.kind, StoreErrorKind::bad_argument);
  EXPECT_EQ(error.retry, Retry::never);
  EXPECT_NE(error.detail.find("refuses user"), std::string::npos) << error.detail;
  EXPECT_EQ(error.detail.find("wrong-word"), std::string::npos);
  EXPECT_NE(error.hint.find("CLICKHOUSE_PASSWORD"), std::string::npos);
}

TEST_F(ClickHouseSentences, a_port_where_nobody_listens) {
  std::uint16_t port = 0;
  {
    TcpGate gone(1);
    port = gone.port();
  }
  const StoreError error = refused(database.options(port));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_EQ(error.retry, Retry::after);
  EXPECT_NE(error.detail.find("cannot be reached"), std::string::npos) << error.detail;
  EXPECT_NE(error.hint.find("CLICKHOUSE_PORT"), std::string::npos);
}

TEST_F(ClickHouseSentences, a_port_where_something_else_answers) {
  TcpGate gate(database.options().port);
  gate.set(TcpGate::Mode::garbage);
  const StoreError error = refused(database.options(gate.port()));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_NE(error.detail.find("is not ClickHouse"), std::string::npos) << error.detail;
}

TEST_F(ClickHouseSentences, a_database_that_is_not_there) {
  ClickHouseOptions options = database.options();
  options.db = "nowhere";
  const StoreError error = refused(std::move(options));
  EXPECT_EQ(error.kind, StoreErrorKind::bad_argument);
  EXPECT_NE(error.detail.find("has no database nowhere"), std::string::npos) << error.detail;
}

TEST_F(ClickHouseSentences, a_schema_of_a_newer_program) {
  ASSERT_TRUE(open_clickhouse_market_store(database.options()));
  database.ask("INSERT INTO schema_version VALUES (9999, 'future')");
  const StoreError error = refused(database.options());
  EXPECT_EQ(error.kind, StoreErrorKind::version);
  EXPECT_NE(error.detail.find("schema version 9999"), std::string::npos) << error.detail;
}

TEST_F(ClickHouseSentences, an_old_server_says_its_version) {
  const TestServers servers;
  const auto port = servers.setting("CLICKHOUSE18_PORT");
  if (!port) GTEST_SKIP() << "clickhouse18 does not run: dev/servers.py up clickhouse18";
  ClickHouseOptions options;
  options.port = static_cast<std::uint16_t>(std::stoi(*port));
  options.user = servers.setting("CLICKHOUSE18_USER").value_or("");
  options.password = SecretString(servers.setting("CLICKHOUSE18_PASSWORD").value_or(""));
  StoreError error = refused(options.clone());
  EXPECT_EQ(error.kind, StoreErrorKind::version);
  EXPECT_NE(error.detail.find("is version 18."), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("24.1 or newer is needed"), std::string::npos) << error.detail;
  options.password = SecretString(std::string("wrong-word"));
  error = refused(std::move(options));
  EXPECT_NE(error.detail.find("refuses user"), std::string::npos) << error.detail;
}

TEST(ClickHouseErrors, each_exception_has_its_sentence) {
  ClickHouseOptions options;
  options.user = "u";
  options.db = "d";
  const auto of = [&](int code) { return clickhouse::error_of(options, code, "Code: N. DB::Exception: words\nstack"); };
  EXPECT_EQ(of(497).kind, StoreErrorKind::bad_argument);
  EXPECT_NE(of(497).detail.find("does not let user u"), std::string::npos);
  EXPECT_NE(of(497).hint.find("GRANT"), std::string::npos);
  EXPECT_EQ(of(164).kind, StoreErrorKind::bad_argument);
  EXPECT_EQ(of(241).kind, StoreErrorKind::full);
  EXPECT_EQ(of(243).kind, StoreErrorKind::full);
  EXPECT_EQ(clickhouse::error_of(options, 75, "Code: 75. DB::Exception: Cannot write to file: errno: 28, strerror: No space left on device").kind,
            StoreErrorKind::full);
  EXPECT_EQ(of(252).retry, Retry::after);
  EXPECT_EQ(of(159).retry, Retry::in_doubt);
  EXPECT_EQ(of(33).kind, StoreErrorKind::conflict);
  EXPECT_EQ(of(1).kind, StoreErrorKind::io);
  EXPECT_EQ(of(1).detail.find("stack"), std::string::npos) << "one line";
}

}  // namespace
}  // namespace prom
