// The log file as another program reads it: one object a line, levels, times, correlation.
#include "app/logging/logging.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace prom {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Logging, WritesJsonLinesToAFileThatOnlyItsOwnerReads) {
  const std::string path = testing::TempDir() + "prom_logging_test.log";
  std::filesystem::remove(path);
  ASSERT_TRUE(start_logging({LogLevel::info, path}).has_value());
  log_event(LogLevel::debug, "hidden");
  {
    const LogCorrelation scope("run-7");
    log_event(LogLevel::warning, "order_sent", {{"symbol", "BTC\"USDT"}, {"count", 3}});
  }
  stop_logging();
  const std::string text = read_all(path);
  const std::regex expected(
      R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z","level":"warning","event":"order_sent","correlation_id":"run-7","symbol":"BTC\\"USDT","count":3\}\n)");
  EXPECT_TRUE(std::regex_match(text, expected)) << text;
  struct stat info{};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  std::filesystem::remove(path);
}

TEST(Logging, AFileThatCannotBeOpenedIsOneSentence) {
  const auto started = start_logging({LogLevel::info, "/nonexistent/folder/x.log"});
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, "log_file");
  EXPECT_EQ(started.error().message, "cannot open the log file /nonexistent/folder/x.log: No such file or directory");
}

}  // namespace
}  // namespace prom
