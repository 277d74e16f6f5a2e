// PostgreSQL behind a network that misbehaves and killed with -9 in the middle of projecting: nothing lost, nothing doubled; and its refusals as sentences.
#include <thread>

#include "adapters/stores/postgres_ledger/postgres_ledger.h"
#include "adapters/stores/postgres_link/postgres_server_test_support.h"
#include "base/prng.h"
#include "io/testing/tcp_gate.h"
#include "ports/ledger_contract_checks.h"
#include "ports/ledger_contract_stream.h"

namespace prom {
namespace {

using namespace std::chrono_literals;
using ledger_contract::expect_all;
using ledger_contract::Stream;
using postgres_test::OwnDatabase;

struct PostgresFaults : testing::Test {
  void SetUp() override {
    if (const std::string why = postgres_test::why_not(); !why.empty()) GTEST_SKIP() << why;
    database = std::make_unique<OwnDatabase>();
    gate = std::make_unique<TcpGate>(database->options().port);
  }
  std::unique_ptr<Ledger> open(PostgresOptions options) {
    options.timeout = 1000ms;
    auto opened = open_postgres_ledger(std::move(options));
    EXPECT_TRUE(opened) << opened.error().detail;
    return opened ? *std::move(opened) : nullptr;
  }
  /// Gives the batch until it is taken, as the projector does; every refusal must allow that.
  static void project_at_last(Ledger& ledger, std::span<const RecordedFrame> frames) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < until) {
      const auto projected = ledger.project(frames);
      if (projected) return;
      ASSERT_EQ(projected.error().retry, Retry::after) << projected.error().detail;
      std::this_thread::sleep_for(20ms);
    }
    FAIL() << "not taken within 30 s";
  }
  std::unique_ptr<OwnDatabase> database;
  std::unique_ptr<TcpGate> gate;
};

TEST_F(PostgresFaults, ABadNetworkNeitherLosesNorDoubles) {
  for (const auto mode : {TcpGate::Mode::cut, TcpGate::Mode::half_open, TcpGate::Mode::deaf, TcpGate::Mode::garbage, TcpGate::Mode::late}) {
    SCOPED_TRACE(static_cast<int>(mode));
    database = std::make_unique<OwnDatabase>();
    const auto ledger = open(database->options(gate->port()));
    ASSERT_TRUE(ledger);
    Stream stream(20 + static_cast<std::uint64_t>(mode));
    Xoshiro256pp random(7);
    std::jthread weather([&] {
      for (int squall = 0; squall < 12; ++squall) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10 + random.below(80)));
        gate->set(mode);
        std::this_thread::sleep_for(50ms);
        gate->set(TcpGate::Mode::pass);
        if (mode != TcpGate::Mode::late) gate->cut_now();
      }
    });
    for (int batch = 0; batch < 40; ++batch) project_at_last(*ledger, stream.take(10));
    weather.join();
    gate->set(TcpGate::Mode::pass);
    const auto fresh = open(database->options());
    ASSERT_TRUE(fresh);
    EXPECT_EQ(fresh->applied_seq(), 400U);
    expect_all(*fresh, stream.expected());
  }
}

/// A ledger through the gate with 30 frames in it, 30 more to come, and a look past the gate.
struct PostgresCommits : PostgresFaults {
  void SetUp() override {
    PostgresFaults::SetUp();
    if (IsSkipped()) return;
    ledger = open(database->options(gate->port()));
    direct = open(database->options());
    ASSERT_TRUE(ledger && direct);
    ASSERT_TRUE(ledger->project(stream.take(30)));
    before = stream.expected();
    frames = stream.take(30);
  }
  void recover() const {
    gate->set(TcpGate::Mode::pass);
    gate->cut_now();
  }
  Stream stream{30};
  ledger_contract::Expected before;
  std::vector<RecordedFrame> frames;
  std::unique_ptr<Ledger> ledger, direct;
};

TEST_F(PostgresCommits, OneThatWasDoneThoughItsAnswerIsLostIsFoundByAsking) {
  gate->trap("COMMIT", TcpGate::Mode::deaf);
  std::jthread network([&] {
    while (direct->applied_seq().value_or(0) != 60) std::this_thread::sleep_for(2ms);
    recover();
  });
  const auto projected = ledger->project(frames);
  EXPECT_TRUE(projected) << projected.error().detail;
  network.join();
  expect_all(*direct, stream.expected());
}

TEST_F(PostgresCommits, OneThatWasDoneAndCannotBeAskedForCountsOnceWhenGivenAgain) {
  gate->trap("COMMIT", TcpGate::Mode::deaf);
  const auto projected = ledger->project(frames);
  ASSERT_FALSE(projected);
  EXPECT_EQ(projected.error().kind, StoreErrorKind::away);
  EXPECT_EQ(projected.error().retry, Retry::after);
  EXPECT_EQ(direct->applied_seq(), 60U) << "it was done all the same";
  recover();
  project_at_last(*ledger, frames);
  EXPECT_EQ(ledger->applied_seq(), 60U);
  expect_all(*direct, stream.expected());
}

TEST_F(PostgresCommits, OneThatNeverArrivedIsNotTakenForDone) {
  gate->trap("COMMIT", TcpGate::Mode::half_open);
  std::jthread network([&] {
    while (!gate->sprung()) std::this_thread::sleep_for(2ms);  // earlier it would be the batch that is lost
    std::this_thread::sleep_for(100ms);
    recover();
  });
  const auto projected = ledger->project(frames);
  network.join();
  ASSERT_FALSE(projected);
  EXPECT_EQ(projected.error().detail, "ledger: the commit was lost");
  EXPECT_EQ(direct->applied_seq(), 30U);
  expect_all(*direct, before);
  ASSERT_TRUE(ledger->project(frames));
  expect_all(*direct, stream.expected());
}

TEST_F(PostgresFaults, KilledInTheMiddleItLosesNothingThatWasTaken) {
  const auto ledger = open(database->options());
  ASSERT_TRUE(ledger);
  Stream stream(40);
  std::atomic<bool> stop = false;
  std::jthread killer([&] {
    for (int i = 0; i < 3 && !stop; ++i) {
      std::this_thread::sleep_for(150ms);
      EXPECT_EQ(postgres_test::servers().command("kill postgres"), 0);
      EXPECT_EQ(postgres_test::servers().command("up postgres"), 0);
    }
    stop = true;
  });
  std::uint64_t last = 0;
  for (int batch = 0; batch < 400 && !stop; ++batch) {
    const auto frames = stream.take(10);
    project_at_last(*ledger, frames);
    last = frames.back().seq;
  }
  killer.join();
  const auto fresh = open(database->options());
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->applied_seq(), last);
  EXPECT_GT(last, 50U);
  expect_all(*fresh, stream.expected());
}

TEST_F(PostgresFaults, AwayIsToldInTime) {
  const auto ledger = open(database->options(gate->port()));
  ASSERT_TRUE(ledger);
  gate->set(TcpGate::Mode::half_open);
  const auto started = std::chrono::steady_clock::now();
  const auto users = ledger->users();
  ASSERT_FALSE(users);
  EXPECT_EQ(users.error().kind, StoreErrorKind::away);
  EXPECT_EQ(users.error().retry, Retry::after);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s) << "connecting has 2 s, a statement 1 s and a quarter";
  gate->set(TcpGate::Mode::pass);
  gate->cut_now();
  std::this_thread::sleep_for(100ms);
  auto again = ledger->users();
  if (!again) again = ledger->users();  // the first may find the connection that has just been cut
  EXPECT_TRUE(again) << again.error().detail;
}

struct PostgresSentences : PostgresFaults {
  static StoreError refused(PostgresOptions options) {
    options.timeout = 2000ms;
    const auto opened = open_postgres_ledger(std::move(options));
    EXPECT_FALSE(opened);
    return opened ? StoreError{} : opened.error();
  }
};

TEST_F(PostgresSentences, WrongPasswordUserAndDatabase) {
  PostgresOptions wrong = database->options();
  wrong.password = SecretString(std::string("it's \\ wrong"));
  const StoreError password = refused(std::move(wrong));
  EXPECT_TRUE(password.detail.ends_with(" refuses the password of user prometheus")) << password.detail;
  EXPECT_EQ(password.retry, Retry::never);
  EXPECT_EQ((password.detail + password.hint).find("wrong"), std::string::npos);
  PostgresOptions none = database->options();
  none.password = SecretString();
  EXPECT_TRUE(refused(std::move(none)).detail.ends_with(" asks for a password and none is set"));
  PostgresOptions nowhere = database->options();
  nowhere.db = "nowhere";
  EXPECT_TRUE(refused(std::move(nowhere)).detail.ends_with(" has no database nowhere"));
}

TEST_F(PostgresSentences, WrongPort) {
  std::uint16_t closed = 0;
  {
    closed = TcpGate(1).port();
  }
  const StoreError error = refused(database->options(closed));
  EXPECT_EQ(error.kind, StoreErrorKind::away);
  EXPECT_NE(error.detail.find(" cannot be reached: "), std::string::npos) << error.detail;
  gate->set(TcpGate::Mode::garbage);
  const StoreError garbage = refused(database->options(gate->port()));
  EXPECT_NE(garbage.detail.find("does not speak PostgreSQL's protocol"), std::string::npos) << garbage.detail;
}

TEST_F(PostgresSentences, NoRights) {
  OwnDatabase::admin("DROP ROLE IF EXISTS reader");
  OwnDatabase::admin("CREATE ROLE reader LOGIN PASSWORD 'pw'");
  PostgresOptions reader = database->options();
  reader.user = "reader";
  reader.password = SecretString(std::string("pw"));
  const StoreError error = refused(std::move(reader));
  EXPECT_EQ(error.kind, StoreErrorKind::bad_argument) << error.detail;
  EXPECT_NE(error.detail.find("permission denied for schema public"), std::string::npos) << error.detail;
  EXPECT_EQ(error.hint, "give user reader the right");
  OwnDatabase::admin("DROP ROLE reader");
}

TEST_F(PostgresSentences, NoRightToConnectAndNoConnectionLeft) {
  const std::string db = database->options().db;
  OwnDatabase::admin("DROP ROLE IF EXISTS guest");
  OwnDatabase::admin("CREATE ROLE guest LOGIN PASSWORD 'pw'");
  OwnDatabase::admin("REVOKE CONNECT ON DATABASE " + db + " FROM PUBLIC");
  PostgresOptions guest = database->options();
  guest.user = "guest";
  guest.password = SecretString(std::string("pw"));
  const StoreError barred = refused(guest.clone());
  EXPECT_EQ(barred.retry, Retry::never);
  EXPECT_TRUE(barred.detail.ends_with(" gives user guest no right to connect to database " + db)) << barred.detail;
  OwnDatabase::admin("GRANT CONNECT ON DATABASE " + db + " TO guest");
  OwnDatabase::admin("ALTER ROLE guest CONNECTION LIMIT 0");
  const StoreError crowded = refused(guest.clone());
  EXPECT_EQ(crowded.retry, Retry::after) << "others may go";
  EXPECT_NE(crowded.detail.find(" has no connection left for user guest: "), std::string::npos) << crowded.detail;
  OwnDatabase::admin("REVOKE CONNECT ON DATABASE " + db + " FROM guest");
  OwnDatabase::admin("DROP ROLE guest");
}

TEST_F(PostgresSentences, ASchemaOfANewerProgram) {
  ASSERT_TRUE(open(database->options()));
  auto connection = postgres::PgConnection::open(database->options());
  ASSERT_TRUE(connection);
  ASSERT_TRUE((*connection)->script("INSERT INTO schema_version (version, name) VALUES (99, 'later')"));
  const StoreError error = refused(database->options());
  EXPECT_EQ(error.kind, StoreErrorKind::version);
  EXPECT_TRUE(error.detail.starts_with("the ledger's schema is at version 99 and this program knows ")) << error.detail;
}

}  // namespace
}  // namespace prom
