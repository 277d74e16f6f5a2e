// How TLS is used in each POSTGRES_SSL_MODE, on a server that lets nobody in without it (PostgreSQL 15 of dev/servers.py; its certificate is for the name localhost), and what a person
// reads where it fails.
#include <array>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/pg_pool.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "io/testing/tcp_gate.h"

namespace prom {
namespace {

using namespace std::chrono_literals;

struct PostgresTls : testing::Test {
  void SetUp() override {
    if (!postgres_test::servers().setting("POSTGRES15_PORT")) GTEST_SKIP() << postgres_test::servers().why_not("postgres15");
  }
  static std::string setting(const char* name) { return postgres_test::servers().setting(name).value_or(""); }
  static PostgresOptions options(const std::string& mode, const std::string& host = "localhost") {
    PostgresOptions out;
    out.host = host;
    out.port = static_cast<std::uint16_t>(std::stoi(setting("POSTGRES15_PORT")));
    out.user = "prometheus";
    out.password = SecretString(setting("POSTGRES15_PASSWORD"));
    out.db = "postgres";
    out.ssl_mode = mode;
    out.ssl_root_cert = setting("POSTGRES15_CA");
    out.schema = "tls_test";
    return out;
  }
  /// "TLSv1.3" and the like, as the server sees the session; else why there is none.
  static std::string session(const PostgresOptions& options) {
    auto connection = postgres::PgConnection::open(options);
    if (!connection) return connection.error().detail;
    const auto rows = (*connection)->ask("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    return rows && !rows->empty() ? rows->front().front().value_or("no TLS") : "no answer";
  }
  static void expect_refused(const PostgresOptions& options, const std::string& detail, const std::string& hint) {
    const auto opened = open_postgres_ledger(options.clone());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, StoreErrorKind::bad_argument);
    EXPECT_EQ(opened.error().retry, Retry::never);
    EXPECT_EQ(opened.error().detail, detail);
    EXPECT_EQ(opened.error().hint, hint);
    EXPECT_EQ((opened.error().detail + opened.error().hint).find(setting("POSTGRES15_PASSWORD")), std::string::npos);
  }
  static std::string place(const std::string& host = "localhost") { return "PostgreSQL at " + host + ":" + setting("POSTGRES15_PORT"); }
};

TEST_F(PostgresTls, EveryModeButDisableReachesAServerThatSpeaksNothingElse) {
  for (const char* mode : {"allow", "prefer", "require", "verify-ca", "verify-full"}) EXPECT_TRUE(session(options(mode)).starts_with("TLSv1.")) << mode;
  expect_refused(options("disable"), place() + " lets user prometheus in with TLS only, or not at all",
                 "set POSTGRES_SSL_MODE=verify-full; else the server's pg_hba.conf needs a line for it");
}

TEST_F(PostgresTls, TheLedgerWorksOverIt) {
  const auto ledger = open_postgres_ledger(options("verify-full"));
  ASSERT_TRUE(ledger) << ledger.error().detail;
  const auto users = (*ledger)->users();
  EXPECT_TRUE(users) << users.error().detail;
}

TEST_F(PostgresTls, APoolUsesItsConnectionsAgain) {
  postgres::PgPool pool(std::make_shared<PostgresOptions>(options("verify-full")), 2);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.read("SELECT 1", {}, 5s));
  EXPECT_EQ(pool.counts().opened, 1U) << "what TLS itself sends is not taken for the end";
}

TEST_F(PostgresTls, AStrangersCertificateIsRefusedByBothThatVerify) {
  for (const char* mode : {"verify-ca", "verify-full"}) {
    PostgresOptions stranger = options(mode);
    stranger.ssl_root_cert = setting("POSTGRES15_STRANGER");
    expect_refused(stranger, "the certificate of " + place() + " is not signed by an authority of " + stranger.ssl_root_cert,
                   "check POSTGRES_HOST, and POSTGRES_SSL_ROOT_CERT");
  }
}

TEST_F(PostgresTls, AnotherNameIsRefusedByVerifyFullAlone) {
  EXPECT_TRUE(session(options("verify-ca", "127.0.0.1")).starts_with("TLSv1."));
  expect_refused(options("verify-full", "127.0.0.1"), "the certificate of " + place("127.0.0.1") + " is for another name",
                 "set POSTGRES_HOST to the name in the certificate, or POSTGRES_SSL_MODE=verify-ca");
}

TEST_F(PostgresTls, AnAuthorityThatIsMissingOrUnreadableIsNamed) {
  PostgresOptions missing = options("verify-full");
  missing.ssl_root_cert = "/nowhere/ca.crt";
  expect_refused(missing, "POSTGRES_SSL_MODE=verify-full needs the certificate of the server's authority, and there is no /nowhere/ca.crt",
                 "name its file in POSTGRES_SSL_ROOT_CERT");
  PostgresOptions other = options("verify-ca");
  other.ssl_root_cert = "/proc/version";
  expect_refused(other, "the certificate of the server's authority cannot be read from /proc/version", "name a file in PEM form in POSTGRES_SSL_ROOT_CERT");
}

TEST_F(PostgresTls, AWrongPasswordIsSaidWhateverTheMode) {
  for (const char* mode : {"allow", "prefer", "require", "verify-ca", "verify-full"}) {
    PostgresOptions wrong = options(mode);
    wrong.password = SecretString(std::string("mistyped"));
    expect_refused(wrong, place() + " refuses the password of user prometheus", "check POSTGRES_USER and POSTGRES_PASSWORD");
  }
}

TEST_F(PostgresTls, AHandshakeThatIsCutOffIsAMomentsTrouble) {
  for (const char* mode : {"require", "verify-full"}) {
    TcpGate gate(static_cast<std::uint16_t>(std::stoi(setting("POSTGRES15_PORT"))));
    PostgresOptions through = options(mode);
    through.port = gate.port();
    gate.trap(std::string("\x16\x03\x01"), TcpGate::Mode::cut);  // the record in which a client greets
    const auto cut = postgres::PgConnection::open(through);
    ASSERT_FALSE(cut) << mode;
    EXPECT_TRUE(gate.sprung()) << mode;
    EXPECT_EQ(cut.error().kind, StoreErrorKind::away) << mode << ": " << cut.error().detail;
    EXPECT_EQ(cut.error().retry, Retry::after) << mode;
    gate.set(TcpGate::Mode::pass);
    EXPECT_TRUE(session(through).starts_with("TLSv1.")) << mode;
  }
}

TEST_F(PostgresTls, AServerWithoutTlsIsRefusedByWhoeverAsksForIt) {
  if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
  const std::string db = postgres_test::servers().setting("POSTGRES_DB").value_or("");
  for (const char* mode : {"disable", "allow", "prefer"}) {
    PostgresOptions plain = postgres_test::options(db);
    plain.ssl_mode = mode;
    EXPECT_EQ(session(plain), "no TLS") << mode;
  }
  for (const char* mode : {"require", "verify-ca", "verify-full"}) {
    PostgresOptions plain = postgres_test::options(db);
    plain.ssl_mode = mode;
    plain.ssl_root_cert = setting("POSTGRES15_CA");
    expect_refused(plain, postgres::place_of(plain) + " does not speak TLS and POSTGRES_SSL_MODE=" + mode + " asks for it",
                   "set POSTGRES_SSL_MODE=prefer, or switch ssl on in the server");
  }
}

}  // namespace
}  // namespace prom
