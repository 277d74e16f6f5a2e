// One JSON object a line, fields typed, correlation by scope, level and clock as set.
#include "base/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <thread>  // det-ok: the subject of a test
#include <vector>

namespace prom {
namespace {

using namespace literals;

std::string g_lines;
void capture(std::string_view line) { g_lines += line; }
TimeNs fixed_clock() { return TimeNs{1'746'372'780'000'000'000}; }

class Log : public testing::Test {
 protected:
  void SetUp() override {
    g_lines.clear();
    set_log_sink(&capture);
  }
  void TearDown() override {
    set_log_sink(nullptr);
    set_log_clock(nullptr);
    set_log_level(LogLevel::info);
  }
};

TEST_F(Log, FieldsKeepTheirTypes) {
  set_log_clock(&fixed_clock);
  const std::string text = "a \"quoted\"\nline";
  log_event(LogLevel::warning, "order_denied",
            {{"reason", text},
             {"literal", "x"},
             {"count", -3},
             {"big", UINT64_MAX},
             {"ratio", 0.1},
             {"bad", std::numeric_limits<double>::quiet_NaN()},
             LogField::flag("paper", true),
             {"price", "65000.10"_dec}});
  EXPECT_EQ(g_lines,
            "{\"time\":\"2025-05-04T15:33:00Z\",\"level\":\"warning\",\"event\":\"order_denied\",\"reason\":\"a \\\"quoted\\\"\\nline\",\"literal\":\"x\","
            "\"count\":-3,\"big\":18446744073709551615,\"ratio\":0.1,\"bad\":null,\"paper\":true,\"price\":\"65000.1\"}\n");
}

TEST_F(Log, WithoutClockThereIsNoTime) {
  log_event(LogLevel::info, "started");
  EXPECT_EQ(g_lines, "{\"level\":\"info\",\"event\":\"started\"}\n");
}

TEST_F(Log, LevelsFilter) {
  log_event(LogLevel::debug, "hidden");
  EXPECT_EQ(g_lines, "");
  set_log_level(LogLevel::debug);
  log_event(LogLevel::debug, "seen");
  EXPECT_EQ(g_lines, "{\"level\":\"debug\",\"event\":\"seen\"}\n");
  set_log_level(LogLevel::error);
  log_event(LogLevel::warning, "hidden");
  log_event(LogLevel::error, "seen");
  EXPECT_EQ(g_lines, "{\"level\":\"debug\",\"event\":\"seen\"}\n{\"level\":\"error\",\"event\":\"seen\"}\n");
}

TEST_F(Log, CorrelationFollowsTheScope) {
  {
    const LogCorrelation outer("req-1");
    {
      const LogCorrelation inner("req-2");
      log_event(LogLevel::info, "a");
    }
    log_event(LogLevel::info, "b");
  }
  log_event(LogLevel::info, "c");
  EXPECT_EQ(g_lines,
            "{\"level\":\"info\",\"event\":\"a\",\"correlation_id\":\"req-2\"}\n"
            "{\"level\":\"info\",\"event\":\"b\",\"correlation_id\":\"req-1\"}\n"
            "{\"level\":\"info\",\"event\":\"c\"}\n");
}

// Lines of several threads arrive whole, each with its own thread's correlation id (under ThreadSanitizer as well).
TEST_F(Log, ThreadsDoNotMix) {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  std::vector<std::thread> threads;  // det-ok: the subject of this test
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([t] {
      const std::string id = "thread-" + std::to_string(t);
      const LogCorrelation correlation(id);
      for (int i = 0; i < kLines; ++i) log_event(LogLevel::info, "tick", {{"thread", t}});
    });
  }
  for (auto& thread : threads) thread.join();
  std::map<std::string, int> counts;
  std::istringstream in(g_lines);
  for (std::string line; std::getline(in, line);) ++counts[line];
  ASSERT_EQ(counts.size(), static_cast<std::size_t>(kThreads));
  for (int t = 0; t < kThreads; ++t) {
    const std::string n = std::to_string(t);
    EXPECT_EQ(counts["{\"level\":\"info\",\"event\":\"tick\",\"correlation_id\":\"thread-" + n + "\",\"thread\":" + n + "}"], kLines);
  }
}

static_assert(!std::is_constructible_v<LogField, std::string_view, bool>);
static_assert(!std::is_constructible_v<LogField, std::string_view, int*>);

}  // namespace
}  // namespace prom
