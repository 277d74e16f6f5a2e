// Order of the phases, the timeout and the report; signals are in shutdown_signal_test.cpp.
#include "app/shutdown/shutdown.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <csignal>
#include <future>
#include <latch>
#include <stdexcept>
#include <thread>

namespace prom {
namespace {

std::unique_ptr<ShutdownManager> installed(DurationNs timeout = 30 * kSecond) {
  auto manager = ShutdownManager::install({.timeout = timeout});
  EXPECT_TRUE(manager.has_value());
  return std::move(*manager);
}

StopComponent noting(std::vector<std::string>& order, std::string name) {
  return [&order, name = std::move(name)]() -> Result<void, Error> {
    order.push_back(name);
    return {};
  };
}

TEST(Shutdown, PhasesInOrderWhateverTheOrderOfAdding) {
  auto manager = installed();
  std::vector<std::string> order;
  manager->add(ShutdownPhase::close_stores, "journal", noting(order, "journal"));
  manager->add(ShutdownPhase::stop_intake, "feed", noting(order, "feed"));
  manager->add(ShutdownPhase::flush, "projector", noting(order, "projector"));
  manager->add(ShutdownPhase::settle_orders, "dispatcher", noting(order, "dispatcher"));
  manager->add(ShutdownPhase::close_stores, "ledger", noting(order, "ledger"));
  manager->add(ShutdownPhase::stop_intake, "http", noting(order, "http"));
  const ShutdownReport report = manager->run();
  EXPECT_EQ(report.outcome, ShutdownReport::Outcome::clean);
  EXPECT_EQ(order, (std::vector<std::string>{"feed", "http", "dispatcher", "projector", "journal", "ledger"}));
  ASSERT_EQ(report.steps.size(), 6U);
  EXPECT_EQ(report.steps[2].phase, ShutdownPhase::settle_orders);
  EXPECT_EQ(report.steps[2].component, "dispatcher");
  EXPECT_EQ(manager->exit_code(report), 0);
  EXPECT_EQ(manager->exit_code(report, 1), 1);
}

TEST(Shutdown, NothingToStopIsClean) {
  auto manager = installed();
  EXPECT_EQ(manager->run().outcome, ShutdownReport::Outcome::clean);
}

TEST(Shutdown, HangingComponentIsNamedAndTheRestListed) {
  std::promise<void> let_go;
  std::latch ended(1);
  std::atomic<bool> later_ran = false;
  {
    auto manager = installed(50 * kMillisecond);
    manager->add(ShutdownPhase::stop_intake, "feed", []() -> Result<void, Error> { return {}; });
    manager->add(ShutdownPhase::flush, "projector", [&]() -> Result<void, Error> {
      let_go.get_future().wait();
      return {};
    });
    manager->add(ShutdownPhase::close_stores, "ledger", [&]() -> Result<void, Error> {
      later_ran = true;
      ended.count_down();
      return {};
    });
    const ShutdownReport report = manager->run();
    EXPECT_EQ(report.outcome, ShutdownReport::Outcome::timed_out);
    ASSERT_TRUE(report.stuck);
    EXPECT_EQ(report.stuck->component, "projector");
    EXPECT_EQ(report.stuck->phase, ShutdownPhase::flush);
    EXPECT_EQ(report.steps.size(), 1U);
    EXPECT_EQ(report.not_reached, std::vector<std::string>{"ledger"});
    EXPECT_EQ(manager->exit_code(report), 7);
    const std::string text = report.describe();
    EXPECT_NE(text.find("projector (phase: flush batches and streams)"), std::string::npos) << text;
    EXPECT_NE(text.find("not reached: ledger"), std::string::npos) << text;
    EXPECT_FALSE(later_ran);
  }
  // The helper outlives the manager without touching it.
  let_go.set_value();
  ended.wait();
  EXPECT_TRUE(later_ran);
}

TEST(Shutdown, FailureIsReportedAndTheOthersStillRun) {
  auto manager = installed();
  std::vector<std::string> order;
  manager->add(ShutdownPhase::flush, "stream", []() -> Result<void, Error> { return err(Error{"disk_full", "no space left for 3 frames", ""}); });
  manager->add(ShutdownPhase::flush, "batches", []() -> Result<void, Error> { throw std::runtime_error("lost connection"); });
  manager->add(ShutdownPhase::close_stores, "ledger", noting(order, "ledger"));
  const ShutdownReport report = manager->run();
  EXPECT_EQ(report.outcome, ShutdownReport::Outcome::failed);
  EXPECT_EQ(order, std::vector<std::string>{"ledger"});
  EXPECT_EQ(report.steps.at(0).failure->code, "disk_full");
  EXPECT_EQ(report.steps.at(1).failure->code, "shutdown_exception");
  const std::string text = report.describe();
  EXPECT_NE(text.find("stream (phase: flush batches and streams): no space left for 3 frames"), std::string::npos) << text;
  EXPECT_NE(text.find("lost connection"), std::string::npos) << text;
  EXPECT_EQ(manager->exit_code(report), 7);
}

TEST(Shutdown, RequestWakesEveryWaiter) {
  auto manager = installed();
  EXPECT_FALSE(manager->requested());
  EXPECT_FALSE(manager->wait_for(1 * kMillisecond));
  std::latch waiting(3);
  std::vector<std::jthread> waiters;
  std::atomic<int> woken = 0;
  for (int i = 0; i < 3; ++i) {
    waiters.emplace_back([&] {
      waiting.count_down();
      if (manager->wait_for(kMinute)) ++woken;
    });
  }
  waiting.wait();
  manager->request();
  waiters.clear();
  EXPECT_EQ(woken, 3);
  EXPECT_TRUE(manager->requested());
  EXPECT_FALSE(manager->signal());
  pollfd readable{manager->wake_descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&readable, 1, 0), 1);
}

TEST(Shutdown, GivesTheSignalsBack) {
  struct sigaction before = {}, during = {}, after = {};
  ::sigaction(SIGINT, nullptr, &before);
  {
    auto manager = installed();
    ::sigaction(SIGINT, nullptr, &during);
  }
  ::sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  EXPECT_NE(before.sa_handler, during.sa_handler);
  auto again = installed();
  EXPECT_FALSE(again->requested());
}

}  // namespace
}  // namespace prom
